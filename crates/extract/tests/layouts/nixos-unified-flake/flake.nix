# A flake that is nothing but what nixos-unified makes of its folders.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    nixos-unified.url = "github:srid/nixos-unified";
    sops-nix.url = "github:Mic92/sops-nix";
  };

  outputs =
    inputs:
    inputs.nixos-unified.lib.mkFlake {
      inherit inputs;
      systems = [ "x86_64-linux" ];
      root = ./.;
    };
}
