# What NixOS declares, as far as secrets hang on it: users, groups, units, Home Manager as a module.
# From nixpkgs' nixos/modules (config/users-groups.nix, services/security/kanidm.nix,
# system/boot/systemd) and home-manager's nixos/common.nix.
{
  lib,
  openSubmodule,
  openAttrsOf,
  sameGroupUsers,
  groupOfServiceUsers,
  modules,
  ...
}:
{ config, ... }@arguments:
let
  inherit (lib) mkOption types mkDefault;
  inherit (config) services;
  user =
    { name, config, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        uid = mkOption {
          type = types.nullOr types.int;
          default = null;
        };
        isNormalUser = mkOption {
          type = types.bool;
          default = false;
        };
        isSystemUser = mkOption {
          type = types.bool;
          default = false;
        };
        group = mkOption {
          type = types.str;
          # A user that a module of NixOS creates has its group from there.
          default =
            if builtins.elem name groupOfServiceUsers then
              services.${name}.group
            else if builtins.elem name sameGroupUsers then
              name
            else
              "";
        };
        extraGroups = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
        home = mkOption {
          type = types.str;
          default = "/var/empty";
        };
        hashedPasswordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
        };
        passwordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
        };
        initialHashedPasswordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
        };
      };
      config = lib.mkIf config.isNormalUser {
        group = mkDefault "users";
        home = mkDefault "/home/${config.name}";
        isSystemUser = mkDefault false;
      };
    };
  group =
    { name, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
        };
        gid = mkOption {
          type = types.nullOr types.int;
          default = null;
        };
        members = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
      };
    };
  homeManagerUser = openSubmodule {
    specialArgs = {
      osConfig = config;
      nixosConfig = config;
      inherit (arguments) modulesPath;
      lib = arguments.lib;
    }
    // config.home-manager.extraSpecialArgs;
    modules =
      modules.homeManager
      ++ [
        (
          { name, ... }:
          {
            _module.args.pkgs = lib.mkOptionDefault config._module.args.pkgs;
            home.username = mkDefault name;
            home.homeDirectory = config.users.users.${name}.home;
          }
        )
      ]
      ++ config.home-manager.sharedModules;
  };
in
{
  _file = "«mcp-lint»/nixos/system.nix";
  options = {
    networking.hostName = mkOption {
      type = types.str;
      default = "nixos";
    };
    nixpkgs.hostPlatform = mkOption {
      type = types.either types.str types.attrs;
      apply = lib.systems.elaborate;
    };
    users.mutableUsers = mkOption {
      type = types.bool;
      default = true;
    };
    users.users = mkOption {
      type = openAttrsOf (openSubmodule { modules = [ user ]; });
      default = { };
    };
    users.groups = mkOption {
      type = openAttrsOf (openSubmodule { modules = [ group ]; });
      default = { };
    };
    home-manager = {
      users = mkOption {
        type = types.attrsOf homeManagerUser;
        default = { };
      };
      extraSpecialArgs = mkOption {
        type = types.attrs;
        default = { };
      };
      sharedModules = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      useGlobalPkgs = mkOption {
        type = types.bool;
        default = false;
      };
      useUserPackages = mkOption {
        type = types.bool;
        default = false;
      };
    };
    services.openssh = {
      enable = mkOption {
        type = types.bool;
        default = false;
      };
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
              present = mkOption {
                type = types.bool;
                default = true;
              };
              public = mkOption {
                type = types.bool;
                default = false;
              };
            };
          }
        ];
      });
      default = { };
    };
    services.userborn.enable = mkOption {
      type = types.bool;
      default = false;
    };
    systemd.sysusers.enable = mkOption {
      type = types.bool;
      default = false;
    };
  };
  config = {
    # Users and groups that every NixOS system has.
    users.users.root = {
      uid = mkDefault 0;
      group = mkDefault "root";
      home = mkDefault "/root";
    };
    users.users.nobody = {
      uid = mkDefault 65534;
      group = mkDefault "nogroup";
    };
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
