# sops-nix's nix-darwin module: modules/nix-darwin/default.nix (56b2406). Owner root and group staff by default.
{ lib, ... }:
{ config, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.sops;
  ownership = {
    options = {
      mode = mkOption {
        type = types.str;
        default = "0400";
      };
      owner = mkOption {
        type = types.nullOr types.str;
        default = "root";
      };
      uid = mkOption {
        type = types.nullOr types.int;
        default = 0;
      };
      group = mkOption {
        type = types.nullOr types.str;
        default = "staff";
      };
      gid = mkOption {
        type = types.nullOr types.int;
        default = 0;
      };
    };
  };
  secret =
    { name, config, ... }:
    {
      imports = [ ownership ];
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        key = mkOption {
          type = types.str;
          default = name;
        };
        path = mkOption {
          type = types.str;
          default =
            if config.neededForUsers then
              "/run/secrets-for-users/${config.name}"
            else
              "/run/secrets/${config.name}";
        };
        format = mkOption {
          type = types.enum [
            "yaml"
            "json"
            "binary"
            "dotenv"
            "ini"
          ];
          default = cfg.defaultSopsFormat;
        };
        sopsFile = mkOption {
          type = types.path;
          default = cfg.defaultSopsFile;
        };
        sopsFileHash = mkOption {
          type = types.str;
          readOnly = true;
        };
        neededForUsers = mkOption {
          type = types.bool;
          default = false;
        };
      };
    };
  template =
    { name, config, ... }:
    {
      imports = [ ownership ];
      options = {
        name = mkOption {
          type = types.singleLineStr;
          default = name;
        };
        path = mkOption {
          type = types.singleLineStr;
          default = "/run/secrets/rendered/${config.name}";
        };
        content = mkOption {
          type = types.lines;
          default = "";
        };
        file = mkOption { type = types.path; };
      };
    };
in
{
  _file = "«mcp-lint»/sops-nix/darwin.nix";
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
    validationPackage = mkOption { type = types.raw; };
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
        default = [ "/etc/ssh/ssh_host_ed25519_key" ];
      };
    };
    gnupg = {
      home = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      sshKeyPaths = mkOption {
        type = types.listOf types.path;
        default = [ "/etc/ssh/ssh_host_rsa_key" ];
      };
    };
  };
  config.sops.placeholder = lib.mapAttrs (
    name: _: "<SOPS:${builtins.hashString "sha256" name}:PLACEHOLDER>"
  ) cfg.secrets;
}
