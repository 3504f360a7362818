{ config, ... }:
{
  networking.hostName = "gull";
  age.secrets.builder.file = ./secrets + "/${config.networking.localHostName}.age";
}
