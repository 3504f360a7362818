# NixOS as far as modules of secrets ask for it; any other option is accepted.
{ homeLib }:
{
  lib,
  config,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types mkDefault;
  any = types.lazyAttrsOf types.anything;
  option = type: default: mkOption { inherit type default; };
  sets = option any { };
  lists = option (types.listOf types.unspecified) [ ];
  nullOr = type: option (types.nullOr type) null;
  user =
    { name, config, ... }:
    {
      freeformType = any;
      options = {
        name = mkOption { type = types.str; };
        uid = nullOr types.int;
        group = option types.str "";
        home = option types.path "/var/empty";
        isNormalUser = option types.bool false;
        isSystemUser = option types.bool false;
        extraGroups = option (types.listOf types.str) [ ];
        hashedPasswordFile = nullOr types.str;
        passwordFile = nullOr types.str;
      };
      config = lib.mkMerge [
        { name = mkDefault name; }
        (lib.mkIf config.isNormalUser {
          group = mkDefault "users";
          home = mkDefault "/home/${config.name}";
        })
      ];
    };
  group =
    { name, ... }:
    {
      freeformType = any;
      options = {
        name = option types.str name;
        gid = nullOr types.int;
        members = option (types.listOf types.str) [ ];
      };
    };
  osConfig = config;
  home =
    { name, config, ... }:
    {
      freeformType = any;
      options = {
        assertions = lists;
        warnings = lists;
        home = {
          username = mkOption { type = types.str; };
          homeDirectory = mkOption { type = types.path; };
          stateVersion = option types.str "24.11";
          packages = lists;
          file = sets;
          activation = sets;
          sessionVariables = sets;
        };
        xdg.configHome = option types.path "${config.home.homeDirectory}/.config";
      };
      # As Home Manager's module for NixOS does.
      config.home = {
        username = osConfig.users.users.${name}.name;
        homeDirectory = osConfig.users.users.${name}.home;
      };
    };
in
{
  _file = "stubs.nix";
  freeformType = any;
  options = {
    assertions = lists;
    warnings = lists;
    users.users = option (types.attrsOf (types.submodule user)) { };
    users.groups = option (types.attrsOf (types.submodule group)) { };
    users.mutableUsers = option types.bool true;
    services.openssh = {
      enable = option types.bool false;
      settings = sets;
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
    systemd.services = sets;
    systemd.user = sets;
    systemd.tmpfiles = sets;
    system.activationScripts = sets;
    system.build = sets;
    system.stateVersion = option types.str "24.11";
    environment = {
      systemPackages = lists;
      etc = sets;
      variables = sets;
      sessionVariables = sets;
    };
    networking.hostName = option types.str "nixos";
    home-manager = {
      useGlobalPkgs = option types.bool false;
      useUserPackages = option types.bool false;
      backupFileExtension = nullOr types.str;
      extraSpecialArgs = option types.attrs { };
      sharedModules = option (types.listOf types.raw) [ ];
      users = option (types.attrsOf (
        types.submoduleWith {
          class = "homeManager";
          specialArgs = {
            lib = homeLib;
            inherit pkgs osConfig;
          }
          // config.home-manager.extraSpecialArgs;
          modules = [ home ] ++ config.home-manager.sharedModules;
        }
      )) { };
    };
  };
  config.users = {
    users.root = {
      uid = 0;
      group = "root";
      home = "/root";
    };
    users.nobody = {
      uid = 65534;
      isSystemUser = true;
      group = "nogroup";
    };
    groups = {
      root.gid = 0;
      wheel.gid = 1;
      tty.gid = 3;
      disk.gid = 6;
      audio.gid = 17;
      video.gid = 26;
      keys.gid = 96;
      users.gid = 100;
      nixbld.gid = 30000;
      nogroup.gid = 65534;
    };
  };
}
