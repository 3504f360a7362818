# agenix's Home Manager module: modules/age-home.nix (b027ee2).
# No owner or group. The default directory is text that only a shell expands.
{ lib, ... }:
{ config, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.age;
  # Not decided where the platform is not: then it is Linux more often than not, and so is the text.
  directory =
    name:
    if pkgs.stdenv.hostPlatform.isDarwin then
      "$(getconf DARWIN_USER_TEMP_DIR)/${name}"
    else
      "\${XDG_RUNTIME_DIR}/${name}";
  secret =
    { config, name, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        file = mkOption { type = types.path; };
        path = mkOption {
          type = types.str;
          default = "${cfg.secretsDir}/${config.name}";
        };
        mode = mkOption {
          type = types.str;
          default = "0400";
        };
        symlink = mkOption {
          type = types.bool;
          default = true;
        };
        # agenix-rekey
        id = mkOption {
          type = types.str;
          default = name;
        };
        rekeyFile = mkOption {
          type = types.nullOr types.path;
          default = null;
        };
        intermediary = mkOption {
          type = types.bool;
          default = false;
        };
        generator = mkOption {
          type = types.raw;
          default = null;
        };
        settings = mkOption {
          type = types.raw;
          default = { };
        };
      };
    };
in
{
  _file = "«mcp-lint»/agenix/home-manager.nix";
  options.age = {
    package = mkOption { type = types.raw; };
    secrets = mkOption {
      type = types.attrsOf (types.submodule secret);
      default = { };
    };
    identityPaths = mkOption {
      type = types.listOf types.path;
      default = [
        "${config.home.homeDirectory}/.ssh/id_ed25519"
        "${config.home.homeDirectory}/.ssh/id_rsa"
      ];
    };
    secretsDir = mkOption {
      type = types.str;
      default = directory "agenix";
    };
    secretsMountPoint = mkOption {
      type = types.raw;
      default = directory "agenix.d";
    };
    rekey = mkOption {
      type = types.raw;
      default = { };
    };
    generators = mkOption {
      type = types.raw;
      default = { };
    };
  };
}
