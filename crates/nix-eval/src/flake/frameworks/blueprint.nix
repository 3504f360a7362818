# numtide's blueprint: hosts, users and modules by folder (its docs/content/getting-started/folder_structure.md).
{
  lib,
  nixosSystem,
  darwinSystem,
  entries,
  ...
}:
{
  inputs,
  prefix ? null,
  systems ? [
    "x86_64-linux"
    "aarch64-linux"
    "aarch64-darwin"
    "x86_64-darwin"
  ],
  ...
}:
let
  flake = inputs.self;
  root =
    if prefix == null then
      flake.outPath
    else if builtins.isPath prefix then
      prefix
    else
      flake.outPath + "/${prefix}";
  exists = builtins.pathExists;
  modulesOf = type: entries (root + "/modules/${type}");
  usersOf =
    folder:
    lib.concatMapAttrs (
      name: path:
      if exists (path + "/home-configuration.nix") then
        { ${name} = path + "/home-configuration.nix"; }
      else if lib.hasSuffix ".nix" (toString path) then
        { ${name} = path; }
      else
        { }
    ) (entries (folder + "/users"));
  arguments = hostName: {
    inherit inputs flake hostName;
    perSystem = lib.mapAttrs (_: input: input.packages or { }) inputs;
  };
  withUsers =
    hostName: folder:
    let
      users = usersOf folder;
    in
    lib.optional (users != { }) {
      home-manager.extraSpecialArgs = arguments hostName;
      home-manager.users = users;
    };
  host =
    hostName: folder:
    let
      system = build: file: {
        value = build {
          specialArgs = arguments hostName;
          modules = [
            { networking.hostName = lib.mkDefault hostName; }
            file
          ]
          ++ withUsers hostName folder;
        };
      };
    in
    if exists (folder + "/default.nix") then
      import (folder + "/default.nix") (arguments hostName)
    else if exists (folder + "/configuration.nix") then
      system nixosSystem (folder + "/configuration.nix") // { class = "nixos"; }
    else if exists (folder + "/darwin-configuration.nix") then
      system darwinSystem (folder + "/darwin-configuration.nix") // { class = "nix-darwin"; }
    else
      { class = "none"; };
  hosts = lib.mapAttrs host (entries (root + "/hosts"));
  ofClass = class: lib.mapAttrs (_: host: host.value) (lib.filterAttrs (_: host: host.class == class) hosts);
in
{
  nixosConfigurations = ofClass "nixos";
  darwinConfigurations = ofClass "nix-darwin";
  nixosModules = modulesOf "nixos";
  darwinModules = modulesOf "darwin";
  homeModules = modulesOf "home";
  modules = lib.mapAttrs (type: _: modulesOf type) (entries (root + "/modules"));
  lib =
    if exists (root + "/lib/default.nix") then
      import (root + "/lib/default.nix") { inherit flake inputs; }
    else
      { };
}
