let
  pkgs = import ../packages.nix;
in
builtins.mapAttrs (_: module: pkgs.nixos module) { dock = ../modules/common.nix; }
