# agenix's Home Manager module: modules/age-home.nix (b027ee2).
# No owner or group. The default directory is text that only a shell expands.
{ lib, agenix, ... }:
let
  inherit (lib) mkOption types;
  inherit (agenix) option raw;
in
{ config, pkgs, ... }:
let
  # Not decided where the platform is not: then it is Linux more often than not, and so is the text.
  directory =
    name:
    if pkgs.stdenv.hostPlatform.isDarwin then
      "$(getconf DARWIN_USER_TEMP_DIR)/${name}"
    else
      "\${XDG_RUNTIME_DIR}/${name}";
in
{
  _file = "«mcp-lint»/agenix/home-manager.nix";
  options.age = {
    package = mkOption { type = types.raw; };
    secrets = agenix.secrets {
      imports = [
        agenix.ofSecret
        (agenix.named config.age)
      ];
    };
    identityPaths = agenix.identityPaths [
      "${config.home.homeDirectory}/.ssh/id_ed25519"
      "${config.home.homeDirectory}/.ssh/id_rsa"
    ];
    secretsDir = option types.str (directory "agenix");
    secretsMountPoint = raw (directory "agenix.d");
    rekey = raw { };
    generators = raw { };
  };
}
