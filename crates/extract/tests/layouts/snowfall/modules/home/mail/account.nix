{ lib, ... }:
{
  sops.secrets.${lib.snowfall.path.get-file-name-without-extension ./account.nix} = {
    sopsFile = lib.snowfall.fs.get-file "secrets.yaml";
    path = "/home/olaf/.account";
  };
}
