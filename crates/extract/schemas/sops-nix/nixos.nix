# sops-nix's NixOS module: modules/sops/default.nix, secrets-for-users, templates (56b2406).
{
  lib,
  owners,
  ...
}:
let
  inherit (lib) mkOption types;
  # What does not depend on a configuration is evaluated once for all secrets of all hosts.
  nullOrText = types.nullOr types.str;
  format = types.enum [
    "yaml"
    "json"
    "binary"
    "dotenv"
    "ini"
  ];
  ownership = {
    options = {
      mode = mkOption {
        type = types.str;
        default = "0400";
      };
      owner = mkOption {
        type = nullOrText;
        default = null;
      };
      uid = mkOption {
        type = types.nullOr types.int;
        default = 0;
      };
      gid = mkOption {
        type = types.nullOr types.int;
        default = 0;
      };
      restartUnits = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
      reloadUnits = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
    };
  };
  ofSecret = {
    options = {
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
  ofTemplate = {
    options = {
      content = mkOption {
        type = types.lines;
        default = "";
      };
      file = mkOption { type = types.path; };
    };
  };
in
{ config, isWhole, ... }:
let
  cfg = config.sops;
  inherit (owners.within { inherit config isWhole; }) usersWith hasOwnGroup ownGroup;
  groupOf =
    owner:
    if owner == null then
      null
    else if hasOwnGroup owner then
      ownGroup owner
    else
      (usersWith owner).${owner}.group;
  secret =
    { name, config, ... }:
    {
      imports = [
        ownership
        ofSecret
      ];
      options = {
        group = mkOption {
          type = nullOrText;
          default = groupOf config.owner;
        };
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
          default =
            if config.neededForUsers then
              "/run/secrets-for-users/${config.name}"
            else
              "/run/secrets/${config.name}";
        };
        format = mkOption {
          type = format;
          default = cfg.defaultSopsFormat;
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
      imports = [
        ownership
        ofTemplate
      ];
      options = {
        group = mkOption {
          type = nullOrText;
          default = groupOf config.owner;
        };
        name = mkOption {
          type = types.singleLineStr;
          default = name;
        };
        path = mkOption {
          type = types.singleLineStr;
          default = "/run/secrets/rendered/${config.name}";
        };
      };
    };
  hostKeys = type: map (key: key.path) (lib.filter (key: key.type == type) config.services.openssh.hostKeys);
  keysOf =
    type:
    if config.services.openssh.enable then
      lib.filter (path: !lib.hasPrefix "/run/secrets" path) (hostKeys type)
    else
      [ ];
in
{
  _file = "«mcp-lint»/sops-nix/nixos.nix";
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
    validateSopsFiles = mkOption {
      type = types.bool;
      default = true;
    };
    keepGenerations = mkOption {
      type = types.ints.unsigned;
      default = 1;
    };
    log = mkOption {
      type = types.listOf (
        types.enum [
          "keyImport"
          "secretChanges"
        ]
      );
      default = [
        "keyImport"
        "secretChanges"
      ];
    };
    environment = mkOption {
      type = types.attrsOf (types.either types.str types.path);
      default = { };
    };
    package = mkOption { type = types.raw; };
    validationPackage = mkOption { type = types.raw; };
    useTmpfs = mkOption {
      type = types.bool;
      default = false;
    };
    useSystemdActivation = mkOption {
      type = types.bool;
      default = config.systemd.sysusers.enable || config.services.userborn.enable;
    };
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
        default = keysOf "ed25519";
      };
    };
    gnupg = {
      home = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      sshKeyPaths = mkOption {
        type = types.listOf types.path;
        default = keysOf "rsa";
      };
    };
  };
  config.sops.placeholder = lib.mapAttrs (
    name: _: "<SOPS:${builtins.hashString "sha256" name}:PLACEHOLDER>"
  ) cfg.secrets;
}
