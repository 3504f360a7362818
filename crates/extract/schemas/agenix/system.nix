# agenix's module for NixOS and nix-darwin: modules/age.nix (b027ee2), and the options that agenix-rekey adds.
{
  lib,
  isDarwin,
  owners,
  ...
}:
let
  inherit (lib) mkOption types;
  # What does not depend on a configuration is evaluated once for all secrets of all hosts.
  ofSecret = {
    options = {
      file = mkOption { type = types.path; };
      mode = mkOption {
        type = types.str;
        default = "0400";
      };
      owner = mkOption {
        type = types.str;
        default = "0";
      };
      symlink = mkOption {
        type = types.bool;
        default = true;
      };
      # agenix-rekey
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
{ config, isWhole, ... }:
let
  cfg = config.age;
  inherit (owners.within { inherit config isWhole; }) usersWith hasOwnGroup ownGroup;
  secret =
    { config, name, ... }:
    {
      imports = [ ofSecret ];
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        path = mkOption {
          type = types.str;
          default = "${cfg.secretsDir}/${config.name}";
        };
        group = mkOption {
          type = types.str;
          default =
            if config.owner == "0" || config.owner == "root" then
              "0"
            else if !isDarwin && hasOwnGroup config.owner then
              ownGroup config.owner
            else
              (usersWith config.owner).${config.owner}.group or "0";
        };
        # agenix-rekey
        id = mkOption {
          type = types.str;
          default = name;
        };
      };
    };
  hostKeys = map (key: key.path) (
    lib.filter (key: key.type == "rsa" || key.type == "ed25519") config.services.openssh.hostKeys
  );
in
{
  _file = "«mcp-lint»/agenix/system.nix";
  options.age = {
    ageBin = mkOption {
      type = types.str;
      default = "age";
    };
    secrets = mkOption {
      type = types.attrsOf (types.submodule secret);
      default = { };
    };
    secretsDir = mkOption {
      type = types.path;
      default = "/run/agenix";
    };
    secretsMountPoint = mkOption {
      type = types.str;
      default = "/run/agenix.d";
    };
    identityPaths = mkOption {
      type = types.listOf types.path;
      default =
        if isDarwin then
          [
            "/etc/ssh/ssh_host_ed25519_key"
            "/etc/ssh/ssh_host_rsa_key"
          ]
        else if config.services.openssh.enable then
          hostKeys
        else
          [ ];
    };
    # Its own type lets only a path value be read, a string is the key itself.
    rekey = {
      storageMode = mkOption {
        type = types.nullOr (
          types.enum [
            "derivation"
            "local"
          ]
        );
        default = null;
      };
      localStorageDir = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
      hostPubkey = mkOption {
        type = types.raw;
        default = null;
      };
      masterIdentities = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      extraEncryptionPubkeys = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      agePlugins = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      secretsDir = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
      generatedSecretsDir = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
      cacheDir = mkOption {
        type = types.raw;
        default = "/tmp/agenix-rekey.\"$UID\"";
      };
      forceRekeyOnSystem = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      derivation = mkOption {
        type = types.raw;
        default = null;
      };
      agePackage = mkOption {
        type = types.raw;
        default = null;
      };
      pkgs = mkOption {
        type = types.raw;
        default = null;
      };
    };
    generators = mkOption {
      type = types.raw;
      default = { };
    };
  };
}
