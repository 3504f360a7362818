# Names of systems that an input and `lib` give.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
    systems.url = "github:nix-systems/default-linux";
    only = {
      url = "github:nix-systems/aarch64-linux";
      flake = false;
    };
    own-systems.url = "github:someone/systems";
  };

  outputs =
    {
      self,
      nixpkgs,
      systems,
      ...
    }@inputs:
    let
      inherit (nixpkgs) lib;
      eachSystem = lib.genAttrs (import systems);
      host =
        system:
        lib.nixosSystem {
          inherit system;
          specialArgs = { inherit inputs; };
          modules = [
            inputs.sops-nix.nixosModules.sops
            ./host.nix
            (
              { pkgs, ... }:
              {
                networking.hostName = pkgs.stdenv.hostPlatform.system;
                imports = lib.optional (lib.elem system lib.platforms.linux) { sops.secrets.linux = { }; };
              }
            )
          ];
        };
    in
    {
      devShells = eachSystem (system: { });
      nixosConfigurations =
        lib.mapAttrs' (system: _: lib.nameValuePair "host-${system}" (host system)) self.devShells
        // lib.genAttrs (import "${inputs.only}") (system: host system);
      unknown = import inputs.own-systems;
    };
}
