//! `lib.types`.

mod composed;
mod custom;
pub(super) mod made;
mod modules;
mod numbers;

use std::rc::Rc;

use composed::{
    add_check, attribute_list, attributes, attributes_with, coerced, either, enumeration,
    function_to, list, matching, null_or, one_of, password_entry, path_with, separated, uniq,
    unique,
};
use custom::{default_functor, is_type, make_option_type, set_type};
use made::{named, nix_type, nix_type_of};
use modules::{deferred_module_with, submodule, submodule_with, tagged};
use numbers::{ints, number, numbers};

use super::{Constant, Exported, Namespace};
use crate::eval::Builtin;
use crate::modules::types::{Kind, Text};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "types",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::Only(&["mkOptionType", "isType", "setType", "defaultFunctor"]),
    ..Namespace::EMPTY
};

/// A type without parameters: what `types` calls it, its own name, its kind.
macro_rules! constants {
    ($($attribute:literal $name:literal = $kind:expr),+ $(,)?) => {
        const CONSTANTS: &[Constant] = &[$(Constant {
            name: $attribute,
            make: |evaluator| named(evaluator, $name, $kind),
        }),+,
        Constant { name: "ints", make: ints },
        Constant { name: "number", make: number },
        Constant { name: "numbers", make: numbers },
        Constant { name: "json", make: |evaluator| nix_type(evaluator, "json") },
        Constant { name: "fileset", make: |evaluator| nix_type(evaluator, "fileset") },
        Constant { name: "toml", make: |evaluator| nix_type(evaluator, "toml") },
        Constant { name: "luaInline", make: |evaluator| nix_type(evaluator, "luaInline") },
        ];
    };
}

constants! {
    "unspecified" "unspecified" = Kind::Unspecified,
    "anything" "anything" = Kind::Anything,
    "raw" "raw" = Kind::Raw,
    "bool" "bool" = Kind::Boolean,
    "boolByOr" "boolByOr" = Kind::BooleanByOr,
    "int" "int" = Kind::Integer(i64::MIN, i64::MAX),
    "port" "unsignedInt16" = Kind::Integer(0, 65_535),
    "float" "float" = Kind::Float,
    "str" "str" = Kind::Text(Text::Any),
    "string" "separatedString" = Kind::Text(Text::Separated(Rc::from(""))),
    "nonEmptyStr" "nonEmptyStr" = Kind::Text(Text::NonEmpty),
    "singleLineStr" "singleLineStr" = Kind::Text(Text::SingleLine),
    "lines" "separatedString" = Kind::Text(Text::Separated(Rc::from("\n"))),
    "commas" "separatedString" = Kind::Text(Text::Separated(Rc::from(","))),
    "envVar" "separatedString" = Kind::Text(Text::Separated(Rc::from(":"))),
    "path" "path" = Kind::Path { absolute: Some(true), in_store: None },
    "pathInStore" "path" = Kind::Path { absolute: None, in_store: Some(true) },
    "externalPath" "path" = Kind::Path { absolute: Some(true), in_store: Some(false) },
    "package" "package" = Kind::Package,
    "shellPackage" "package" = Kind::Package,
    "pkgs" "pkgs" = Kind::PackageSet,
    "attrs" "attrs" = Kind::AnyAttributes,
    "optionType" "optionType" = Kind::OptionType,
    "optionDeclaration" "optionDeclaration" = Kind::OptionDeclaration,
    "deferredModule" "deferredModule" = Kind::DeferredModule { modules: Rc::from([]) },
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("listOf", 1, |e, a| list(e, a, false)),
    Builtin::new("nonEmptyListOf", 1, |e, a| list(e, a, true)),
    Builtin::new("loaOf", 1, |e, a| attributes(e, a, false)),
    Builtin::new("attrsOf", 1, |e, a| attributes(e, a, false)),
    Builtin::new("lazyAttrsOf", 1, |e, a| attributes(e, a, true)),
    Builtin::new("attrsWith", 1, attributes_with),
    Builtin::new("attrListOf", 1, attribute_list),
    Builtin::new("attrListWith", 1, |e, a| nix_type_of(e, a, "attrListWith")),
    Builtin::new("serializableValueWith", 1, |e, a| {
        nix_type_of(e, a, "serializableValueWith")
    }),
    Builtin::new("passwdEntry", 1, password_entry),
    Builtin::new("defaultFunctor", 1, default_functor),
    Builtin::new("optionDescriptionPhrase", 2, |e, a| {
        nix_type_of(e, a, "optionDescriptionPhrase")
    }),
    Builtin::new("nullOr", 1, null_or),
    Builtin::new("either", 2, either),
    Builtin::new("oneOf", 1, one_of),
    Builtin::new("enum", 1, enumeration),
    Builtin::new("coercedTo", 3, coerced),
    Builtin::new("submodule", 1, submodule),
    Builtin::new("submoduleWith", 1, submodule_with),
    Builtin::new("deferredModuleWith", 1, deferred_module_with),
    Builtin::new("functionTo", 1, function_to),
    Builtin::new("uniq", 1, uniq),
    Builtin::new("unique", 2, unique),
    Builtin::new("addCheck", 2, add_check),
    Builtin::new("strMatching", 1, matching),
    Builtin::new("separatedString", 1, separated),
    Builtin::new("pathWith", 1, path_with),
    Builtin::new("attrTag", 1, tagged),
    Builtin::new("mkOptionType", 1, make_option_type),
    Builtin::new("isType", 2, is_type),
    Builtin::new("setType", 2, set_type),
];
