{ config, pkgs, ... }:
{
  imports = [
    <sops-nix/modules/sops>
    <home-manager/nixos>
  ];
  users.users.vera = {
    isNormalUser = true;
    hashedPasswordFile = config.sops.secrets.vera-password.path;
  };
  sops.secrets.vera-password = {
    sopsFile = ./secrets.yaml;
    neededForUsers = true;
  };
  home-manager.users.vera = {
    imports = [ <sops-nix/modules/home-manager/sops.nix> ];
    sops.secrets.notes.sopsFile = ./secrets.yaml;
  };
}
