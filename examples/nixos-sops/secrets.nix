{
  config,
  lib,
  username,
  ...
}:
let
  # The servers read files named like the variable that they export.
  forServers = {
    GITHUB_TOKEN = "github_token";
    OPENAI_API_KEY = "openai_api_key";
  };
in
{
  sops = {
    defaultSopsFile = ./secrets/secrets.yaml;
    # Only root can read this key, and it is on the root file system.
    age.keyFile = "/var/lib/sops-nix/key.txt";

    secrets =
      lib.mapAttrs (_: key: {
        inherit key;
        owner = config.users.users.${username}.name;
      }) forServers
      // {
        kagi_api_key.owner = "indexer";
       #^ info[restart-units-missing-or-ineffective]
      };
  };
}
