# What sops-nix's modules for NixOS, nix-darwin and Home Manager declare alike (56b2406).
# What does not depend on a configuration is evaluated once for all secrets of all hosts.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  nullOr = type: option (types.nullOr type) null;
  list = default: option (types.listOf types.path) default;
  format = types.enum [
    "yaml"
    "json"
    "binary"
    "dotenv"
    "ini"
  ];
in
{
  inherit option nullOr;
  # Options of a secret. `cfg` is the configuration's `sops`.
  ofSecret =
    cfg:
    { name, ... }:
    {
      options = {
        name = option types.str name;
        mode = option types.str "0400";
        format = option format cfg.defaultSopsFormat;
        sopsFile = option types.path cfg.defaultSopsFile;
      };
    };
  # Those that a system has besides.
  ofSystemSecret =
    { config, ... }:
    {
      options = {
        # The hash of the file, on which nothing depends here.
        sopsFileHash = mkOption {
          type = types.str;
          default = "";
          readOnly = true;
        };
        neededForUsers = option types.bool false;
        path = option types.str (
          if config.neededForUsers then
            "/run/secrets-for-users/${config.name}"
          else
            "/run/secrets/${config.name}"
        );
      };
    };
  # The key of a secret where a default is an option.
  keyWithDefault =
    cfg:
    { name, ... }:
    {
      options.key = option types.str (if cfg.defaultSopsKey != null then cfg.defaultSopsKey else name);
    };
  # Options of a template, which lands in a directory.
  ofTemplate =
    directory:
    { name, config, ... }:
    {
      options = {
        name = option types.singleLineStr name;
        mode = option types.str "0400";
        path = option types.singleLineStr "${directory}/${config.name}";
        content = option types.lines "";
        file = mkOption { type = types.path; };
      };
    };
  numbers.options = {
    uid = option (types.nullOr types.int) 0;
    gid = option (types.nullOr types.int) 0;
  };
  # Options of the manager; the SSH keys that it uses if none are given.
  module =
    {
      cfg,
      secret,
      template,
      ed25519,
      rsa,
    }:
    {
      _file = "«mcp-lint»/sops-nix/common.nix";
      options.sops = {
        secrets = option (types.attrsOf (types.submodule secret)) { };
        templates = option (types.attrsOf (types.submodule template)) { };
        placeholder = option (types.attrsOf types.raw) { };
        defaultSopsFile = mkOption { type = types.path; };
        defaultSopsFormat = option types.str "yaml";
        validateSopsFiles = option types.bool true;
        keepGenerations = option types.ints.unsigned 1;
        package = mkOption { type = types.raw; };
        age = {
          keyFile = nullOr types.path;
          generateKey = option types.bool false;
          plugins = option (types.listOf types.raw) [ ];
          sshKeyPaths = list ed25519;
        };
        gnupg = {
          home = nullOr types.str;
          sshKeyPaths = list rsa;
        };
      };
      config.sops.placeholder = lib.mapAttrs (
        name: _: "<SOPS:${builtins.hashString "sha256" name}:PLACEHOLDER>"
      ) cfg.secrets;
    };
}
