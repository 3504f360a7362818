# What system-manager declares, as far as secrets hang on it: users and groups by userborn, Home Manager as a module of
# NixOS. From its nix/modules (upstream/nixpkgs/users-groups.nix, userborn.nix, openssh.nix; 2026-07).
{
  lib,
  systems,
  ...
}:
let
  inherit (lib) types mkDefault;
  inherit (systems)
    option
    number
    texts
    flag
    ;
  file = option (types.nullOr types.str) null;
in
{ config, ... }@arguments:
let
  user =
    { name, config, ... }:
    {
      options = {
        name = option types.str name;
        group = option types.str "";
        uid = number;
        isNormalUser = flag false;
        isSystemUser = flag false;
        linger = flag false;
        extraGroups = texts;
        home = option types.str "/var/empty";
        hashedPasswordFile = file;
      };
      config = lib.mkIf config.isNormalUser {
        group = mkDefault "users";
        home = mkDefault "/home/${config.name}";
      };
    };
in
{
  _file = "«mcp-lint»/system-manager/system.nix";
  imports = [
    (systems.module {
      inherit arguments user;
      special.nixosConfig = config;
      home = home: home;
    })
  ];
  options = {
    users.mutableUsers = flag true;
    services.openssh = {
      enable = flag false;
      hostKeys = option (types.listOf types.attrs) [
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
    # It has no activation scripts: secrets are installed by a unit.
    services.userborn.enable = flag true;
    systemd.sysusers.enable = flag false;
  };
  config = {
    users.users = systems.usersOfLinux;
    users.groups = lib.genAttrs [
      "root"
      "wheel"
      "sudo"
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
      "nogroup"
      "users"
      "nixbld"
      "utmp"
      "adm"
      "input"
      "kvm"
      "render"
      "sgx"
      "shadow"
    ] (_: { });
  };
}
