let
  sources = import ../npins;
in
import (sources.nixpkgs + "/nixos") { configuration = ../modules/common.nix; }
