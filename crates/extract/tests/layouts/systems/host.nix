{ config, ... }:
{
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.token.owner = config.networking.hostName;
}
