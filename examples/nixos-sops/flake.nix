{
  description = "A desktop with two secrets for MCP servers and one for a service";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    sops-nix.url = "github:Mic92/sops-nix";
    mcp-home-manager.url = "github:lewisflude/mcp-home-manager";
  };

  outputs =
    {
      nixpkgs,
      home-manager,
      sops-nix,
      mcp-home-manager,
      ...
    }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs.username = "alice";
        modules = [
          sops-nix.nixosModules.sops
          home-manager.nixosModules.home-manager
          ./secrets.nix
          ./indexer.nix
          (
            { username, ... }:
            {
              users.users.${username}.isNormalUser = true;
              home-manager.users.${username} = {
                imports = [
                  mcp-home-manager.homeManagerModules.default
                  ./mcp.nix
                ];
              };
            }
          )
        ];
      };
    };
}
