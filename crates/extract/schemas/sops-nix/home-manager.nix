# sops-nix's Home Manager module: modules/home-manager/{sops,templates}.nix (56b2406).
# No owner or group: everything is the user's. `path` follows the attribute and not `name`.
{ lib, ... }:
{ config, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.sops;
  secret =
    { name, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        key = mkOption {
          type = types.str;
          default = if cfg.defaultSopsKey != null then cfg.defaultSopsKey else name;
        };
        path = mkOption {
          type = types.str;
          default = "${cfg.defaultSymlinkPath}/${name}";
        };
        format = mkOption {
          type = types.enum [
            "yaml"
            "json"
            "binary"
            "ini"
            "dotenv"
          ];
          default = cfg.defaultSopsFormat;
        };
        mode = mkOption {
          type = types.str;
          default = "0400";
        };
        sopsFile = mkOption {
          type = types.path;
          default = cfg.defaultSopsFile;
        };
      };
    };
  template =
    { name, config, ... }:
    {
      options = {
        name = mkOption {
          type = types.singleLineStr;
          default = name;
        };
        path = mkOption {
          type = types.singleLineStr;
          default = "${cfg.defaultSymlinkPath}/rendered/${config.name}";
        };
        content = mkOption {
          type = types.lines;
          default = "";
        };
        mode = mkOption {
          type = types.singleLineStr;
          default = "0400";
        };
        file = mkOption { type = types.path; };
      };
    };
in
{
  _file = "«mcp-lint»/sops-nix/home-manager.nix";
  options.sops = {
    secrets = mkOption {
      type = types.attrsOf (types.submodule secret);
      default = { };
    };
    templates = mkOption {
      type = types.attrsOf (types.submodule template);
      default = { };
    };
    placeholder = mkOption {
      type = types.attrsOf types.raw;
      default = { };
    };
    defaultSopsFile = mkOption { type = types.path; };
    defaultSopsFormat = mkOption {
      type = types.str;
      default = "yaml";
    };
    defaultSopsKey = mkOption {
      type = types.nullOr types.str;
      default = null;
    };
    defaultSymlinkPath = mkOption {
      type = types.str;
      default = "${config.xdg.configHome}/sops-nix/secrets";
    };
    defaultSecretsMountPoint = mkOption {
      type = types.str;
      default = "%r/secrets.d";
    };
    validateSopsFiles = mkOption {
      type = types.bool;
      default = true;
    };
    keepGenerations = mkOption {
      type = types.ints.unsigned;
      default = 1;
    };
    log = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
    environment = mkOption {
      type = types.attrsOf types.raw;
      default = { };
    };
    package = mkOption { type = types.raw; };
    age = {
      keyFile = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
      generateKey = mkOption {
        type = types.bool;
        default = false;
      };
      plugins = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      sshKeyPaths = mkOption {
        type = types.listOf types.path;
        default = [ ];
      };
    };
    gnupg = {
      home = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      qubes-split-gpg = mkOption {
        type = types.raw;
        default = { };
      };
      package = mkOption { type = types.raw; };
      sshKeyPaths = mkOption {
        type = types.listOf types.path;
        default = [ ];
      };
    };
  };
  config.sops.placeholder = lib.mapAttrs (
    name: _: "<SOPS:${builtins.hashString "sha256" name}:PLACEHOLDER>"
  ) cfg.secrets;
}
