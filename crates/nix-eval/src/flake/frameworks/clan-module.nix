# clan-core's flake-parts module: `clan` makes the machines (its docs: flake-parts).
{
  clan,
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
  inherit (lib) mkOption types;
  options = {
    machines = mkOption {
      type = types.lazyAttrsOf types.deferredModule;
      default = { };
    };
    specialArgs = mkOption {
      type = types.lazyAttrsOf types.raw;
      default = { };
    };
    directory = mkOption {
      type = types.raw;
      default = self.outPath;
    };
    outputs = mkOption {
      type = types.lazyAttrsOf types.raw;
      default = made.outputs;
    };
    inventory = mkOption {
      type = types.submodule {
        freeformType = types.lazyAttrsOf types.anything;
        options.machines = mkOption {
          type = types.lazyAttrsOf (types.lazyAttrsOf types.raw);
          default = { };
        };
      };
      default = { };
    };
  };
  made = clan (
    config.flake.clan
    // {
      inherit self;
    }
  );
in
{
  _file = "«mcp-lint»/clan.nix";
  key = "«mcp-lint»/clan.nix";
  imports = [
    (lib.mkAliasOptionModule [ "clan" ] [ "flake" "clan" ])
  ];
  options.flake = mkOption {
    type = types.submoduleWith {
      modules = [
        {
          options.clan = mkOption {
            type = types.submoduleWith {
              # flakeModules/clan.nix
              specialArgs = {
                inherit self;
                nixpkgs = inputs.nixpkgs or { };
                nix-darwin = inputs.nix-darwin or { };
              };
              modules = [
                {
                  inherit options;
                  freeformType = types.lazyAttrsOf types.anything;
                }
              ];
            };
            default = { };
          };
        }
      ];
    };
  };
  config.flake = {
    inherit (made) nixosConfigurations darwinConfigurations;
  };
}
