# Each host is a call of this file: `nixos-rebuild --file hosts/brig`.
let
  sources = import ../pins;
  pkgs = import ../packages.nix;
in
modules: pkgs.nixos ([ "${sources.agenix}/modules/age.nix" ] ++ modules)
