# What the three modules share: the manifest's file and the command.
{ lib, pkgs, cfg }:

let
  extend = manifest: manifest // {
    hosts = map
      (host: host // lib.mapAttrs (name: more: (host.${name} or [ ]) ++ more) cfg.extraManifest)
      manifest.hosts;
  };
in
{
  manifestFile = manifest: pkgs.writeText "mcp-lint-manifest.json" (builtins.toJSON (extend manifest));

  command = lib.escapeShellArgs (
    [ "${cfg.package}/bin/mcp-lint" "runtime" "--manifest" "${cfg.manifestFile}" ] ++ cfg.extraArgs
  );

  # Unless that is switched off, a failed check is a failed unit.
  successCodes = lib.optionals (!cfg.failOnError) [ 1 2 ];
}
