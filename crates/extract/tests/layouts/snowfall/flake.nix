{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    snowfall-lib.url = "github:snowfallorg/lib";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    inputs:
    inputs.snowfall-lib.mkFlake {
      inherit inputs;
      src = ./.;
      snowfall.namespace = "frost";
      systems.modules.nixos = [ inputs.sops-nix.nixosModules.sops ];
    };
}
