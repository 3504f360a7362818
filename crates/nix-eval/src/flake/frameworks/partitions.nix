# flake-parts' `partitions` module: outputs that are made with inputs of their own
# (https://flake.parts/options/flake-parts-partitions).
{ inputsOf, ... }:
{
  config,
  lib,
  inputs,
  self,
  extendModules,
  ...
}:
let
  inherit (lib) mkOption types;
  partition =
    { config, ... }:
    {
      options = {
        extraInputsFlake = mkOption {
          type = types.nullOr types.raw;
          default = null;
        };
        extraInputs = mkOption {
          type = types.lazyAttrsOf types.raw;
          default = { };
        };
        module = mkOption {
          type = types.deferredModule;
          default = { };
        };
        settings = mkOption {
          type = types.raw;
          default = { };
        };
      };
      # Beside what a project adds itself.
      config.extraInputs = lib.mkIf (config.extraInputsFlake != null) (inputsOf config.extraInputsFlake);
    };
  outputsOf =
    name:
    let
      partition = config.partitions.${name};
      ownInputs = inputs // partition.extraInputs // { self = ownSelf; };
      ownSelf = self // {
        inputs = ownInputs;
      };
    in
    (extendModules {
      modules = [
        partition.module
        { insidePartition = true; }
      ];
      specialArgs = {
        inputs = ownInputs;
        self = ownSelf;
      };
    }).config.flake;
in
{
  _file = "«mcp-lint»/partitions.nix";
  key = "«mcp-lint»/partitions.nix";
  options = {
    partitions = mkOption {
      type = types.lazyAttrsOf (types.submodule partition);
      default = { };
    };
    insidePartition = mkOption {
      type = types.bool;
      default = false;
      internal = true;
    };
    partitionedAttrs = mkOption {
      type = types.lazyAttrsOf types.str;
      default = { };
    };
  };
  config.flake = lib.mkIf (!config.insidePartition) (
    lib.mapAttrs (output: name: lib.mkForce (outputsOf name).${output}) config.partitionedAttrs
  );
}
