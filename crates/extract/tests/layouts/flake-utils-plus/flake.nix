{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    utils.url = "github:gytis-ivaskevicius/flake-utils-plus";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    inputs@{
      self,
      utils,
      sops-nix,
      ...
    }:
    utils.lib.mkFlake {
      inherit self inputs;
      supportedSystems = [ "x86_64-linux" ];
      hostDefaults.modules = [
        sops-nix.nixosModules.sops
        { sops.defaultSopsFile = ./secrets.yaml; }
      ];
      hosts.beacon.modules = [ ./beacon.nix ];
    };
}
