# What every system has: `pkgs`, for the system that the configuration says it is.
{ makePackages, system }:
{ config, lib, ... }:
let
  hostPlatform = config.nixpkgs.hostPlatform;
  ofPlatform = if builtins.isString hostPlatform then hostPlatform else hostPlatform.system;
in
{
  _file = "«mcp-lint»/base.nix";
  config._module.args.pkgs = lib.mkOverride 1500 (
    makePackages (if system != null then system else ofPlatform)
  );
}
