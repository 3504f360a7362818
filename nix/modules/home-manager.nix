# services.mcp-lint for Home Manager: a user unit after the user's secrets are installed, and the
# report of available and disabled servers at activation.
{ config, lib, pkgs, ... }:

let
  cfg = config.services.mcp-lint;
  shared = import ./lib.nix { inherit lib pkgs cfg; };
  manifest = (import ../manifest.nix { inherit lib; }).homeManager config;
  isLinux = pkgs.stdenv.hostPlatform.isLinux;
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

      reportAtActivation = lib.mkOption {
        type = lib.types.bool;
        default = true;
        description = ''
          Whether activation prints which MCP servers are available, and for the others the reason
          and the fix.
        '';
      };

      timer = lib.mkOption {
        type = lib.types.nullOr lib.types.str;
        default = null;
        example = "daily";
        description = ''
          When to check again, as systemd's `OnCalendar=`; null for after login only. Linux only.
        '';
      };
    };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];

    # After `reloadSystemd`, which starts sops-nix.service and agenix.service, and after `sops-nix`,
    # which restarts the former. On macOS the agents are set up in `setupLaunchAgents`.
    home.activation.mcpLint = lib.mkIf cfg.reportAtActivation (
      lib.hm.dag.entryAfter [ "reloadSystemd" "setupLaunchAgents" "sops-nix" ] (
        "run ${shared.command}" + lib.optionalString (!cfg.failActivation) " || true" + "\n"
      )
    );

    systemd.user.services.mcp-lint = lib.mkIf isLinux {
      Unit = {
        Description = "Check of the deployed secrets";
        After = [ "sops-nix.service" "agenix.service" ];
      };
      Service = {
        Type = "oneshot";
        ExecStart = shared.command;
        SuccessExitStatus = shared.successCodes;
        # A oneshot unit has no limit of its own; the check ends within half of this.
        TimeoutStartSec = "5min";
        NoNewPrivileges = true;
        RestrictAddressFamilies = [ "AF_UNIX" ];
        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        RestrictRealtime = true;
        SystemCallArchitectures = "native";
        LimitCORE = 0;
        UMask = "0077";
      };
      Install.WantedBy = [ "default.target" ];
    };

    systemd.user.timers.mcp-lint = lib.mkIf (isLinux && cfg.timer != null) {
      Unit.Description = "Check of the deployed secrets, again";
      Timer = {
        OnCalendar = cfg.timer;
        RandomizedDelaySec = "5min";
      };
      Install.WantedBy = [ "timers.target" ];
    };

    launchd.agents.mcp-lint = lib.mkIf (!isLinux) {
      enable = true;
      config = {
        ProgramArguments = [ "/bin/sh" "-c" shared.command ];
        RunAtLoad = true;
        KeepAlive = false;
        Umask = 63; # 0077
      };
    };
  };
}
