{
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.third.mode = "0440";
}
