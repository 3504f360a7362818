# nixos-unified's `lib.mkFlake`: flake-parts with the modules of one folder (https://nixos-unified.org/autowiring).
{ lib, entries, ... }:
{
  inputs,
  root,
  systems ? [
    "x86_64-linux"
    "x86_64-darwin"
    "aarch64-linux"
    "aarch64-darwin"
  ],
  specialArgs ? { },
}:
let
  folders = map (name: root + "/${name}") [
    "nix/modules/flake"
    "modules/flake"
    "nix/modules/flake-parts"
    "modules/flake-parts"
  ];
  found = builtins.filter builtins.pathExists folders;
in
inputs.flake-parts.lib.mkFlake { inherit inputs specialArgs; } {
  inherit systems;
  _module.args = { inherit root; };
  imports =
    if found == [ ] then
      throw "None of these paths exist: ${toString folders}"
    else
      lib.attrValues (entries (builtins.head found));
}
