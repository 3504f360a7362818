{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    colmena.url = "github:zhaofengli/colmena";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      nixpkgs,
      colmena,
      sops-nix,
      ...
    }:
    {
      colmenaHive = colmena.lib.makeHive {
        meta = {
          nixpkgs = import nixpkgs { system = "x86_64-linux"; };
          specialArgs.team = "ops";
          nodeSpecialArgs.north.team = "night";
        };
        defaults =
          { team, ... }:
          {
            imports = [ sops-nix.nixosModules.sops ];
            sops.defaultSopsFile = ./secrets.yaml;
            sops.secrets.pager.group = team;
            users.groups.${team} = { };
          };
        north =
          { name, nodes, ... }:
          {
            sops.secrets."${name}/key" = { };
          };
        south = { };
      };
    };
}
