# mcp-home-manager's Home Manager module `services.mcp`: modules/{default,types,builders}.nix, servers/*.nix (1a28352).
{ lib, ... }:
{ config, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.mcp;
  server = {
    options = {
      command = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      args = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
      env = mkOption {
        type = types.attrsOf types.str;
        default = { };
      };
      secret = mkOption {
        type = types.nullOr types.str;
        default = null;
      };
      enabled = mkOption {
        type = types.bool;
        default = true;
      };
    };
  };
  # enabled: whether the server runs when nobody mentions it. reads: the secrets below `secretsPath`.
  # fixed: the secrets below /run/secrets, whatever `secretsPath` says.
  defaults = {
    memory.enabled = true;
    git.enabled = true;
    time.enabled = true;
    sqlite.enabled = true;
    everything.enabled = true;
    github.reads = [ "GITHUB_TOKEN" ];
    openai.reads = [ "OPENAI_API_KEY" ];
    docs.reads = [ "OPENAI_API_KEY" ];
    kagi.reads = [ "KAGI_API_KEY" ];
    brave.reads = [ "BRAVE_API_KEY" ];
    linear.fixed = [ "LINEAR_API_KEY" ];
    slack.fixed = [
      "SLACK_BOT_TOKEN"
      "SLACK_TEAM_ID"
    ];
    discord.fixed = [ "DISCORD_BOT_TOKEN" ];
    postgres.fixed = [ "POSTGRES_CONNECTION_STRING" ];
    qdrant.fixed = [
      "QDRANT_URL"
      "QDRANT_API_KEY"
    ];
    pinecone.fixed = [ "PINECONE_API_KEY" ];
    e2b.fixed = [ "E2B_API_KEY" ];
    youtube.fixed = [
      "YUTU_CREDENTIAL"
      "YUTU_CACHE_TOKEN"
    ];
    filesystem = { };
    fetch = { };
    sequentialthinking = { };
    nixos = { };
    puppeteer = { };
    rustdocs = { };
  };
  enabledOf = name: (cfg.servers.${name} or (defaults.${name} or { })).enabled or false;
  # Each names itself: what it runs, and with which secret, is said where it is declared.
  generated = lib.genAttrs (builtins.filter enabledOf (
    builtins.attrNames (defaults // cfg.servers)
  )) (name: {
    command = name;
    _isOfServicesMcp = true;
  });
in
{
  _file = "«mcp-lint»/mcp/services-mcp.nix";
  options.services.mcp = {
    enable = mkOption {
      type = types.bool;
      default = false;
    };
    secretsPath = mkOption {
      type = types.path;
      default = "/run/secrets";
    };
    clients = mkOption {
      type = types.listOf (
        types.enum [
          "cursor"
          "claude-desktop"
        ]
      );
      default = [
        "cursor"
        "claude-desktop"
      ];
    };
    servers = mkOption {
      type = types.attrsOf (types.submodule server);
      default = { };
    };
    _generatedServers = mkOption {
      type = types.raw;
      internal = true;
      default = if cfg.enable then generated else { };
    };
    # Not an option of the real module: its own servers, for the inventory.
    _defaults = mkOption {
      type = types.raw;
      internal = true;
      default = defaults;
    };
  };
}
