# clan-core's `lib.clan` and `lib.buildClan`: the machines of a clan (its docs: machines, inventory).
{
  lib,
  nixosSystem,
  darwinSystem,
  entries,
  ...
}:
clan:
let
  directory = clan.directory or (clan.self or { outPath = /nowhere; }).outPath;
  inventory = clan.inventory.machines or { };
  instances = clan.inventory.instances or { };
  written = clan.machines or { };
  folders = lib.filterAttrs (_: path: builtins.pathExists (path + "/configuration.nix")) (
    entries (directory + "/machines")
  );
  names = lib.unique (lib.attrNames written ++ lib.attrNames inventory ++ lib.attrNames folders);
  classOf = name: inventory.${name}.machineClass or "nixos";
  machine =
    name:
    (if classOf name == "darwin" then darwinSystem else nixosSystem) {
      specialArgs = {
        self = clan.self or { };
      }
      // (clan.specialArgs or { });
      modules =
        lib.optional (written ? ${name}) written.${name}
        ++ lib.optional (folders ? ${name}) (folders.${name} + "/configuration.nix")
        # The services of the inventory bring modules of clan-core: users, among others.
        ++ lib.optional (instances != { }) (builtins.getFlake "clan-core").nixosModules.services
        ++ [ { networking.hostName = lib.mkDefault name; } ];
    };
  ofClass = class: lib.genAttrs (lib.filter (name: classOf name == class) names) machine;
  config = {
    nixosConfigurations = ofClass "nixos";
    darwinConfigurations = ofClass "darwin";
    nixosModules = { };
    darwinModules = { };
    clanInternals = { };
  };
in
config // { inherit config; }
