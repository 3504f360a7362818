# A configuration of its own, which hosts get whole.
{ config, lib, ... }@args:
{
  options = {
    self = lib.mkOption { };
    lib = lib.mkOption { };
    kind = lib.mkOption {
      type = lib.types.str;
      default = "site";
    };
    modules = lib.mkOption {
      type = lib.types.listOf lib.types.raw;
      default = [ ];
    };
    # The configuration that this one was made by.
    parent = lib.mkOption { default = null; };
    arguments = lib.mkOption { default = args; };
    specialArgs = lib.mkOption {
      default = {
        inherit (config) lib;
        site = config;
      };
    };
    onlyOn = lib.mkOption {
      default = kind: definitions: lib.optionalAttrs (config.kind == kind) definitions;
    };
    host = lib.mkOption {
      default =
        module:
        (lib.evalModules {
          modules = [
            ./site.nix
            module
            {
              inherit (config) self lib;
              kind = "host";
              parent = builtins.removeAttrs config [ "_module" ];
            }
          ];
        }).config;
    };
  };
}
