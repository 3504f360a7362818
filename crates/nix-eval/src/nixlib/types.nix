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
in
{
  inherit serializableValueWith;

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

  noCheckForDocsModule = {
    config._module.check = lib.mkForce false;
  };

  optionDescriptionPhrase =
    isBare: type:
    if isBare (type.descriptionClass or null) then
      type.description or type.name
    else
      "(${type.description or type.name})";
}
