# What every system has: `pkgs`, for the system that the configuration says it is.
{
  makePackages,
  system,
  packages,
  modules,
  isWhole,
}:
{ config, lib, ... }:
let
  hostPlatform = config.nixpkgs.hostPlatform;
  ofPlatform = if builtins.isString hostPlatform then hostPlatform else hostPlatform.system;
in
{
  _file = "«mcp-lint»/base.nix";
  # Whether every module that may declare users or secrets is in the project.
  config._module.args.isWhole = isWhole;
  # What `nixosSystem` was called with: other tools make a system of it once more.
  config._module.args.modules = lib.mkOverride 1500 modules;
  config._module.args.pkgs = lib.mkOverride 1500 (
    if packages != null then
      packages
    else
      makePackages (if system != null then system else ofPlatform)
  );
}
