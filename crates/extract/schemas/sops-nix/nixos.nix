# sops-nix's NixOS module: modules/sops/default.nix, secrets-for-users, templates (56b2406).
{
  lib,
  owners,
  sopsNix,
  ...
}:
let
  inherit (lib) mkOption types;
  inherit (sopsNix) option nullOr;
  ownership = {
    imports = [ sopsNix.numbers ];
    options = {
      owner = nullOr types.str;
      restartUnits = option (types.listOf types.str) [ ];
      reloadUnits = option (types.listOf types.str) [ ];
    };
  };
  log = [
    "keyImport"
    "secretChanges"
  ];
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
  owned =
    { config, ... }:
    {
      imports = [ ownership ];
      options.group = option (types.nullOr types.str) (groupOf config.owner);
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
  imports = [
    (sopsNix.module {
      inherit cfg;
      secret.imports = [
        owned
        (sopsNix.ofSecret cfg)
        (sopsNix.keyWithDefault cfg)
        sopsNix.ofSystemSecret
      ];
      template.imports = [
        owned
        (sopsNix.ofTemplate "/run/secrets/rendered")
      ];
      ed25519 = keysOf "ed25519";
      rsa = keysOf "rsa";
    })
  ];
  options.sops = {
    defaultSopsKey = nullOr types.str;
    log = option (types.listOf (types.enum log)) log;
    environment = option (types.attrsOf (types.either types.str types.path)) { };
    validationPackage = mkOption { type = types.raw; };
    useTmpfs = option types.bool false;
    useSystemdActivation = option types.bool (
      config.systemd.sysusers.enable || config.services.userborn.enable
    );
  };
}
