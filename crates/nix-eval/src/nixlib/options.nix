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
        isShallow = visible == "shallow";
        documented = {
          inherit (option) loc;
          name = lib.showOption option.loc;
          description = option.description or null;
          declarations = lib.filter (file: file != lib.unknownModule) option.declarations;
          internal = option.internal or false;
          visible = if isShallow then true else visible;
          readOnly = option.readOnly or false;
          type = option.type.description or "unspecified";
        }
        // lib.optionalAttrs (option ? example) { example = toLiteral option.example; }
        // lib.optionalAttrs (option ? defaultText || option ? default) {
          default = toLiteral (option.defaultText or option.default);
        }
        // lib.optionalAttrs (option.relatedPackages or null != null) {
          inherit (option) relatedPackages;
        };
        inner = option.type.getSubOptions option.loc;
      in
      [ documented ]
      ++ lib.optionals (documented.visible && !isShallow && inner != { }) (
        optionAttrSetToDocList' option.loc inner
      )
    ) (lib.collect lib.isOption options);
in
{
  inherit optionAttrSetToDocList';
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
