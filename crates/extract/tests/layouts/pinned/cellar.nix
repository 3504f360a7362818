{ config, ... }:
{
  networking.hostName = "cellar";
  age.secrets.wine = {
    file = ./secrets/wine.age;
    owner = config.services.paperless.user;
  };
}
