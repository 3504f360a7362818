{
  sops.defaultSopsFile = ../secrets.yaml;
  sops.secrets.second = { };
}
