# The options that every module evaluation has; `isNested` in a submodule, whose arguments are not
# documented.
lib: isNested:
let
  inherit (lib) mkOption types;
in
{
  _file = "lib/modules.nix";
  key = "lib/modules.nix";
  options._module = {
    args = mkOption {
      type = types.lazyAttrsOf types.raw;
      internal = isNested;
      description = "Additional arguments passed to each module.";
    };
    check = mkOption {
      type = types.bool;
      default = true;
      internal = true;
      description = "Whether to check that all definitions are declared.";
    };
    freeformType = mkOption {
      type = types.nullOr types.optionType;
      default = null;
      internal = true;
      description = "The type of definitions that no option declares.";
    };
    specialArgs = mkOption {
      readOnly = true;
      internal = true;
      description = "Arguments that imports can depend on.";
    };
  };
}
