{
  config,
  lib,
  site,
  ...
}:
{
  sops.defaultSopsFile = "${site.self}/secrets.yaml";
  users.users.gauge = {
    isSystemUser = true;
    group = config.river.group;
  };
  users.groups.hydrology = { };
  sops.secrets."weir/telemetry" = {
    owner = lib.river.owner;
    group = config.river.group;
    mode = "0440";
  };
}
