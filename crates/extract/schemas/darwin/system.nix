# What nix-darwin declares, as far as secrets hang on it: users, groups, Home Manager as a module.
# From nix-darwin's modules/users, modules/networking and home-manager's nix-darwin/default.nix.
{
  lib,
  openSubmodule,
  openAttrsOf,
  modules,
  ...
}:
{ config, ... }@arguments:
let
  inherit (lib) mkOption types mkDefault;
  user =
    { name, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        uid = mkOption {
          type = types.nullOr types.int;
          default = null;
        };
        gid = mkOption {
          type = types.int;
          default = 20;
        };
        home = mkOption {
          type = types.nullOr types.str;
          default = null;
        };
      };
    };
  group =
    { name, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        gid = mkOption {
          type = types.nullOr types.int;
          default = null;
        };
        members = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
      };
    };
  homeManagerUser = openSubmodule {
    specialArgs = {
      osConfig = config;
      darwinConfig = config;
      lib = arguments.lib;
    }
    // config.home-manager.extraSpecialArgs;
    modules =
      modules.homeManager
      ++ [
        (
          { name, ... }:
          {
            _module.args.pkgs = lib.mkOptionDefault config._module.args.pkgs;
            home.username = mkDefault name;
            home.homeDirectory = lib.mkIf (config.users.users.${name}.home != null) config.users.users.${name}.home;
          }
        )
      ]
      ++ config.home-manager.sharedModules;
  };
in
{
  _file = "«mcp-lint»/darwin/system.nix";
  options = {
    nixpkgs.hostPlatform = mkOption {
      type = types.either types.str types.attrs;
      apply = lib.systems.elaborate;
    };
    networking.hostName = mkOption {
      type = types.nullOr types.str;
      default = null;
    };
    networking.localHostName = mkOption {
      type = types.nullOr types.str;
      default = config.networking.hostName;
    };
    users.users = mkOption {
      type = openAttrsOf (openSubmodule { modules = [ user ]; });
      default = { };
    };
    users.groups = mkOption {
      type = openAttrsOf (openSubmodule { modules = [ group ]; });
      default = { };
    };
    home-manager = {
      users = mkOption {
        type = types.attrsOf homeManagerUser;
        default = { };
      };
      extraSpecialArgs = mkOption {
        type = types.attrs;
        default = { };
      };
      sharedModules = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      useGlobalPkgs = mkOption {
        type = types.bool;
        default = false;
      };
      useUserPackages = mkOption {
        type = types.bool;
        default = false;
      };
    };
  };
}
