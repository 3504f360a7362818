{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    colmena.url = "github:zhaofengli/colmena";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      self,
      nixpkgs,
      colmena,
      sops-nix,
      ...
    }:
    {
      colmenaHive = colmena.lib.makeHive {
        meta.nixpkgs = import nixpkgs { system = "x86_64-linux"; };
        defaults = {
          imports = [ sops-nix.nixosModules.sops ];
          sops.defaultSopsFile = ./secrets.yaml;
        };
        north =
          { name, ... }:
          {
            deployment.targetHost = "north.example.org";
            sops.secrets."${name}/key" = { };
          };
      };
      nixosConfigurations = self.colmenaHive.nodes // {
        installer = nixpkgs.lib.nixosSystem {
          modules = [
            sops-nix.nixosModules.sops
            { sops.secrets.token.sopsFile = ./installer.yaml; }
          ];
        };
      };
    };
}
