# services.mcp-lint for NixOS: a oneshot unit after the secrets are installed.
{ config, lib, pkgs, ... }:

let
  cfg = config.services.mcp-lint;
  shared = import ./lib.nix { inherit lib pkgs cfg; };
  manifest = (import ../manifest.nix { inherit lib; }).nixos config;

  # With systemd activation these install the secrets; without it activation has done so before any
  # unit starts. A unit that does not exist orders nothing.
  installers = [
    "sops-install-secrets.service"
    "sops-install-secrets-for-users.service"
    "agenix-install-secrets.service"
  ];
in
{
  options.services.mcp-lint =
    import ./options.nix { inherit lib pkgs; manifest = shared.manifestFile manifest; }
    // {
      timer = lib.mkOption {
        type = lib.types.nullOr lib.types.str;
        default = null;
        example = "daily";
        description = "When to check again, as systemd's `OnCalendar=`; null for after activation only.";
      };
    };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];

    systemd.services.mcp-lint = {
      description = "Check of the deployed secrets";
      documentation = [ "https://github.com/mcp-lint/mcp-lint" ];
      after = installers ++ [ "local-fs.target" "nss-user-lookup.target" ];
      # Without RemainAfterExit= every switch runs it again.
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        Type = "oneshot";
        ExecStart = shared.command;
        SuccessExitStatus = shared.successCodes;
        # A oneshot unit has no limit of its own; the check ends within half of this.
        TimeoutStartSec = "5min";

        # It reads as root and becomes each reader in turn; it writes nothing and talks to nobody.
        # "strict" covers home directories too; ProtectHome= would mount them once more, and mounts
        # are among the things looked at.
        CapabilityBoundingSet = [ "CAP_DAC_READ_SEARCH" "CAP_SETUID" "CAP_SETGID" ];
        NoNewPrivileges = true;
        ProtectSystem = "strict";
        PrivateNetwork = true;
        RestrictAddressFamilies = [ "AF_UNIX" ];
        DevicePolicy = "closed";
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectHostname = true;
        ProtectKernelLogs = true;
        ProtectKernelModules = true;
        ProtectKernelTunables = true;
        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
        SystemCallFilter = [ "@system-service" ];
        LimitCORE = 0;
        UMask = "0077";
      };
    };

    systemd.timers.mcp-lint = lib.mkIf (cfg.timer != null) {
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.timer;
        RandomizedDelaySec = "5min";
      };
    };
  };
}
