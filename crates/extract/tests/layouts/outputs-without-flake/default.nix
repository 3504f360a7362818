let
  sources = import ./sources.nix;
  nixos = import (sources.nixpkgs + "/nixos/lib/eval-config.nix");
in
{
  nixosConfigurations.tower = nixos {
    system = "x86_64-linux";
    modules = [
      (sources.sops-nix + "/modules/sops")
      ./tower.nix
    ];
  };
}
