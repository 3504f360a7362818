{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    system-manager.url = "github:numtide/system-manager";
    system-manager.inputs.nixpkgs.follows = "nixpkgs";
    sops-nix.url = "github:Mic92/sops-nix";
  };

  outputs =
    inputs@{ nixpkgs, system-manager, ... }:
    let
      make = name: { inherit name; value = system-manager.lib.makeSystemConfig {
        specialArgs = { inherit name; };
        modules = [ ./system.nix ];
      }; };
    in
    {
      systemConfigs = builtins.listToAttrs (map make [ "server" ]) // {
        old = inputs.system-manager.lib.makeSystemConfig {
          system = "x86_64-linux";
          extraSpecialArgs.name = "old";
          modules = [ { _class = "nixos"; imports = [ ./system.nix ]; } ];
        };
        x86_64-linux.inner = system-manager.lib.makeSystemConfig {
          modules = [ { _module.args.name = "inner"; imports = [ ./system.nix ]; } ];
        };
      };
      packages.aarch64-linux.systemConfigs.arm = system-manager.lib.makeSystemConfig {
        extraSpecialArgs.name = "arm";
        modules = [ ./system.nix ];
      };
    };
}
