{
  config,
  lib,
  site,
  ...
}@args:
{
  imports = lib.optional (site.kind == "host") ./gauge.nix;
  options.river = {
    arguments = lib.mkOption { default = args; };
    group = lib.mkOption {
      type = lib.types.str;
      default = "gauge";
    };
  };
  config = lib.mkMerge [
    { nixpkgs.overlays = [ site.self.overlays.packages ]; }
    (site.onlyOn "host" {
      river.group = "hydrology";
      home-manager.extraSpecialArgs = (site.host { }).specialArgs;
    })
    (site.onlyOn "site" { sops.secrets."weir/never" = { }; })
  ];
}
