{
  sops.secrets.beacon.sopsFile = ./secrets.yaml;
}
