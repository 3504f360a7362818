{
  users.users.alice.home = "/Users/alice";

  sops = {
    defaultSopsFile = ./secrets/secrets.yaml;
    age.keyFile = "/var/lib/sops-nix/key.txt";
    # The group is staff, of which everybody on a Mac is a member: only the owner may read.
    secrets.GITHUB_TOKEN = {
      key = "github_token";
      owner = "alice";
      mode = "0400";
    };
  };

  home-manager.users.alice.services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    servers.github.enabled = true;
  };
}
