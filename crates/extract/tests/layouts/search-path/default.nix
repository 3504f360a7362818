# Functions of nixpkgs that are looked up by the search path: NixOS in both of its forms, and from a channel.
let
  system = import <nixpkgs/nixos/lib/eval-config.nix>;
  unstable = import <nixos-unstable/nixos/lib/eval-config.nix>;
in
{
  nixosConfigurations = {
    quay = system { modules = [ ./quay.nix ]; };
    pier = unstable { modules = [ ./quay.nix ]; };
    mole = import <nixpkgs/nixos> { configuration = ./quay.nix; };
    dock = import (<nixpkgs> + "/nixos/lib/eval-config.nix") { modules = [ ./quay.nix ]; };
  };
}
