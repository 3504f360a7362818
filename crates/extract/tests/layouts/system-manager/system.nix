{ config, name, nixosModulesPath, ... }:
{
  imports = [ (nixosModulesPath + "/services/monitoring/prometheus") ];
  nixpkgs.hostPlatform = "x86_64-linux";
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets."${name}/token".owner = "bot";
  sops.secrets.first.neededForUsers = true;
  users.users.bot = {
    isNormalUser = true;
    group = "bots";
  };
}
