{
  sops.defaultSopsFile = ../secrets.yaml;
  sops.secrets.of-alice = { };
}
