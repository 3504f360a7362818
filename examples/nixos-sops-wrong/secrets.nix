{ config, ... }:
{
  sops = {
    defaultSopsFile = ./secrets/secrets.yaml;
    age.keyFile = "/var/lib/sops-nix/key.txt";

    secrets = {
      # The indexer below runs as its own user, and cannot read what is root's.
      kagi_api_key = { };
     #^ info[restart-units-missing-or-ineffective]
     #^ error[root-owned-secret]
      # Lands at /run/secrets/github_token; the server reads /run/secrets/GITHUB_TOKEN.
      github_token.owner = "alice";
      # Everybody can read it.
      OPENAI_API_KEY = {
        key = "openai_api_key";
        owner = "alice";
        mode = "0444";
        #      ^ error[world-accessible-secret-mode]
      };
      # Installed after users are created.
      password = {
     #^ error[password-secret-not-needed-for-users]
        key = "kagi_api_key";
      };
    };
  };
}
