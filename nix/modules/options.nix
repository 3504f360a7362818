# The options of `services.mcp-lint` that all three modules have.
{ lib, pkgs, manifest }:

{
  enable = lib.mkEnableOption "the check of deployed secrets after they are installed";

  package = lib.mkOption {
    type = lib.types.package;
    default = pkgs.mcp-lint or (pkgs.callPackage ../package.nix { });
    defaultText = lib.literalExpression "pkgs.mcp-lint";
    description = "The mcp-lint to use.";
  };

  failOnError = lib.mkOption {
    type = lib.types.bool;
    default = true;
    description = ''
      Whether findings (exit code 1), and things that could not be checked (exit code 2), make the
      unit fail. Without it the unit is green whatever it found.
    '';
  };

  extraArgs = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    example = [ "--format" "json" ];
    description = "More arguments for `mcp-lint runtime`.";
  };

  extraManifest = lib.mkOption {
    type = lib.types.attrsOf (lib.types.listOf lib.types.anything);
    default = { };
    example = lib.literalExpression ''
      {
        readers = [
          { secret = "db_password"; user = "postgres"; via = "postgresql.service"; moment = "service"; }
        ];
      }
    '';
    description = ''
      Entries to add to the lists of the host in the manifest: `secrets`, `readers`, `mcp`, `users`,
      `key_sources`. Their form is that of `mcp-lint inventory --format json`.
    '';
  };

  manifestFile = lib.mkOption {
    type = lib.types.path;
    default = manifest;
    defaultText = lib.literalMD "made from this configuration";
    description = ''
      What should be on the machine: names, paths, owners and modes of secrets, never a secret. It
      can be the output of `mcp-lint inventory --format json` instead.
    '';
  };
}
