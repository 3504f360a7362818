//! `lib.strings`. Holes stay where they are as far as a function leaves them alone; what depends on
//! the text of a hole is not known.

mod affixes;
mod case;
mod concat;
mod escape;
mod flags;
mod names;
mod numbers;
mod search_paths;
mod shell;
mod split;

use super::support::{map_whole, string_argument, string_like, text_argument};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value, well_known};

pub(super) use affixes::{has_suffix, remove_suffix};
pub(super) use concat::{concat_with, join};
pub(super) use escape::escape_identifier;
pub(super) use names::name_of;
pub(super) use shell::escape_shell;

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "strings",
    functions: FUNCTIONS,
    aliases: &[
        "appendContext",
        "compareVersions",
        "concatStringsSep",
        "elem",
        "elemAt",
        "filter",
        "fromJSON",
        "genList",
        "head",
        "isAttrs",
        "isInt",
        "isList",
        "isPath",
        "isString",
        "match",
        "parseDrvName",
        "readFile",
        "replaceStrings",
        "split",
        "stringLength",
        "substring",
        "tail",
        "toJSON",
        "typeOf",
        "unsafeDiscardStringContext",
    ],
    constants: &[
        Constant {
            name: "lowerChars",
            make: |evaluator| Ok(characters(evaluator, 'a'..='z')),
        },
        Constant {
            name: "upperChars",
            make: |evaluator| Ok(characters(evaluator, 'A'..='Z')),
        },
        Constant {
            name: "storeDir",
            make: |evaluator| Ok(evaluator.string("/nix/store")),
        },
    ],
    exported: Exported::Except(&[
        "charToInt",
        "escapeC",
        "escapeNixIdentifier",
        "escapeNixString",
        "floatToString",
        "isConvertibleWithToString",
        "normalizePath",
        "replicate",
        "sanitizeDerivationName",
        "storeDir",
    ]),
};

const FUNCTIONS: &[Builtin] = &[
    // Here
    Builtin::new("addContextFrom", 2, add_context_from),
    Builtin::new("fileContents", 1, file_contents),
    Builtin::new("isConvertibleWithToString", 1, is_convertible),
    Builtin::new("isStorePath", 1, is_store_path),
    Builtin::new("isStringLike", 1, is_string_like),
    Builtin::new("normalizePath", 1, normalize_path),
    Builtin::new("optionalString", 2, optional_string),
    // Joining
    Builtin::new("concatImapStringsSep", 3, concat::concat_imap_sep),
    Builtin::new("concatLines", 1, concat::concat_lines),
    Builtin::new("concatMapAttrsStringSep", 3, concat::concat_map_attrs_sep),
    Builtin::new("concatMapStrings", 2, concat::concat_map),
    Builtin::new("concatMapStringsSep", 3, concat::concat_map_sep),
    Builtin::new("concatStrings", 1, concat::concat_strings),
    Builtin::new("intersperse", 2, concat::intersperse),
    Builtin::new("join", 2, concat::concat_sep),
    Builtin::new("replicate", 2, concat::replicate),
    // Beginning and end
    Builtin::new("hasInfix", 2, affixes::has_infix),
    Builtin::new("hasPrefix", 2, affixes::has_prefix),
    Builtin::new("hasSuffix", 2, affixes::has_suffix),
    Builtin::new("removePrefix", 2, affixes::remove_prefix),
    Builtin::new("removeSuffix", 2, affixes::remove_suffix),
    Builtin::new("trim", 1, affixes::trim),
    Builtin::new("trimWith", 2, affixes::trim_with),
    // Splitting
    Builtin::new("splitString", 2, split::split_string),
    Builtin::new("splitStringBy", 3, split::split_string_by),
    Builtin::new("stringAsChars", 2, split::string_as_chars),
    Builtin::new("stringToCharacters", 1, split::string_to_characters),
    // Case
    Builtin::new("toCamelCase", 1, case::to_camel_case),
    Builtin::new("toLower", 1, case::to_lower),
    Builtin::new("toSentenceCase", 1, case::to_sentence_case),
    Builtin::new("toUpper", 1, case::to_upper),
    // Escaping
    Builtin::new("charToInt", 1, escape::char_to_int),
    Builtin::new("escape", 2, escape::escape),
    Builtin::new("escapeC", 2, escape::escape_c),
    Builtin::new("escapeNixIdentifier", 1, escape::escape_nix_identifier),
    Builtin::new("escapeNixString", 1, escape::escape_nix),
    Builtin::new("escapeRegex", 1, escape::escape_regex),
    Builtin::new("escapeURL", 1, escape::escape_url),
    Builtin::new("escapeXML", 1, escape::escape_xml),
    Builtin::new("replaceString", 3, escape::replace_string),
    Builtin::new("replaceChars", 3, escape::replace_chars),
    // For a shell
    Builtin::new("escapeShellArg", 1, shell::escape_shell_arg),
    Builtin::new("escapeShellArgs", 1, shell::escape_shell_args),
    Builtin::new("toShellVar", 2, shell::to_shell_var),
    Builtin::new("toShellVars", 1, shell::to_shell_vars),
    // Numbers
    Builtin::new("fixedWidthString", 3, numbers::fixed_width_string),
    Builtin::new("floatToString", 1, numbers::float_to_string),
    Builtin::new("toInt", 1, numbers::to_int),
    Builtin::new("toIntBase10", 1, numbers::to_int_base_10),
    // Names and versions
    Builtin::new("getName", 1, names::get_name),
    Builtin::new("getVersion", 1, names::get_version),
    Builtin::new("nameFromURL", 2, names::name_from_url),
    Builtin::new("sanitizeDerivationName", 1, names::sanitize_derivation_name),
    Builtin::new("versionAtLeast", 2, names::version_at_least),
    Builtin::new("versionOlder", 2, names::version_older),
    // Flags of build tools
    Builtin::new("cmakeBool", 2, flags::cmake_bool),
    Builtin::new("cmakeFeature", 2, flags::cmake_feature),
    Builtin::new("cmakeOptionType", 3, flags::cmake_option_type),
    Builtin::new("enableFeature", 2, flags::enable_feature),
    Builtin::new("mesonBool", 2, flags::meson_bool),
    Builtin::new("mesonEnable", 2, flags::meson_enable),
    Builtin::new("mesonOption", 2, flags::meson_option),
    Builtin::new("withFeature", 2, flags::with_feature),
    // Search paths
    Builtin::new("makeBinPath", 1, search_paths::make_bin_path),
    Builtin::new("makeIncludePath", 1, search_paths::make_include_path),
    Builtin::new("makeLibraryPath", 1, search_paths::make_library_path),
    Builtin::new("makeSearchPath", 2, search_paths::make_search_path),
    Builtin::new(
        "makeSearchPathOutput",
        3,
        search_paths::make_search_path_output,
    ),
];

fn characters(evaluator: &mut Evaluator, range: impl Iterator<Item = char>) -> Value {
    let characters: Vec<Thunk> = range
        .map(|character| evaluator.string_thunk(character.encode_utf8(&mut [0; 4])))
        .collect();
    evaluator.list(&characters)
}

/// `optionalString condition s`: with a condition that is not decided a string that is not known.
fn optional_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [when, string] = arguments(args);
    match super::support::condition(evaluator, when)? {
        Ok(true) => evaluator.force(string),
        Ok(false) => Ok(evaluator.string("")),
        Err(why) => match evaluator.force(string) {
            Ok(Value::String(id)) => {
                if evaluator.arena.text(id).is_some_and(|s| s.is_empty()) {
                    Ok(Value::String(id))
                } else {
                    let context = evaluator.arena.string_context(id);
                    let why = evaluator.one_of(why, &[Value::String(id)]);
                    Ok(evaluator.unknown_string(why, context))
                }
            }
            // What fails is not the branch that is taken.
            Err(error) if evaluator.is_error(error) => Ok(evaluator.string("")),
            _ => Ok(evaluator.unknown_string(why, crate::value::ContextId::default())),
        },
    }
}

/// `fileContents path`: the text of a file without its last line feed.
fn file_contents(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let text = super::support::call_builtin(evaluator, "readFile", args)?;
    let text = evaluator.arena.ready(text);
    let suffix = evaluator.string_thunk("\n");
    affixes::remove_suffix(evaluator, &[suffix, text])
}

/// `addContextFrom source target`: `target` with the context of both.
fn add_context_from(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [source, target] = arguments(args);
    let source = string_argument(evaluator, source)?;
    let target = string_argument(evaluator, target)?;
    let contexts = (
        evaluator.arena.string_context(source),
        evaluator.arena.string_context(target),
    );
    let context = evaluator.arena.join_contexts(contexts.0, contexts.1);
    let data = evaluator.arena.string_parts(target).clone();
    Ok(Value::String(evaluator.arena.string_data(data, context)))
}

/// Whether a value becomes a string when it is interpolated.
pub(super) fn string_like_value(evaluator: &mut Evaluator, value: Value) -> Eval<bool> {
    match value {
        Value::String(_) | Value::Path(_) => Ok(true),
        Value::External(external) => Err(evaluator.external_unknown(external)),
        Value::Attrs(set) => {
            let named = [well_known::OUT_PATH, well_known::TO_STRING]
                .iter()
                .any(|name| evaluator.arena.attribute(set, *name).is_some());
            match evaluator.arena.attrs_data(set).open {
                Some(why) if !named => Err(why),
                _ => Ok(named),
            }
        }
        _ => Ok(false),
    }
}

fn is_string_like(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let value = evaluator.force(value)?;
    string_like_value(evaluator, value).map(Value::Bool)
}

/// `isConvertibleWithToString x`: whether `toString x` gives a string.
fn is_convertible(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let convertible = match evaluator.force(value)? {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
        Value::List(list) => {
            let mut all = true;
            for item in evaluator.exact_list(list)? {
                all = all && is_convertible(evaluator, &[item])? == Value::Bool(true);
            }
            all
        }
        other => string_like_value(evaluator, other)?,
    };
    Ok(Value::Bool(convertible))
}

/// `isStorePath x`: whether it is directly in the store, not below something in it.
fn is_store_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let value = evaluator.force(value)?;
    if !string_like_value(evaluator, value)? {
        return Ok(Value::Bool(false));
    }
    let text = match value {
        Value::Path(path) => evaluator.arena.path_text(path),
        _ => {
            let value = evaluator.arena.ready(value);
            text_argument(evaluator, value)?
        }
    };
    let placeholder = text
        .strip_prefix('/')
        .is_some_and(super::path::is_content_placeholder);
    let name = text.strip_prefix("/nix/store/");
    Ok(Value::Bool(
        placeholder || name.is_some_and(|name| !name.contains('/')),
    ))
}

/// `normalizePath s`: without doubled slashes.
fn normalize_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let string = string_argument(evaluator, path)?;
    map_whole(evaluator, string, |text| {
        let mut normal = String::with_capacity(text.len());
        for character in text.chars() {
            if character != '/' || !normal.ends_with('/') {
                normal.push(character);
            }
        }
        normal
    })
}

/// A string value of a text with the context of a string.
fn like(evaluator: &mut Evaluator, text: &str, string: crate::value::StringId) -> Value {
    string_like(evaluator, text, string)
}
