# mcp-servers-nix' `lib.evalModule` and `lib.mkConfig` (its lib/default.nix and modules/servers/config.nix, 9ced2e7): the
# servers of the programs that are on, with the wrappers that read their secrets, and the file for a client.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  text =
    default:
    mkOption {
      type = types.str;
      inherit default;
    };
  keys = {
    codex = [ "mcp_servers" ];
    opencode = [ "mcp" ];
    vscode = [
      "mcp"
      "servers"
    ];
    vscode-workspace = [ "servers" ];
    zed = [ "context_servers" ];
  };
  ofWrapper = [
    "enable"
    "package"
    "envFile"
    "passwordCommand"
  ];
  wrapper =
    pkgs: name: cfg:
    let
      file = cfg.envFile or null;
      command = cfg.passwordCommand or null;
      variables = lib.mapAttrsToList (
        variable: words: "export ${variable}=$(${toString words})"
      ) (if lib.isAttrs command then command else { });
    in
    pkgs.writeShellScript "mcp-server-${name}" ''
      ${lib.optionalString (file != null) "export $(cat '${toString file}' | xargs)"}
      ${lib.optionalString (lib.isString command) "export $(${command} | xargs)"}
      ${lib.concatStringsSep "\n" variables}
      exec mcp-server-${name} "$@"
    '';
  server =
    pkgs: name: cfg:
    let
      isWrapped = (cfg.envFile or null) != null || (cfg.passwordCommand or null) != null;
      isRemote = lib.elem (cfg.type or null) [
        "http"
        "sse"
      ];
      command = if isWrapped then "${wrapper pkgs name cfg}" else "mcp-server-${name}";
    in
    lib.optionalAttrs (!isRemote) { inherit command; } // removeAttrs cfg ofWrapper;
  module =
    { config, pkgs, ... }:
    {
      options = {
        flavor = text "claude";
        format = text "json";
        fileName = text "claude_desktop_config.json";
        programs = mkOption {
          type = types.attrsOf types.anything;
          default = { };
        };
        settings = mkOption {
          type = types.attrsOf types.anything;
          default = { };
        };
        configFile = mkOption { type = types.raw; };
      };
      config = {
        settings.servers = lib.mapAttrs (server pkgs) (
          lib.filterAttrs (_: cfg: cfg.enable or false) config.programs
        );
        configFile = pkgs.writeText config.fileName (
          builtins.toJSON (
            removeAttrs config.settings [ "servers" ]
            // lib.setAttrByPath (keys.${config.flavor} or [ "mcpServers" ]) config.settings.servers
          )
        );
      };
    };
  evalModule =
    pkgs: configuration:
    lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        module
        configuration
      ];
    };
in
{
  inherit evalModule;
  mkConfig = pkgs: configuration: (evalModule pkgs configuration).config.configFile;
}
