import ./packages.nix
