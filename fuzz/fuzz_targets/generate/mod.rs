//! Module configurations from bytes: any nesting of option types, properties and submodules, all of which
//! may contain themselves and each other by name.

use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// How deep expressions nest: they nest further by name.
const DEPTH: u32 = 4;

/// Types without another one in them.
const PLAIN: &[&str] = &[
    "int",
    "str",
    "bool",
    "lines",
    "path",
    "package",
    "anything",
    "raw",
    "unspecified",
    "attrs",
    "float",
    "singleLineStr",
    "port",
    "deferredModule",
    "optionType",
    "(enum [ 1 \"a\" { } ])",
    "(strMatching \"a*\")",
    "(separatedString \",\")",
    "boolByOr",
    "t0",
    "t1",
    "t2",
    "(f 1)",
    "(f (n + 1))",
    "1",
    "(throw \"t\")",
    "outside.type",
    "(ints.between 1 5)",
    "(import outside)",
];

/// Types of one other type.
const OF_ONE: &[&str] = &[
    "nullOr",
    "attrsOf",
    "lazyAttrsOf",
    "listOf",
    "nonEmptyListOf",
    "functionTo",
    "uniq",
    "unique { message = \"\"; }",
    "passwdEntry",
    "(t: addCheck t (x: true))",
    "(t: addCheck t (x: x == config.a))",
    "(t: coercedTo int (x: [ x ]) t)",
    "(t: coercedTo t (x: x) str)",
    "(t: t // { check = x: true; })",
    "(t: t // { merge = loc: defs: (head defs).value; })",
    "(t: t // { description = t.description; })",
    "(t: mkOptionType { name = \"m\"; check = t.check; merge = t.merge; getSubOptions = t.getSubOptions; })",
    "(t: attrTag { a = mkOption { type = t; }; b = mkOption { type = t; }; })",
    "(t: submodule { freeformType = t; })",
    "(t: submodule { options.a = mkOption { type = t; default = { }; }; })",
    "(t: submodule ({ name, config, ... }: { options.a = mkOption { type = t; }; config.a = config.a; }))",
    "(t: submoduleWith { modules = [ { freeformType = attrsOf t; } v0 ]; shorthandOnlyDefinesConfig = true; })",
    "(t: t.typeMerge t.functor)",
    "(t: t.substSubModules [ v1 ])",
    "(t: (mkOption { type = t; }).type)",
];

/// Values without another one in them.
const LEAVES: &[&str] = &[
    "1",
    "\"a\"",
    "true",
    "null",
    "[ ]",
    "{ }",
    "1.5",
    "./x",
    "config.a",
    "config.b.a",
    "config",
    "options.a",
    "options.a.value",
    "options.b.type.description",
    "v0",
    "v1",
    "v2",
    "t0",
    "(throw \"v\")",
    "outside",
    "outside.x",
    "\"${outside}\"",
    "(x: x)",
    "name",
    "({ config, ... }: { })",
    "builtins.currentTime",
    "(options.b.type.getSubOptions [ ])",
    "options",
    "(g 1)",
    "(g (n + 1))",
];

/// Values of one other value.
const OF_VALUE: &[&str] = &[
    "mkForce",
    "mkDefault",
    "mkIf true",
    "mkIf false",
    "mkIf config.a",
    "mkIf outside",
    "mkOverride 7",
    "mkOrder 3",
    "mkBefore",
    "mkAfter",
    "(v: mkMerge [ v v ])",
    "(v: [ v v ])",
    "(v: { a = v; })",
    "(v: { b = v; c = v; })",
    "(v: { imports = [ v ]; })",
    "(v: { config = v; })",
    "(v: { options = v; })",
    "(v: { a.b.c = v; })",
    "(v: { _module.args.name = v; })",
    "(v: { _module.freeformType = v; })",
    "(v: { freeformType = v; })",
    "(v: if outside then v else { a = v; })",
    "(v: mkOption { default = v; apply = x: v; })",
    "toString",
    "builtins.toJSON",
    "(v: v // { a = v; })",
    "(v: recursiveUpdate v v)",
    "(v: x: v)",
    "(generators.toPretty { })",
    "(v: mkAliasDefinitions options.a)",
    "(v: mkRenamedOptionModule [ \"a\" ] [ \"c\" ])",
    "(v: { require = [ v ]; })",
    "(v: { disabledModules = [ v ]; key = v; })",
    "(mapAttrs (n: v: v))",
    "attrNames",
    "(v: { \"${toString v}\" = v; })",
];

/// The expression of a configuration, as a list of what is to be looked at.
pub fn program(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::from("with lib; with lib.types; let ");
    for name in ["t0", "t1", "t2"] {
        text += &format!("{name} = let n = 0; in {}; ", kind(bytes, 0)?);
    }
    text += &format!("f = n: if n > 40 then int else {}; ", kind(bytes, 0)?);
    text += "configuration = evalModules { specialArgs = { outside = outside; }; modules = [ ";
    for _ in 0..bytes.int_in_range(1..=3)? {
        text += "({ config, options, name ? 1, ... }: let n = 0; ";
        text += &format!("g = n: if n > 40 then n else {}; ", value(bytes, 0)?);
        for name in ["v0", "v1", "v2"] {
            text += &format!("{name} = {}; ", value(bytes, 0)?);
        }
        text += "in ";
        if bytes.ratio(1, 4)? {
            text += &value(bytes, 0)?;
        } else {
            text += "{ ";
            for name in ["a", "b"] {
                if bytes.ratio(2, 3)? {
                    text += &format!("options.{name} = mkOption {{ type = {}; ", kind(bytes, 0)?);
                    if bytes.ratio(1, 3)? {
                        text += &format!("default = {}; ", value(bytes, 1)?);
                    }
                    text += "}; ";
                }
            }
            for name in ["a", "b"] {
                if bytes.ratio(2, 3)? {
                    text += &format!("config.{name} = {}; ", value(bytes, 0)?);
                }
            }
            if bytes.ratio(1, 4)? {
                text += &format!("imports = [ {} ]; ", value(bytes, 1)?);
            }
            text += "}";
        }
        text += ") ";
    }
    text += "]; }; outside = builtins.currentTime; in [ configuration.config configuration.options \
             (configuration.type.getSubOptions [ ]) configuration.options.a.type.description \
             (optionAttrSetToDocList configuration.options) ]";
    Ok(text)
}

/// A type.
fn kind(bytes: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let inner = |bytes: &mut Unstructured<'_>| kind(bytes, depth + 1);
    Ok(match bytes.int_in_range(0..=7)? {
        _ if depth > DEPTH || bytes.is_empty() => (*bytes.choose(PLAIN)?).to_owned(),
        0 | 1 => (*bytes.choose(PLAIN)?).to_owned(),
        2 => format!("(either {} {})", inner(bytes)?, inner(bytes)?),
        3 => format!(
            "(oneOf [ {} {} {} ])",
            inner(bytes)?,
            inner(bytes)?,
            inner(bytes)?
        ),
        4 => format!(
            "(submodule {{ options.a = mkOption {{ type = {}; }}; freeformType = {}; }})",
            inner(bytes)?,
            inner(bytes)?
        ),
        _ => format!("({} {})", bytes.choose(OF_ONE)?, inner(bytes)?),
    })
}

/// A value, a definition or a module.
fn value(bytes: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let inner = |bytes: &mut Unstructured<'_>| value(bytes, depth + 1);
    Ok(match bytes.int_in_range(0..=6)? {
        _ if depth > DEPTH || bytes.is_empty() => (*bytes.choose(LEAVES)?).to_owned(),
        0 | 1 => (*bytes.choose(LEAVES)?).to_owned(),
        2 => format!("{{ a = {}; c = {}; }}", inner(bytes)?, inner(bytes)?),
        3 => format!("(mkMerge [ {} {} ])", inner(bytes)?, inner(bytes)?),
        _ => format!("({} {})", bytes.choose(OF_VALUE)?, inner(bytes)?),
    })
}
