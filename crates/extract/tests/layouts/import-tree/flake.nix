# Every way to choose files: each host has one secret by each file that is chosen.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    import-tree.url = "github:vic/import-tree";
    agenix.url = "github:ryantm/agenix";
  };
  outputs =
    inputs:
    let
      inherit (inputs) import-tree;
      inherit (inputs.nixpkgs) lib;
      host =
        module:
        lib.nixosSystem {
          specialArgs = { inherit inputs; };
          modules = [
            inputs.agenix.nixosModules.default
            module
          ];
        };
    in
    {
      nixosConfigurations = lib.mapAttrs (_: host) {
        path-added = import-tree.addPath ./mods;
        path-added-result = (import-tree.addPath ./mods/host).result;
        interface = ((import-tree.addAPI { hosts = self: self.filter (lib.hasInfix "/host/"); }).hosts ./mods);
        filtered = import-tree.filter (lib.hasSuffix "a.nix") ./mods;
        filtered-twice = (import-tree.filter (lib.hasSuffix "a.nix")).filterNot (lib.hasInfix "host") ./mods;
        matched = import-tree.match ".*/[b-z]\\.nix" ./mods;
        not-matched = import-tree.matchNot ".*/[b-z]\\.nix" ./mods;
        other-files = import-tree.initFilter (lib.hasSuffix ".module") ./mods;
        mapped = import-tree.map (file: { imports = [ file ]; }) ./mods/host;
        files.imports = (import-tree.withLib lib).leafs ./mods;
        imported = (import import-tree).match ".*/a\\.nix" ./mods;
        of-trees = import-tree [
          (import-tree.addPath ./mods/host)
          ./mods/a.nix
        ];
        inside =
          { inputs, ... }:
          {
            imports = [ (inputs.import-tree.filter (path: path == "/b.nix") ./mods/host) ];
          };
      };
    };
}
