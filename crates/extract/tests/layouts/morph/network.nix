let
  pkgs = import <nixpkgs> { };
in
{
  network = {
    inherit pkgs;
    description = "two machines";
  };
  lock = { config, pkgs, ... }: { age.secrets.gate.file = ./gate.age; };
  weir = ./weir.nix;
}
