# flake-parts' `flake-parts-lib`, as far as configurations hang on it: https://flake.parts/module-arguments
{ lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  importApply = lib.modules.importApply;
  # Options below `perSystem` are its own: nothing of the flake hangs on them.
  mkPerSystemOption = module: { };
  mkPerSystemType = module: types.deferredModule;
  mkDeferredModuleType = module: types.deferredModule;
  mkDeferredModuleOption = module: mkOption { type = types.deferredModule; };
  mkSubmoduleOptions =
    options:
    mkOption {
      type = types.submoduleWith { modules = [ { inherit options; } ]; };
    };
  mkTransposedPerSystemModule = _: { };
  evalFlakeModule = _: module: lib.evalModules { modules = [ module ]; };
}
