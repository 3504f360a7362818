{ inputs, ... }:
{
  imports = [ inputs.sops-nix.homeManagerModules.sops ];
  home.homeDirectory = "/home/olaf";
  sops.secrets.nose = {
    sopsFile = ../../../secrets.yaml;
    path = "/home/olaf/.nose";
  };
}
