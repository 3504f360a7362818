# Secrets that you put in place yourself: mcp-lint shows who reads them, and has no opinion on what it
# cannot see.
{ config, ... }:
{
  home.username = "alice";
  home.homeDirectory = "/home/alice";

  services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    secretsPath = "${config.home.homeDirectory}/.local/share/mcp";
    servers.github = {
      enabled = true;
      secret = "GITHUB_TOKEN"; # ~/.local/share/mcp/GITHUB_TOKEN, mode 0400
    };
  };
}
