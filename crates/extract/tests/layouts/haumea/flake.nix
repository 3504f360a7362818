{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    haumea.url = "github:nix-community/haumea";
    agenix.url = "github:ryantm/agenix";
  };
  outputs =
    {
      self,
      nixpkgs,
      haumea,
      agenix,
    }:
    let
      modules = haumea.lib.load {
        src = ./modules;
        loader = haumea.lib.loaders.path;
      };
      owners = haumea.lib.load {
        src = ./owners;
        inputs = { inherit (nixpkgs) lib; };
      };
    in
    {
      nixosConfigurations.reef = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit owners; };
        modules = [
          agenix.nixosModules.default
          modules.services.metrics
        ];
      };
    };
}
