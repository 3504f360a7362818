{
  users.users.alice.isNormalUser = true;

  age = {
    identityPaths = [ "/var/lib/agenix/key.txt" ];
    secrets = {
      # Root's, and not named as the server expects it.
      github_token.file = ./secrets/github_token.age;
     #^ error[root-owned-secret]
      # A typo: chown fails, and the file stays root's.
      openai_api_key = {
        file = ./secrets/openai_api_key.age;
        name = "OPENAI_API_KEY";
        owner = "alcie";
        #       ^ error[secret-owner-not-declared]
      };
      # The file is not there.
      kagi_api_key.file = ./secrets/kagi_api_key.age;
      #                   ^ error[missing-secret-file]
    };
  };

  home-manager.users.alice.services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    secretsPath = "/run/agenix";
    servers.github.enabled = true;
   #^ error[mcp-secret-name-mismatch]
    servers.openai.enabled = true;
  };
}
