let
  sources = import ./npins;
in
import sources.nixpkgs { config.allowUnfree = true; }
