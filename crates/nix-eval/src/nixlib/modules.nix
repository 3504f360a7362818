# Modules that rename, merge and remove options, and what is built from other functions of `lib`.
lib:
let
  show = lib.showOption;

  # Definitions of one option made those of another, with the priority that wins among them.
  aliasWithPriority =
    wrap: option:
    let
      priority = option.highestPrio or 100;
    in
    lib.modules.mkAliasIfDef option (wrap (lib.mkMerge (map (lib.mkOverride priority) option.definitions)));

  doRename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
      new = lib.attrByPath to { } options;
      wrap = lib.setAttrByPath to;
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          inherit visible;
          description = "Alias of {option}`${show to}`.";
          type = new.type or (lib.types.submodule { });
          apply =
            _:
            use (
              lib.attrByPath to (abort "Renaming error: option `${show to}' does not exist.") config
            );
        }
      );
      config = lib.mkIf condition (
        lib.mkMerge [
          (lib.optionalAttrs (options ? warnings) {
            warnings = lib.optional (warn && old.isDefined) "The option `${show from}' defined in ${lib.options.showFiles old.files} has been renamed to `${show to}'.";
          })
          (if withPriority then aliasWithPriority wrap old else lib.mkAliasAndWrapDefinitions wrap old)
        ]
      );
    };

  obsolete =
    from: to:
    builtins.trace "Obsolete option `${show from}' is used. It was renamed to `${show to}'.";

  alias =
    from: to:
    doRename {
      inherit from to;
      visible = true;
      warn = false;
      use = value: value;
    };

  unset = "_mkMergedOptionModule";

  merged =
    {
      from,
      to,
      function,
    }:
    { config, options, ... }:
    let
      isSet = path: lib.getAttrFromPath path config != unset;
      warning =
        path:
        "The option `${show path}' defined in ${
          lib.options.showFiles (lib.getAttrFromPath path options).files
        } has been changed to `${show to}' that has a different type. Please read `${show to}' documentation and update your configuration accordingly.";
      declare = path: lib.setAttrByPath path (
        lib.mkOption {
          visible = false;
          default = unset;
        }
      );
    in
    {
      options = lib.foldl' lib.recursiveUpdate { } (map declare from);
      config = {
        warnings = map warning (lib.filter isSet from);
      }
      // lib.setAttrByPath to (lib.mkMerge (lib.optional (lib.any isSet from) (function config)));
    };

  removed =
    { from, message }:
    { options, ... }:
    let
      option = lib.getAttrFromPath from options;
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          visible = false;
          apply = _: throw "The option `${show from}' can no longer be used since it's been removed. ${message}";
        }
      );
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition `${show from}' in ${lib.options.showFiles option.files} no longer has any effect; please remove it.\n${message}";
        }
      ];
    };

  tag = value: value._type or "";

  # The sets behind properties, which move to their attributes.
  pushDownProperties =
    set:
    let
      each = wrap: map (lib.mapAttrs (_: wrap)) (pushDownProperties set.content);
    in
    if tag set == "merge" then
      lib.concatMap pushDownProperties set.contents
    else if tag set == "if" then
      each (lib.mkIf set.condition)
    else if tag set == "override" then
      each (lib.mkOverride set.priority)
    else
      [ set ];

  sortProperties =
    definitions:
    let
      isOrder = definition: tag definition.value == "order";
      strip =
        definition:
        if isOrder definition then
          definition
          // {
            value = definition.value.content;
            inherit (definition.value) priority;
          }
        else
          definition;
      order = definition: definition.priority or 1000;
    in
    lib.sort (a: b: order a < order b) (map strip definitions);

  # What each attribute of an `attrsOf` option is, with its priority, without merging the others.
  mergeAttrDefinitionsWithPrio =
    option:
    let
      parts = lib.concatMap (
        definition:
        map (lib.mapAttrs (_: value: definition // { inherit value; })) (pushDownProperties definition.value)
      ) option.definitionsWithLocations;
      element = option.type.nestedTypes.elemType;
      merge =
        name: definitions:
        let
          merged = lib.mergeDefinitions (option.loc ++ [ name ]) element definitions;
        in
        {
          value = merged.mergedValue;
          inherit (merged.defsFinal') highestPrio;
        };
    in
    lib.mapAttrs merge (lib.zipAttrs parts);
in
{
  inherit
    doRename
    mergeAttrDefinitionsWithPrio
    sortProperties
    ;

  mkAliasAndWrapDefsWithPriority = aliasWithPriority;

  mkRenamedOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = obsolete from to;
    };

  mkRenamedOptionModuleWith =
    { from, to, ... }:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = obsolete from to;
    };

  mkAliasOptionModule = alias;

  mkAliasOptionModuleMD = alias;

  mkRemovedOptionModule = from: message: removed { inherit from message; };

  mkMergedOptionModule =
    from: to: function:
    merged { inherit from to function; };

  mkChangedOptionModule =
    from: to: function:
    merged {
      from = [ from ];
      inherit to function;
    };

  # The value of each definition changed, whatever properties are around it.
  mapDefinitionValue =
    change:
    let
      inner =
        definition:
        if tag definition == "merge" then
          definition // { contents = map inner definition.contents; }
        else if lib.elem (tag definition) [ "if" "override" "order" ] then
          definition // { content = inner definition.content; }
        else if tag definition == "definition" then
          definition // { value = inner definition.value; }
        else
          change definition;
    in
    inner;
}
