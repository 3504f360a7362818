{ flake, site, ... }:
{
  sops.secrets = {
    # Every host takes its secrets from the vault, which is not here.
    coal = { };
    iron = {
      sopsFile = flake.inputs.self + "/secrets/iron.yaml";
      owner = site.admin;
    };
    # The hosts differ in their names.
    tin.owner = site.name;
  };
}
