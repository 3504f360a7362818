{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.agenix.url = "github:ryantm/agenix";

  outputs =
    {
      nixpkgs,
      sops-nix,
      agenix,
      ...
    }:
    {
      nixosConfigurations.harbour = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          sops-nix.nixosModules.sops
          ./harbour.nix
          ./modules/mail.nix
        ];
        specialArgs = { inherit sops-nix agenix; };
      };
    };
}
