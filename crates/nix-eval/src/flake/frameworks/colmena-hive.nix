# colmena's `lib.makeHive`: the hive itself, so that its nodes are found, and `nodes`, their configurations
# (its src/nix/hive/eval.nix).
{ lib, nixosSystem, ... }:
hive:
let
  meta = hive.meta or { };
  names = lib.filter (
    name:
    !(lib.elem name [
      "meta"
      "defaults"
      "network"
    ])
  ) (lib.attrNames hive);
  nodes = lib.genAttrs names (
    name:
    nixosSystem {
      modules = lib.optional (hive ? defaults) hive.defaults ++ [ hive.${name} ];
      specialArgs = {
        inherit name nodes;
      }
      // (meta.specialArgs or { })
      // (meta.nodeSpecialArgs.${name} or { });
    }
  );
in
{
  inherit nodes;
}
// hive
