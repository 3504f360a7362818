{
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.first = { };
}
