# Modules that move, merge and remove options.
lib:
let
  # The type of an option that the project may not declare.
  typeAt = options: path: (lib.attrByPath path { } options).type or lib.types.unspecified;
  aliasOption =
    { from, options, to, apply }:
    lib.setAttrByPath from (
      lib.mkOption {
        visible = false;
        description = "Alias of ${lib.concatStringsSep "." to}.";
        type = typeAt options to;
        inherit apply;
      }
    );
in
{
  renamed =
    { from, to }:
    { config, options, ... }:
    let
      option = lib.getAttrFromPath from options;
    in
    {
      options = aliasOption {
        inherit from options to;
        apply = _: lib.getAttrFromPath to config;
      };
      config = lib.setAttrByPath to (
        lib.mkIf option.isDefined (
          lib.mkOverride (option.highestPrio or 100) (lib.mkMerge option.definitions)
        )
      );
    };

  removed =
    { from, message }:
    { options, ... }:
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          visible = false;
          apply = _: throw "The option `${lib.concatStringsSep "." from}' can no longer be used since it's been removed. ${message}";
        }
      );
    };

  merged =
    {
      from,
      to,
      function,
    }:
    { config, options, ... }:
    {
      options = lib.foldl' lib.recursiveUpdate { } (
        map (
          path:
          lib.setAttrByPath path (
            lib.mkOption {
              visible = false;
              default = "_mkMergedOptionModule";
            }
          )
        ) from
      );
      config = lib.setAttrByPath to (
        lib.mkMerge (
          lib.optional (lib.any (
            path: (lib.getAttrFromPath path config) != "_mkMergedOptionModule"
          ) from) (function config)
        )
      );
    };
}
