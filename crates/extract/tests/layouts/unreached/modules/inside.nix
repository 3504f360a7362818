# A module of another kind, with a module for NixOS inside.
{ ... }:
{
  flake.modules.nixos.oven =
    { config, ... }:
    {
      sops.secrets.oven.owner = "grafana";
    };
}
