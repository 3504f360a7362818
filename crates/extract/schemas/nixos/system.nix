# What NixOS declares, as far as secrets hang on it: users, groups, units, Home Manager as a module.
# From nixpkgs' nixos/modules (config/users-groups.nix, services/security/kanidm.nix,
# system/boot/systemd) and home-manager's nixos/common.nix.
{
  lib,
  openSubmodule,
  openAttrsOf,
  nixosSystem,
  owners,
  systems,
  ...
}:
let
  inherit (lib) mkOption types mkDefault;
  inherit (systems)
    option
    set
    number
    texts
    flag
    ;
  # What does not depend on a configuration is evaluated once for all users of all hosts.
  file = option (types.nullOr types.str) null;
  ofUser = {
    options = {
      uid = number;
      isNormalUser = flag false;
      isSystemUser = flag false;
      linger = option (types.nullOr types.bool) false;
      extraGroups = texts;
      home = option types.str "/var/empty";
      hashedPasswordFile = file;
      passwordFile = file;
      initialHashedPasswordFile = file;
    };
  };
  bindMount =
    { name, ... }:
    {
      options = {
        mountPoint = option types.str name;
        hostPath = file;
        isReadOnly = flag true;
      };
    };
in
{ config, ... }@arguments:
let
  inherit (config) services;
  user =
    { name, config, ... }:
    {
      imports = [ ofUser ];
      options = {
        name = option types.str name;
        group = option types.str (if owners.isOfNixos name then owners.groupOfNixos services name else "");
      };
      config = lib.mkIf config.isNormalUser {
        group = mkDefault "users";
        home = mkDefault "/home/${config.name}";
        isSystemUser = mkDefault false;
      };
    };
  # From nixpkgs' nixos/modules/virtualisation/nixos-containers.nix (00ef614); older releases have no
  # `privateUsers`, which is "no" there.
  container =
    { name, config, ... }:
    {
      options = {
        config = mkOption {
          type = nixosSystem {
            inherit (config) specialArgs;
            inherit (arguments.config._module.args) pkgs;
            modules = [
              {
                _file = "«mcp-lint»/nixos/container.nix";
                boot.isContainer = true;
                boot.isNspawnContainer = true;
                networking.hostName = mkDefault name;
                networking.useDHCP = false;
              }
            ];
          };
        };
        specialArgs = option (types.attrsOf types.raw) { };
        bindMounts = mkOption {
          type = types.attrsOf (openSubmodule { modules = [ bindMount ]; });
          default = { };
        };
        extraFlags = texts;
        tmpfs = texts;
        privateUsers = option (types.either types.ints.u32 types.str) "no";
      };
    };
  # From microvm.nix' nixos-modules/host/options.nix.
  virtualMachine =
    { name, config, ... }:
    {
      options = {
        config = mkOption {
          type = nixosSystem {
            inherit (config) specialArgs;
            inherit (arguments.config._module.args) pkgs;
            modules = [
              guest
              { networking.hostName = mkDefault name; }
            ];
          };
        };
        specialArgs = option (types.attrsOf types.raw) { };
      };
    };
  # nixos-modules/microvm/mounts.nix: a root file system in memory, and what is brought into it.
  guest =
    { config, pkgs, ... }:
    let
      inherit (config.microvm) shares volumes;
      mounted = lib.filter (mount: (mount.mountPoint or null) != null) (shares ++ volumes);
      at = mount: lib.nameValuePair mount.mountPoint {
        fsType = mount.proto or mount.fsType or "ext4";
        # Which mounts are early differs between versions.
        options = [ pkgs.microvm ];
      };
    in
    {
      _file = "«mcp-lint»/nixos/microvm.nix";
      options.microvm = {
        shares = option (types.listOf types.attrs) [ ];
        volumes = option (types.listOf types.attrs) [ ];
      };
      config.fileSystems = lib.mkMerge [
        {
          "/" = mkDefault {
            device = "rootfs";
            fsType = "tmpfs";
            neededForBoot = true;
          };
        }
        (lib.listToAttrs (map at mounted))
      ];
    };
in
{
  _file = "«mcp-lint»/nixos/system.nix";
  imports = [
    (systems.module {
      inherit arguments user;
      special = {
        nixosConfig = config;
        inherit (arguments) modulesPath;
      };
      home = home: home;
    })
    # config/users-groups.nix: older names of both.
    (lib.mkAliasOptionModule [ "users" "extraUsers" ] [ "users" "users" ])
    (lib.mkAliasOptionModule [ "users" "extraGroups" ] [ "users" "groups" ])
  ];
  options = {
    networking.hostName = option types.str "nixos";
    # system/activation/top-level.nix
    system.name = option types.str (
      if config.networking.hostName == "" then "unnamed" else config.networking.hostName
    );
    users.mutableUsers = flag true;
    containers = mkOption {
      type = openAttrsOf (openSubmodule {
        shorthandOnlyDefinesConfig = true;
        modules = [ container ];
      });
      default = { };
    };
    microvm.vms = mkOption {
      type = openAttrsOf (openSubmodule {
        shorthandOnlyDefinesConfig = true;
        modules = [ virtualMachine ];
      });
      default = { };
    };
    services.openssh = {
      enable = flag false;
      hostKeys = mkOption {
        type = types.listOf types.attrs;
        default = [
          {
            type = "rsa";
            bits = 4096;
            path = "/etc/ssh/ssh_host_rsa_key";
          }
          {
            type = "ed25519";
            path = "/etc/ssh/ssh_host_ed25519_key";
          }
        ];
      };
    };
    # Secrets are often made from the names of a server's clients.
    services.kanidm.provision.systems.oauth2 = mkOption {
      type = types.attrsOf (openSubmodule {
        modules = [
          {
            options = {
              present = flag true;
              public = flag false;
            };
          }
        ];
      });
      default = { };
    };
    services.userborn.enable = flag false;
    systemd.sysusers.enable = flag false;
  };
  config = {
    # Users and groups that every NixOS system has.
    users.users = systems.usersOfLinux;
    users.groups = lib.genAttrs [
      "root"
      "wheel"
      "users"
      "keys"
      "nogroup"
      "disk"
      "kmem"
      "tty"
      "floppy"
      "uucp"
      "lp"
      "cdrom"
      "tape"
      "audio"
      "video"
      "dialout"
      "nixbld"
      "utmp"
      "adm"
      "input"
      "kvm"
      "render"
      "sgx"
      "shadow"
      "systemd-journal"
    ] (_: { });
  };
}
