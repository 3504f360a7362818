# What nix-darwin declares, as far as secrets hang on it: users, groups, Home Manager as a module.
# From nix-darwin's modules/users, modules/networking and home-manager's nix-darwin/default.nix.
{ lib, systems, ... }:
{ config, ... }@arguments:
let
  inherit (lib) types;
  inherit (systems) option;
  user =
    { name, ... }:
    {
      options = {
        name = option types.str name;
        uid = systems.number;
        gid = option types.int 20;
        home = option (types.nullOr types.str) null;
      };
    };
in
{
  _file = "«mcp-lint»/darwin/system.nix";
  imports = [
    (systems.module {
      inherit arguments user;
      special.darwinConfig = config;
      home = home: lib.mkIf (home != null) home;
    })
  ];
  options.networking = {
    hostName = option (types.nullOr types.str) null;
    localHostName = option (types.nullOr types.str) config.networking.hostName;
  };
}
