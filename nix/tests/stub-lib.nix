# As much of nixpkgs' `lib` as the modules use, for a machine that has Nix and nothing else.
#
# Options are not type-checked, and definitions of one value are not merged: enough to see what the
# modules make of a configuration.
let
  lib = rec {
    inherit (builtins) filter mapAttrs concatMap isAttrs;

    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalAttrs = condition: values: if condition then values else { };
    optionalString = condition: text: if condition then text else "";
    toList = value: if builtins.isList value then value else [ value ];
    filterAttrs = keep: set:
      builtins.listToAttrs (concatMap
        (name: optional (keep name set.${name}) { inherit name; value = set.${name}; })
        (builtins.attrNames set));
    hasPrefix = prefix: text:
      builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    removePrefix = prefix: text:
      if hasPrefix prefix text
      then builtins.substring (builtins.stringLength prefix) (builtins.stringLength text) text
      else text;
    escapeShellArg = argument:
      let
        text = toString argument;
      in
      if builtins.match "[[:alnum:],._+:@%/-]+" text != null
      then text
      else "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
    escapeShellArgs = arguments: builtins.concatStringsSep " " (map escapeShellArg arguments);
    recursiveUpdate = left: right:
      mapAttrs
        (name: value:
          if left ? ${name} && right ? ${name} && isAttrs left.${name} && isAttrs value
          then recursiveUpdate left.${name} value
          else value)
        (left // right);

    mkOption = option: option // { _type = "option"; };
    mkEnableOption = description: mkOption { default = false; inherit description; };
    literalExpression = text: text;
    literalMD = text: text;
    types = {
      anything = "anything";
      attrsOf = type: "attribute set of ${type}";
      bool = "bool";
      ints.positive = "positive integer";
      listOf = type: "list of ${type}";
      nullOr = type: "null or ${type}";
      package = "package";
      path = "path";
      str = "string";
    };

    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkAfter = content: content;
    mkDefault = content: content;
    hm.dag.entryAfter = after: data: { inherit after data; };

    # What is left of definitions once their conditions are decided.
    resolve = value:
      if !isAttrs value then value
      else if value._type or null == "if" then (if value.condition then resolve value.content else { })
      else if value ? outPath then value.outPath
      else mapAttrs (_: resolve) value;

    # A module with a configuration: the options' defaults, the configuration over them, and what
    # the module then defines.
    evaluate = module: pkgs: configuration:
      let
        result = module { inherit lib pkgs; config = final; };
        defaults = mapAttrs (_: option: option.default) result.options.services.mcp-lint;
        final = recursiveUpdate { services.mcp-lint = defaults; } configuration;
      in
      {
        options = builtins.attrNames defaults;
        config = resolve result.config;
        manifest = builtins.fromJSON final.services.mcp-lint.manifestFile.text;
      };
  };
in
lib
