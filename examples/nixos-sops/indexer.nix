{ config, ... }:
{
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
}
