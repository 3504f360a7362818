# Options as data for documentation.
lib:
let
  toLiteral =
    value:
    if value ? _type && value ? text then
      value
    else
      lib.literalExpression (lib.generators.toPretty { multiline = true; allowPrettyValues = true; } value);

  optionAttrSetToDocList' =
    _: options:
    lib.concatMap (
      option:
      let
        visible = option.visible or true;
        # A submodule need not evaluate without definitions; its options are listed anyway.
        empty = if option.type.getSubModules or null == null then option.type.emptyValue or { } else { };
        default =
          if option ? defaultText then
            [ option.defaultText ]
          else if option ? default then
            [ option.default ]
          else
            lib.optional (empty ? value) empty.value;
        documented = {
          inherit (option) loc;
          name = lib.showOption option.loc;
          description = option.description or null;
          declarations = lib.filter (file: file != lib.unknownModule) option.declarations;
          internal = option.internal or false;
          visible = visible == true || visible == "shallow";
          readOnly = option.readOnly or false;
          type = option.type.description or "unspecified";
        }
        // lib.optionalAttrs (option ? example) { example = toLiteral option.example; }
        // lib.optionalAttrs (default != [ ]) { default = toLiteral (lib.head default); }
        // lib.optionalAttrs (option.relatedPackages or null != null) {
          inherit (option) relatedPackages;
        };
        inner = option.type.getSubOptions option.loc;
      in
      # "shallow" hides what is inside, "transparent" only the option itself.
      [ documented ]
      ++ lib.optionals ((visible == true || visible == "transparent") && inner != { }) (
        optionAttrSetToDocList' option.loc inner
      )
    ) (lib.collect lib.isOption options);
in
{
  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  renderOptionValue = toLiteral;
  # Derivations stand for themselves by name.
  scrubOptionValue =
    value:
    if lib.isDerivation value then
      {
        type = "derivation";
        drvPath = value.name;
        outPath = value.name;
        inherit (value) name;
      }
    else if lib.isList value then
      map lib.scrubOptionValue value
    else if lib.isAttrs value then
      lib.mapAttrs (_: lib.scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;
}
