# The options of flake-parts, as far as configurations hang on them: https://flake.parts/options
{
  # The type of an option that a module may declare which is not in the project.
  undeclared,
  # Whatever else a module may define which is not in the project.
  unseen,
}:
{
  config,
  lib,
  inputs,
  self,
  ...
}:
let
  inherit (lib) mkOption types;
  evaluated =
    system:
    lib.evalModules {
      modules = [
        config.perSystem
        {
          _module.freeformType = types.lazyAttrsOf undeclared;
          _module.args.pkgs = lib.mkOptionDefault inputs.nixpkgs.legacyPackages.${system};
          _module.args.inputs' = lib.mapAttrs (
            _: input: lib.mapAttrs (_: output: output.${system} or output) input
          ) inputs;
          _module.args.self' = lib.mapAttrs (_: output: output.${system} or output) self;
        }
      ];
      specialArgs = { inherit inputs self system; };
    };
  # Which systems a flake has may not be known, where they are an input of their own.
  common = lib.genAttrs [
    "aarch64-darwin"
    "aarch64-linux"
    "x86_64-darwin"
    "x86_64-linux"
  ] evaluated;
  evaluationOf = system: common.${system} or (evaluated system);
  systemOf = system: (evaluationOf system).config;
  withSystem =
    system: function:
    function (
      unseen
      // (evaluationOf system)._module.args
      // {
        config = systemOf system;
        inherit
          inputs
          self
          system
          ;
      }
    );
in
{
  _file = "«mcp-lint»/flake-parts.nix";
  options = {
    systems = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
    flake = mkOption {
      type = types.submoduleWith {
        modules = [
          {
            # One definition is itself, never a copy: an output may hold the whole flake again.
            freeformType = types.lazyAttrsOf undeclared;
            options = {
              nixosModules = mkOption {
                type = types.lazyAttrsOf types.deferredModule;
                default = { };
              };
              nixosConfigurations = mkOption {
                type = types.lazyAttrsOf types.raw;
                default = { };
              };
              darwinConfigurations = mkOption {
                type = types.lazyAttrsOf types.raw;
                default = { };
              };
              homeConfigurations = mkOption {
                type = types.lazyAttrsOf types.raw;
                default = { };
              };
              darwinModules = mkOption {
                type = types.lazyAttrsOf types.deferredModule;
                default = { };
              };
              homeModules = mkOption {
                type = types.lazyAttrsOf types.deferredModule;
                default = { };
              };
              # The dendritic pattern: flake.modules.<class>.<name>.
              modules = mkOption {
                type = types.lazyAttrsOf (types.lazyAttrsOf types.deferredModule);
                default = { };
              };
            };
          }
        ];
      };
      default = { };
    };
    debug = mkOption {
      type = types.bool;
      default = false;
    };
    perSystem = mkOption {
      type = types.deferredModule;
      default = { };
    };
    allSystems = mkOption {
      type = types.lazyAttrsOf types.raw;
      default = { };
    };
  };
  config = {
    allSystems = lib.genAttrs config.systems systemOf;
    flake = {
      packages = lib.genAttrs config.systems (system: unseen // (systemOf system).packages or { });
      allSystems = lib.mkIf config.debug (
        lib.genAttrs config.systems (
          system:
          unseen
          // systemOf system
          // {
            _module.args = unseen // (evaluationOf system)._module.args;
          }
        )
      );
    };
    _module.args = {
      inherit withSystem;
      getSystem = systemOf;
      # The module is a function of what `withSystem` gives, for the system of who imports it.
      moduleWithSystem =
        module:
        { config, ... }:
        let
          all = withSystem config._module.args.pkgs.stdenv.hostPlatform.system (arguments: arguments);
        in
        {
          imports = [ (module (builtins.mapAttrs (name: _: all.${name}) (builtins.functionArgs module))) ];
        };
    };
  };
}
