{
  home.username = "ada";
  home.homeDirectory = "/home/ada";
  sops.secrets.engine = {
    sopsFile = ./secrets.yaml;
    path = "/home/ada/engine";
  };
}
