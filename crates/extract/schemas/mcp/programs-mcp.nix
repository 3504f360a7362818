# Home Manager's `programs.mcp`: modules/programs/mcp.nix (ec1a8fd).
{ lib, openSubmodule, ... }:
{ ... }:
let
  inherit (lib) mkOption types;
  value = types.either types.str (
    types.submodule {
      options.file = mkOption { type = types.str; };
    }
  );
  server = {
    options = {
      command = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      args = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      env = mkOption {
        type = types.attrsOf value;
        default = { };
      };
      url = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      headers = mkOption {
        type = types.attrsOf types.raw;
        default = { };
      };
      enabled = mkOption {
        type = types.nullOr types.bool;
        default = null;
      };
      disabled = mkOption {
        type = types.nullOr types.bool;
        default = null;
      };
    };
  };
in
{
  _file = "«mcp-lint»/mcp/programs-mcp.nix";
  options.programs.mcp = {
    enable = mkOption {
      type = types.bool;
      default = false;
    };
    servers = mkOption {
      type = types.attrsOf (openSubmodule {
        modules = [ server ];
        shorthandOnlyDefinesConfig = true;
      });
      default = { };
    };
  };
}
