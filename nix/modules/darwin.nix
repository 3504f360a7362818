# services.mcp-lint for nix-darwin: a daemon at load, and a report after activation.
{ config, lib, pkgs, ... }:

let
  cfg = config.services.mcp-lint;
  shared = import ./lib.nix { inherit lib pkgs cfg; };
  manifest = (import ../manifest.nix { inherit lib; }).darwin config;
in
{
  options.services.mcp-lint =
    import ./options.nix { inherit lib pkgs; manifest = shared.manifestFile manifest; }
    // {
      failActivation = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = ''
          Whether findings, and things that could not be checked, make the activation fail. Without it
          activation only prints them.
        '';
      };

      interval = lib.mkOption {
        type = lib.types.nullOr lib.types.ints.positive;
        default = null;
        example = 86400;
        description = "After how many seconds to check again; null for at load and activation only.";
      };
    };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];

    # sops-nix and agenix install in postActivation too: this comes after them.
    system.activationScripts.postActivation.text = lib.mkAfter (
      "echo 'checking the deployed secrets...' >&2\n"
      + shared.command
      + lib.optionalString (!cfg.failActivation) " || true"
      + "\n"
    );

    launchd.daemons.mcp-lint = {
      command = shared.command;
      serviceConfig = {
        RunAtLoad = true;
        KeepAlive = false;
        Umask = 63; # 0077
        StandardOutPath = "/var/log/mcp-lint.log";
        StandardErrorPath = "/var/log/mcp-lint.log";
      } // lib.optionalAttrs (cfg.interval != null) { StartInterval = cfg.interval; };
    };
  };
}
