{ flour, ... }:
{ config, ... }:
{
  sops.secrets.sugar.mode = "0440";
}
