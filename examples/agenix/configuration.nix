{
  users.users.alice.isNormalUser = true;

  age = {
    identityPaths = [ "/var/lib/agenix/key.txt" ];
    secrets = {
      github_token = {
        file = ./secrets/github_token.age;
        # The file is named as the server expects it.
        name = "GITHUB_TOKEN";
        owner = "alice";
      };
      openai_api_key = {
        file = ./secrets/openai_api_key.age;
        name = "OPENAI_API_KEY";
        owner = "alice";
      };
    };
  };

  home-manager.users.alice.services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    secretsPath = "/run/agenix";
    servers.github.enabled = true;
    servers.openai.enabled = true;
  };
}
