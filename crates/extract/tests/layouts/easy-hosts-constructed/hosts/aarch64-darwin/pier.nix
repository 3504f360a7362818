{
  sops.secrets.rope.sopsFile = ./secrets.yaml;
}
