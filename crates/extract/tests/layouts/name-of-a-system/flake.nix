# Names and files that follow from what NixOS calls a system.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
    home-manager.url = "github:nix-community/home-manager";
  };

  outputs =
    {
      self,
      nixpkgs,
      home-manager,
      sops-nix,
    }:
    let
      inherit (nixpkgs) lib;
      users = "${./users}";
      home =
        user: host:
        let
          own = "${users}/${user}/${host.config.system.name}";
        in
        home-manager.lib.homeManagerConfiguration {
          pkgs = nixpkgs.legacyPackages.x86_64-linux;
          modules = [
            sops-nix.homeManagerModules.sops
            "${users}/${user}"
            {
              home.username = user;
              home.homeDirectory = "/home/${user}";
            }
          ]
          ++ lib.optional (builtins.pathExists own) own;
        };
    in
    {
      nixosConfigurations.desk = lib.nixosSystem {
        modules = [
          sops-nix.nixosModules.sops
          (
            { config, ... }:
            {
              networking.hostName = "desk";
              users.users.alice.isNormalUser = true;
              sops.secrets."${config.networking.fqdnOrHostName}/token".sopsFile = ./secrets.yaml;
            }
          )
        ];
      };
      homeConfigurations.alice = home "alice" self.nixosConfigurations.desk;
    };
}
