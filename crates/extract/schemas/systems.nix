# What NixOS, nix-darwin and system-manager declare alike: users, groups, Home Manager as a module (its nixos/common.nix).
{
  lib,
  openSubmodule,
  openAttrsOf,
  modules,
  ...
}:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  set = module: option (openAttrsOf (openSubmodule { modules = [ module ]; })) { };
  number = option (types.nullOr types.int) null;
  texts = option (types.listOf types.str) [ ];
  group =
    { name, ... }:
    {
      options = {
        name = option types.str name;
        gid = number;
        members = texts;
      };
    };
in
{
  inherit
    option
    set
    number
    texts
    ;
  flag = option types.bool;
  # Users of every Linux whose users are declared.
  usersOfLinux = {
    root = {
      uid = lib.mkDefault 0;
      group = lib.mkDefault "root";
      home = lib.mkDefault "/root";
    };
    nobody = {
      uid = lib.mkDefault 65534;
      group = lib.mkDefault "nogroup";
    };
  };
  # `arguments` are those of the system's modules, `user` is a module of each user, `special` is what modules of
  # Home Manager get besides, `home` defines the home directory of a user.
  module =
    {
      arguments,
      user,
      special,
      home,
    }:
    let
      inherit (arguments) config;
      homeManagerUser = openSubmodule {
        specialArgs = {
          osConfig = config;
          lib = arguments.lib;
        }
        // special
        // config.home-manager.extraSpecialArgs;
        modules =
          modules.homeManager
          ++ [
            (
              { name, ... }:
              {
                _module.args.pkgs = lib.mkOptionDefault config._module.args.pkgs;
                home.username = lib.mkDefault name;
                home.homeDirectory = home config.users.users.${name}.home;
              }
            )
          ]
          ++ config.home-manager.sharedModules;
      };
    in
    {
      _file = "«mcp-lint»/systems.nix";
      options = {
        nixpkgs.hostPlatform = mkOption {
          type = types.either types.str types.attrs;
          apply = lib.systems.elaborate;
        };
        users.users = set user;
        users.groups = set group;
        home-manager = {
          users = option (types.attrsOf homeManagerUser) { };
          extraSpecialArgs = option types.attrs { };
          sharedModules = option (types.listOf types.raw) [ ];
          useGlobalPkgs = option types.bool false;
          useUserPackages = option types.bool false;
        };
      };
    };
}
