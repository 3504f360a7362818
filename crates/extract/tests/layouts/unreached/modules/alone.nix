# Nobody imports it.
{
  folder,
  operator,
  name,
  ...
}:
{
  sops.secrets = {
    yeast = {
      sopsFile = folder + "/yeast.yaml";
      owner = operator;
    };
    # Hosts have different names.
    salt.owner = name;
  };
}
