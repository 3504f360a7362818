let
  pkgs = import ../packages.nix;
in
modules: pkgs.nixos ([ ../modules/common.nix ] ++ modules)
