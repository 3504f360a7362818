# flake-utils-plus' `mkFlake` (its README: hostDefaults, hosts, and outputs that pass through).
{
  lib,
  nixosSystem,
  ...
}:
{
  self,
  inputs,
  hosts ? { },
  hostDefaults ? { },
  ...
}@arguments:
let
  own = [
    "self"
    "inputs"
    "hosts"
    "hostDefaults"
    "supportedSystems"
    "channels"
    "channelsConfig"
    "sharedOverlays"
    "outputsBuilder"
    "nixosProfiles"
    "defaultSystem"
  ];
  host =
    name: given:
    let
      of = attribute: default: given.${attribute} or (hostDefaults.${attribute} or default);
      build = of "builder" nixosSystem;
    in
    {
      output = of "output" "nixosConfigurations";
      value = build {
        system = of "system" "x86_64-linux";
        modules = [
          { networking.hostName = lib.mkDefault name; }
        ]
        ++ (hostDefaults.modules or [ ])
        ++ (given.modules or [ ]);
        specialArgs = {
          inherit inputs;
        }
        // (hostDefaults.extraArgs or { })
        // (hostDefaults.specialArgs or { })
        // (given.extraArgs or { })
        // (given.specialArgs or { });
      };
    };
  built = lib.mapAttrs host hosts;
  outputs = lib.unique (lib.mapAttrsToList (_: host: host.output) built);
  systems = lib.genAttrs outputs (
    output: lib.mapAttrs (_: host: host.value) (lib.filterAttrs (_: host: host.output == output) built)
  );
in
lib.recursiveUpdate (removeAttrs arguments own) systems
