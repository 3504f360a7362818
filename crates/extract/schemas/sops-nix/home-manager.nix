# sops-nix's Home Manager module: modules/home-manager/{sops,templates}.nix (56b2406).
# No owner or group: everything is the user's. `path` follows the attribute and not `name`.
{ lib, sopsNix, ... }:
let
  inherit (lib) mkOption types;
  inherit (sopsNix) option nullOr;
in
{ config, ... }:
let
  cfg = config.sops;
  linked = { name, ... }: { options.path = option types.str "${cfg.defaultSymlinkPath}/${name}"; };
in
{
  _file = "«mcp-lint»/sops-nix/home-manager.nix";
  imports = [
    (sopsNix.module {
      inherit cfg;
      secret.imports = [
        linked
        (sopsNix.ofSecret cfg)
        (sopsNix.keyWithDefault cfg)
      ];
      template = sopsNix.ofTemplate "${cfg.defaultSymlinkPath}/rendered";
      ed25519 = [ ];
      rsa = [ ];
    })
  ];
  options.sops = {
    defaultSopsKey = nullOr types.str;
    defaultSymlinkPath = option types.str "${config.xdg.configHome}/sops-nix/secrets";
    defaultSecretsMountPoint = option types.str "%r/secrets.d";
    log = option (types.listOf types.str) [ ];
    environment = option (types.attrsOf types.raw) { };
    gnupg = {
      qubes-split-gpg = option types.raw { };
      package = mkOption { type = types.raw; };
    };
  };
}
