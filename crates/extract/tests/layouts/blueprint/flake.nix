{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    blueprint.url = "github:numtide/blueprint";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs = inputs: inputs.blueprint { inherit inputs; };
}
