{
  users.users.alice.home = "/Users/alice";

  sops = {
    defaultSopsFile = ./secrets/secrets.yaml;
    age.keyFile = "/Users/alice/.config/sops/age/keys.txt";
    #             ^ warning[system-secrets-decryptable-by-user-key]
    # root's by default.
    secrets.GITHUB_TOKEN.key = "github_token";
    #       ^ error[root-owned-secret]
    # Every user of the Mac is in the group staff.
    secrets.OPENAI_API_KEY = {
      key = "openai_api_key";
      owner = "alice";
      mode = "0440";
      #      ^ warning[broad-group-readable]
      #      ^ info[mode-not-owner-only]
    };
  };

  home-manager.users.alice.services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    servers.github.enabled = true;
    servers.openai.enabled = true;
  };
}
