# sops-nix's nix-darwin module: modules/nix-darwin/default.nix (56b2406). Owner root and group staff by default.
{ lib, sopsNix, ... }:
let
  inherit (lib) mkOption types;
  inherit (sopsNix) option;
  owned = {
    imports = [ sopsNix.numbers ];
    options = {
      owner = option (types.nullOr types.str) "root";
      group = option (types.nullOr types.str) "staff";
    };
  };
  keyed = { name, ... }: { options.key = option types.str name; };
in
{ config, ... }:
let
  cfg = config.sops;
in
{
  _file = "«mcp-lint»/sops-nix/darwin.nix";
  imports = [
    (sopsNix.module {
      inherit cfg;
      secret.imports = [
        owned
        keyed
        (sopsNix.ofSecret cfg)
        sopsNix.ofSystemSecret
      ];
      template.imports = [
        owned
        (sopsNix.ofTemplate "/run/secrets/rendered")
      ];
      ed25519 = [ "/etc/ssh/ssh_host_ed25519_key" ];
      rsa = [ "/etc/ssh/ssh_host_rsa_key" ];
    })
  ];
  options.sops = {
    log = option (types.listOf types.str) [ ];
    environment = option (types.attrsOf types.raw) { };
    validationPackage = mkOption { type = types.raw; };
  };
}
