{ config, ... }:
{
  home.username = "alice";
  home.homeDirectory = "/home/alice";

  sops = {
    defaultSopsFile = ./secrets/secrets.yaml;
    # A user's own secrets are decrypted with the user's own key, after login.
    age.keyFile = "${config.home.homeDirectory}/.config/sops/age/keys.txt";
    secrets.GITHUB_TOKEN.key = "github_token";
    secrets.OPENAI_API_KEY.key = "openai_api_key";
  };

  services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    secretsPath = config.sops.defaultSymlinkPath;
    servers.github.enabled = true;
    servers.openai.enabled = true;
  };
}
