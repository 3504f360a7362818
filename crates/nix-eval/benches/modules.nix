# Modules that declare and define options, submodules among them: the length of their JSON.
lib: count:
let
  inherit (lib) mkOption mkIf mkDefault mkForce mkMerge mkBefore types genList;
  name = i: "service-${toString i}";
  module = i: { config, lib, ... }: {
    options.services.${name i} = {
      enable = mkOption { type = types.bool; default = false; };
      port = mkOption { type = types.port; default = 1000 + i; };
      user = mkOption { type = types.str; default = name i; };
      packages = mkOption { type = types.listOf types.str; default = [ ]; };
      instances = mkOption {
        default = { };
        type = types.attrsOf (types.submodule ({ name, config, ... }: {
          options = {
            path = mkOption { type = types.path; default = "/run/${name}"; };
            owner = mkOption { type = types.nullOr types.str; default = null; };
            mode = mkOption { type = types.str; default = "0400"; };
          };
        }));
      };
    };
    config = mkIf config.services.${name i}.enable {
      users.${name i} = { uid = i; group = mkDefault "users"; };
      files.${config.services.${name i}.user} = {
        owner = config.services.${name i}.user;
        lines = mkMerge [ "a" (mkBefore "b") ];
      };
    };
  };
  definition = i: { config, ... }: {
    services.${name i} = {
      enable = i / 2 * 2 == i;
      user = mkForce "user-${toString i}";
      packages = [ "a" "b" ] ++ (if config.services.${name (i / 2)}.enable then [ "c" ] else [ ]);
      instances.main = { owner = config.services.${name i}.user; };
      instances.other.mode = mkDefault "0440";
    };
  };
  base = { lib, ... }: {
    options.users = mkOption {
      type = types.attrsOf (types.submodule {
        options.uid = mkOption { type = types.int; };
        options.group = mkOption { type = types.str; };
      });
    };
    options.files = mkOption {
      type = types.attrsOf (types.submodule {
        options.owner = mkOption { type = types.str; };
        options.lines = mkOption { type = types.lines; };
      });
    };
  };
  evaluated = lib.evalModules {
    modules = [ base ] ++ genList module (count / 2) ++ genList definition (count / 2);
  };
in
builtins.stringLength (builtins.toJSON evaluated.config)
