{
  sops.secrets.grinder = {
    sopsFile = ../../secrets.yaml;
    owner = "root";
  };
}
