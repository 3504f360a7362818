# Outputs that hold the flake itself, functions of it and overlays: flake-parts hands them on as they are.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    inputs@{ self, ... }:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ ./overlays.nix ];
      systems = [ "x86_64-linux" ];
      flake = {
        inherit self;
        lib = inputs.nixpkgs.lib.extend self.overlays.lib;
        site = self.lib.evalModules {
          modules = [
            ./site.nix
            { inherit (self) self lib; }
          ];
        };
        hosts.weir = self.site.config.host { modules = [ ./weir.nix ]; };
        nixosConfigurations = builtins.mapAttrs (
          _: host:
          self.lib.nixosSystem {
            inherit (host) specialArgs;
            modules = host.modules ++ [ inputs.sops-nix.nixosModules.sops ];
          }
        ) self.hosts;
      };
    };
}
