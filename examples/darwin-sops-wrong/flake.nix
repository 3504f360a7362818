{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
    nix-darwin.url = "github:nix-darwin/nix-darwin";
    home-manager.url = "github:nix-community/home-manager";
    sops-nix.url = "github:Mic92/sops-nix";
  };

  outputs =
    {
      nix-darwin,
      home-manager,
      sops-nix,
      ...
    }:
    {
      darwinConfigurations.mac = nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        modules = [
          sops-nix.darwinModules.sops
          home-manager.darwinModules.home-manager
          ./darwin-configuration.nix
        ];
      };
    };
}
