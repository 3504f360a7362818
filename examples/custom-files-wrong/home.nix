{
  home.username = "alice";
  home.homeDirectory = "/home/alice";

  services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    # A path without quotes: the directory is copied to the world-readable store.
    secretsPath = ./tokens;
    #             ^ error[mcp-secrets-path-literal]
    servers.github = {
      enabled = true;
      # The name is also that of the variable.
      secret = "github-token";
      #        ^ error[mcp-secret-name-not-an-identifier]
    };
  };
}
