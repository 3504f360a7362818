{ namespace, ... }:
{
  ${namespace}.chat.enable = true;
  sops.defaultSopsFile = ../../../secrets.yaml;
}
