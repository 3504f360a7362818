# ez-configs' flake-parts module (its README: a folder of files for each kind of configuration).
{
  nixosSystem,
  darwinSystem,
  homeManagerConfiguration,
  entries,
  ...
}:
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.ezConfigs;
  raw =
    default:
    mkOption {
      type = types.raw;
      inherit default;
    };
  set =
    type:
    mkOption {
      type = types.lazyAttrsOf type;
      default = { };
    };
  kind = folder: special: {
    configurationsDirectory = raw (cfg.root + "/${folder}-configurations");
    modulesDirectory = raw (cfg.root + "/${folder}-modules");
    ${special} = set types.raw;
    hosts = set types.raw;
    users = set types.raw;
  };
  # Whether the kind's own `default.nix` module is imported.
  withDefault =
    modules: given: lib.optional (given.importDefault or true && modules ? default) modules.default;
  homeModules = entries cfg.home.modulesDirectory;
  homes = entries cfg.home.configurationsDirectory;
  home = name: {
    imports = withDefault homeModules (cfg.home.users.${name} or { }) ++ lib.optional (homes ? ${name}) homes.${name};
    home.username = lib.mkDefault name;
  };
  homeArguments = {
    ezModules = homeModules;
  }
  // cfg.globalArgs
  // cfg.home.extraSpecialArgs;
  # Users are a list of names, or a set from user to the name of a configuration.
  usersOf =
    given:
    let
      users = given.userHomeModules or [ ];
    in
    if builtins.isList users then lib.genAttrs users (name: name) else users;
  systems =
    build: of:
    let
      modules = entries of.modulesDirectory;
    in
    lib.mapAttrs (
      name: path:
      let
        given = of.hosts.${name} or { };
      in
      build {
        specialArgs = {
          ezModules = modules;
        }
        // cfg.globalArgs
        // of.specialArgs;
        modules = [
          path
          { networking.hostName = lib.mkDefault name; }
        ]
        ++ withDefault modules given
        ++ lib.optional (usersOf given != { }) {
          home-manager.extraSpecialArgs = homeArguments;
          home-manager.users = lib.mapAttrs (_: home) (usersOf given);
        };
      }
    ) (entries of.configurationsDirectory);
in
{
  _file = "«mcp-lint»/ez-configs.nix";
  key = "«mcp-lint»/ez-configs.nix";
  options.ezConfigs = {
    root = raw null;
    globalArgs = set types.raw;
    earlyModuleArgs = set types.raw;
    home = kind "home" "extraSpecialArgs";
    nixos = kind "nixos" "specialArgs";
    darwin = kind "darwin" "specialArgs";
  };
  config = lib.mkIf (cfg.root != null) {
    flake.nixosConfigurations = systems nixosSystem cfg.nixos;
    flake.darwinConfigurations = systems darwinSystem cfg.darwin;
    flake.homeConfigurations = lib.mapAttrs (
      name: _:
      homeManagerConfiguration {
        extraSpecialArgs = homeArguments;
        modules = [ (home name) ];
      }
    ) homes;
    flake.nixosModules = entries cfg.nixos.modulesDirectory;
    flake.darwinModules = entries cfg.darwin.modulesDirectory;
    flake.homeModules = homeModules;
  };
}
