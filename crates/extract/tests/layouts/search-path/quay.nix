{
  imports = [ <sops-nix/modules/sops> ];
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.tide.owner = "harbour";
}
