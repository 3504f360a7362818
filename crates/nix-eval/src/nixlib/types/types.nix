# Types that are easier said in Nix.
lib:
let
  inherit (lib) types;

  # Values of a data format; what it calls itself, and whether it has a null.
  serializableValueWith =
    {
      typeName,
      nullable ? true,
    }:
    let
      scalar = types.oneOf [
        types.bool
        types.int
        types.float
        types.str
        types.path
        (types.attrsOf value)
        (types.listOf value)
      ];
      value = (if nullable then types.nullOr scalar else scalar) // {
        description = "${typeName} value";
      };
    in
    value;

  # The properties around a definition, in whatever order they stand. What an override guards is
  # looked at only where its priority wins.
  peel =
    state: value:
    let
      kind = value._type or "";
      inner = peel state value.content;
    in
    if kind == "if" then
      inner // { isThere = value.condition && inner.isThere; }
    else if kind == "override" then
      {
        inherit (value) priority;
        inherit (inner) order value;
        isThere = true;
      }
    else if kind == "order" then
      inner // { order = value.priority; }
    else
      state // { inherit value; };

  bare = {
    isThere = true;
    priority = 100;
    order = 1000;
  };

  # A list of sets with one attribute each, which may be written as one set.
  attrListWith =
    {
      elemType,
      asAttrs ? false,
      mergeAttrValues ? _: values: values,
    }:
    let
      isEntry = element: lib.isAttrs element.value && lib.length (lib.attrNames element.value) == 1;
      elements = definition: map (peel bare) definition.value;
      entriesOf =
        definition:
        let
          entry =
            state: name: value:
            peel state value
            // {
              inherit name;
              inherit (definition) file;
            };
        in
        if lib.isList definition.value then
          lib.concatMap (element: lib.mapAttrsToList (entry element) element.value) (elements definition)
        else
          lib.mapAttrsToList (entry bare) definition.value;

      problem =
        definition:
        if lib.isAttrs definition.value then
          null
        else if !lib.isList definition.value then
          "TypeError:"
        else
          let
            wrong = lib.findFirst (element: !isEntry element) null (elements definition);
          in
          if wrong == null then
            null
          else if lib.isAttrs wrong.value then
            "Each list element must be a single-key attribute set, but got ${toString (lib.length (lib.attrNames wrong.value))} keys."
          else
            "Each list element must be an attribute set, but got ${builtins.typeOf wrong.value}.";

      merge =
        { loc, defs }:
        let
          problems = lib.filter (text: text != null) (map problem defs);
          present = lib.filter (entry: entry.isThere) (lib.concatMap entriesOf defs);
          best = lib.mapAttrs (_: all: lib.foldl' lib.min 9999 (map (entry: entry.priority) all)) (
            lib.groupBy (entry: entry.name) present
          );
          winning = lib.filter (entry: entry.priority == best.${entry.name}) present;
          ordered = lib.sort (a: b: a.order < b.order) winning;
          mergedEntry =
            entry:
            entry
            // {
              merged = lib.mergeDefinitions (loc ++ [ entry.name ]) elemType [
                { inherit (entry) file value; }
              ];
            };
          merged = map mergedEntry ordered;
          list = map (entry: { ${entry.name} = entry.merged.mergedValue; }) merged;
          byName = lib.mapAttrs (
            name: all: mergeAttrValues name (map (entry: entry.merged.mergedValue) all)
          ) (lib.groupBy (entry: entry.name) merged);
        in
        {
          headError = if problems == [ ] then null else { message = lib.head problems; };
          value = if asAttrs then byName else list;
          valueMeta = {
            attrList = map (entry: entry.merged.valueMeta) merged;
            attrListValue = list;
            definitions = map (
              entry:
              lib.mkDefinition {
                inherit (entry) file;
                value = lib.mkOrder entry.order { ${entry.name} = entry.merged.mergedValue; };
              }
            ) merged;
          };
        };
      isBare = class: class == "noun" || class == "composite";
    in
    lib.mkOptionType {
      name = "attrListOf";
      description = "attribute list of ${optionDescriptionPhrase isBare elemType}";
      descriptionClass = "composite";
      check = {
        __functor = _: value: lib.isList value || lib.isAttrs value;
        isV2MergeCoherent = true;
      };
      merge = {
        __functor =
          _: loc: defs:
          (merge { inherit loc defs; }).value;
        v2 = merge;
      };
      emptyValue.value = if asAttrs then { } else [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<name>" ]);
      nestedTypes.elemType = elemType;
      typeMerge = _: null;
    };

  optionDescriptionPhrase =
    isBare: type:
    if isBare (type.descriptionClass or null) then
      type.description or type.name
    else
      "(${type.description or type.name})";
in
{
  inherit attrListWith optionDescriptionPhrase serializableValueWith;

  fileset = lib.mkOptionType {
    name = "fileset";
    description = "fileset";
    descriptionClass = "noun";
    check = value: builtins.isPath value || value._type or "" == "fileset";
    merge = _: definitions: lib.fileset.unions (map (definition: definition.value) definitions);
    emptyValue.value = lib.fileset.empty;
  };

  json = serializableValueWith { typeName = "JSON"; };
  toml = serializableValueWith {
    typeName = "TOML";
    nullable = false;
  };

  luaInline = lib.mkOptionType {
    name = "luaInline";
    description = "inline lua";
    descriptionClass = "noun";
    check = value: value._type or null == "lua-inline";
    merge = lib.mergeEqualOption;
  };

  sink = lib.mkOptionType {
    name = "sink";
    check = _: true;
    merge = _: _: false;
  };
}
