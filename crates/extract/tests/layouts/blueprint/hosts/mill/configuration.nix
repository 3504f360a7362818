{ inputs, flake, ... }:
{
  imports = [
    inputs.sops-nix.nixosModules.sops
    flake.nixosModules.grinder
  ];
  nixpkgs.hostPlatform = "x86_64-linux";
}
