# What agenix's modules for systems and for Home Manager declare alike (b027ee2), and the options that
# agenix-rekey adds. What does not depend on a configuration is evaluated once for all secrets of all hosts.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
in
{
  inherit option;
  nullOr = type: option (types.nullOr type) null;
  raw = option types.raw;
  ofSecret.options = {
    file = mkOption { type = types.path; };
    mode = option types.str "0400";
    symlink = option types.bool true;
    # agenix-rekey
    rekeyFile = option (types.nullOr types.path) null;
    intermediary = option types.bool false;
    generator = option types.raw null;
    settings = option types.raw { };
  };
  # Those that depend on the secret or on `cfg`, the configuration's `age`.
  named =
    cfg:
    { config, name, ... }:
    {
      options = {
        name = option types.str name;
        path = option types.str "${cfg.secretsDir}/${config.name}";
        # agenix-rekey
        id = option types.str name;
      };
    };
  secrets = secret: option (types.attrsOf (types.submodule secret)) { };
  identityPaths = option (types.listOf types.path);
}
