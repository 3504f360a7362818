# nixos-unified's flake-parts modules: `autoWire`, and `nixos-unified.lib` (https://nixos-unified.org/autowiring).
{
  name,
  nixosSystem,
  darwinSystem,
  homeManagerConfiguration,
  entries,
  ...
}:
{
  config,
  lib,
  inputs,
  self,
  ...
}:
let
  root = self.outPath;
  specialArgs = {
    flake = {
      inherit inputs self config;
    };
  };
  homeManager = {
    home-manager.extraSpecialArgs = specialArgs;
  };
  system =
    build:
    {
      home-manager ? false,
    }:
    module:
    build {
      inherit specialArgs;
      modules = [ module ] ++ lib.optional home-manager homeManager;
    };
  library = {
    inherit specialArgs;
    mkLinuxSystem = system nixosSystem;
    mkMacosSystem = system darwinSystem;
    mkHomeConfiguration =
      pkgs: module:
      homeManagerConfiguration {
        inherit pkgs;
        extraSpecialArgs = specialArgs;
        modules = [ module ];
      };
  };
  wired = folder: f: lib.mapAttrs (_: f) (entries (root + folder));
  whole = {
    home-manager = true;
  };
in
{
  _file = "«mcp-lint»/nixos-unified.nix";
  key = "«mcp-lint»/nixos-unified.nix:${name}";
  config.flake = lib.mkMerge [
    (lib.mkIf (name != "autoWire") { nixos-unified.lib = library; })
    (lib.mkIf (name == "autoWire") {
      nixosConfigurations = wired "/configurations/nixos" (library.mkLinuxSystem whole);
      darwinConfigurations = wired "/configurations/darwin" (library.mkMacosSystem whole);
      homeConfigurations = wired "/configurations/home" (library.mkHomeConfiguration null);
      nixosModules = wired "/modules/nixos" (path: path);
      darwinModules = wired "/modules/darwin" (path: path);
      homeModules = wired "/modules/home" (path: path);
    })
  ];
}
