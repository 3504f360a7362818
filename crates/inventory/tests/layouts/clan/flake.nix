{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      self,
      clan-core,
      sops-nix,
      ...
    }:
    let
      clan = clan-core.lib.clan {
        inherit self;
        meta.name = "village";
        inventory.machines.smithy = { };
        machines.bakery.imports = [
          sops-nix.nixosModules.sops
          { sops.secrets.oven.sopsFile = ./secrets.yaml; }
        ];
      };
    in
    {
      inherit (clan.config) nixosConfigurations;
    };
}
