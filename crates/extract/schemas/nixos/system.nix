# What NixOS declares, as far as secrets hang on it: users, groups, units, Home Manager as a module.
# From nixpkgs' nixos/modules (config/users-groups.nix, services/security/kanidm.nix,
# system/boot/systemd) and home-manager's nixos/common.nix.
{
  lib,
  openSubmodule,
  openAttrsOf,
  nixosSystem,
  owners,
  modules,
  ...
}:
let
  inherit (lib) mkOption types mkDefault;
  # What does not depend on a configuration is evaluated once for all users of all hosts.
  file = mkOption {
    type = types.nullOr types.str;
    default = null;
  };
  number = mkOption {
    type = types.nullOr types.int;
    default = null;
  };
  texts = mkOption {
    type = types.listOf types.str;
    default = [ ];
  };
  flag = mkOption {
    type = types.bool;
    default = false;
  };
  ofUser = {
    options = {
      uid = number;
      isNormalUser = flag;
      isSystemUser = flag;
      extraGroups = texts;
      home = mkOption {
        type = types.str;
        default = "/var/empty";
      };
      hashedPasswordFile = file;
      passwordFile = file;
      initialHashedPasswordFile = file;
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
        gid = number;
        members = texts;
      };
    };
  bindMount =
    { name, ... }:
    {
      options = {
        mountPoint = mkOption {
          type = types.str;
          default = name;
        };
        hostPath = file;
        isReadOnly = mkOption {
          type = types.bool;
          default = true;
        };
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
        name = mkOption {
          type = types.str;
          default = name;
        };
        group = mkOption {
          type = types.str;
          default = if owners.isOfNixos name then owners.groupOfNixos services name else "";
        };
      };
      config = lib.mkIf config.isNormalUser {
        group = mkDefault "users";
        home = mkDefault "/home/${config.name}";
        isSystemUser = mkDefault false;
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
        specialArgs = mkOption {
          type = types.attrsOf types.raw;
          default = { };
        };
        bindMounts = mkOption {
          type = types.attrsOf (openSubmodule { modules = [ bindMount ]; });
          default = { };
        };
        extraFlags = texts;
        tmpfs = texts;
        privateUsers = mkOption {
          type = types.either types.ints.u32 types.str;
          default = "no";
        };
      };
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
    containers = mkOption {
      type = openAttrsOf (openSubmodule {
        shorthandOnlyDefinesConfig = true;
        modules = [ container ];
      });
      default = { };
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
