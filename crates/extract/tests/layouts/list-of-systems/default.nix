let
  build = configuration: (import <nixpkgs/nixos> { inherit configuration; }).system;
in
map build [ ./plum/configuration.nix ]
