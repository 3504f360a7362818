# agenix's module for NixOS and nix-darwin: modules/age.nix (b027ee2), and the options that agenix-rekey adds.
{
  lib,
  isDarwin,
  owners,
  agenix,
  ...
}:
let
  inherit (lib) types;
  inherit (agenix) option nullOr raw;
  owned.options.owner = option types.str "0";
in
{ config, isWhole, ... }:
let
  inherit (owners.within { inherit config isWhole; }) usersWith hasOwnGroup ownGroup;
  grouped =
    { config, ... }:
    {
      options.group = option types.str (
        if config.owner == "0" then
          "0"
        else if !isDarwin && hasOwnGroup config.owner then
          ownGroup config.owner
        else
          (usersWith config.owner).${config.owner}.group or "0"
      );
    };
  hostKeys = map (key: key.path) (
    lib.filter (key: key.type == "rsa" || key.type == "ed25519") config.services.openssh.hostKeys
  );
in
{
  _file = "«mcp-lint»/agenix/system.nix";
  options.age = {
    ageBin = option types.str "age";
    secrets = agenix.secrets {
      imports = [
        agenix.ofSecret
        owned
        grouped
        (agenix.named config.age)
      ];
    };
    secretsDir = option types.path "/run/agenix";
    secretsMountPoint = option types.str "/run/agenix.d";
    identityPaths = agenix.identityPaths (
      if isDarwin then
        [
          "/etc/ssh/ssh_host_ed25519_key"
          "/etc/ssh/ssh_host_rsa_key"
        ]
      else if config.services.openssh.enable then
        hostKeys
      else
        [ ]
    );
    # Its own type lets only a path value be read, a string is the key itself.
    rekey = {
      storageMode = nullOr (
        types.enum [
          "derivation"
          "local"
        ]
      );
      localStorageDir = nullOr types.path;
      hostPubkey = raw null;
      masterIdentities = option (types.listOf types.raw) [ ];
      extraEncryptionPubkeys = option (types.listOf types.raw) [ ];
      agePlugins = option (types.listOf types.raw) [ ];
      secretsDir = nullOr types.path;
      generatedSecretsDir = nullOr types.path;
      cacheDir = raw "/tmp/agenix-rekey.\"$UID\"";
      forceRekeyOnSystem = nullOr types.str;
      derivation = raw null;
      agePackage = raw null;
      pkgs = raw null;
    };
    generators = raw { };
  };
}
