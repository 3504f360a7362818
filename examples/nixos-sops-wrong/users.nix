{ config, ... }:
{
  users.users.alice = {
    isNormalUser = true;
    hashedPasswordFile = config.sops.secrets.password.path;
  };
  users.users.indexer = {
    isSystemUser = true;
    group = "indexer";
  };
  users.groups.indexer = { };

  systemd.services.indexer = {
    wantedBy = [ "multi-user.target" ];
    script = "exec indexer --key-file ${config.sops.secrets.kagi_api_key.path}";
    serviceConfig.User = "indexer";
  };

  home-manager.users.alice.services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    servers.github.enabled = true;
   #^ error[mcp-secret-name-mismatch]
    servers.openai.enabled = true;
    servers.brave.enabled = true;
   #^ warning[mcp-secret-missing]
  };
}
