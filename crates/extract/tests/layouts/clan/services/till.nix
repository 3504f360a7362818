{
  # What lies in sops/secrets for the machine, and who may read it there.
  sops.secrets.yeast.mode = "0440";
  sops.secrets.anvil.restartUnits = [ "till.service" ];
}
