{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.sops-nix.url = "github:Mic92/sops-nix";

  outputs =
    { nixpkgs, sops-nix, ... }:
    {
      nixosConfigurations.harbour = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          sops-nix.nixosModules.sops
          ./hosts/harbour.nix
          ./modules/mirror.nix
        ];
      };
    };
}
