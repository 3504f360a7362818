{
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.both = { };
}
