# NixOS from its list of modules, and a package set that is its own source.
{
  inputs = {
    nixpkgs.url = "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz";
    sops-nix.url = "github:Mic92/sops-nix";
  };

  outputs =
    { nixpkgs, sops-nix, ... }:
    let
      instance = import nixpkgs { system = "x86_64-linux"; } // nixpkgs.sourceInfo;
      inherit (instance) lib;
    in
    {
      nixosConfigurations.desk = lib.evalModules {
        specialArgs.modulesPath = "${instance}/nixos/modules";
        modules = [
          sops-nix.nixosModules.sops
          {
            networking.hostName = "desk";
            services.openssh.enable = true;
            sops.defaultSopsFile = ./secrets.yaml;
            sops.secrets.token.neededForUsers = true;
          }
        ]
        ++ import "${instance}/nixos/modules/module-list.nix";
      };
    };
}
