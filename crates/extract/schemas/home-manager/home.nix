# What Home Manager declares, as far as secrets hang on it.
# From home-manager's modules/home-environment.nix and modules/misc/xdg.nix.
{ lib, ... }:
{ config, ... }:
let
  inherit (lib) mkOption types;
in
{
  _file = "«mcp-lint»/home-manager/home.nix";
  options = {
    home.username = mkOption { type = types.str; };
    home.homeDirectory = mkOption { type = types.str; };
    xdg = {
      configHome = mkOption {
        type = types.str;
        default = "${config.home.homeDirectory}/.config";
      };
      dataHome = mkOption {
        type = types.str;
        default = "${config.home.homeDirectory}/.local/share";
      };
      cacheHome = mkOption {
        type = types.str;
        default = "${config.home.homeDirectory}/.cache";
      };
      stateHome = mkOption {
        type = types.str;
        default = "${config.home.homeDirectory}/.local/state";
      };
    };
  };
}
