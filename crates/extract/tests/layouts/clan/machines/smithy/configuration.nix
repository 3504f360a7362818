{
  sops.secrets.anvil = {
    sopsFile = ../../secrets.yaml;
    mode = "0444";
  };
}
