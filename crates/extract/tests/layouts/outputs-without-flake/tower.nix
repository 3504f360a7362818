{
  sops.secrets.bell.sopsFile = ./secrets.yaml;
}
