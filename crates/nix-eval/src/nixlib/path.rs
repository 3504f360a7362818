//! `lib.path`

use super::filesystem::path_text;
use super::support::{function_set, throw};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "path",
    functions: &[
        Builtin::new("append", 2, append),
        Builtin::new("hasPrefix", 2, has_prefix),
        Builtin::new("hasStorePathPrefix", 1, has_store_path_prefix),
        Builtin::new("removePrefix", 2, remove_prefix),
    ],
    constants: &[Constant {
        name: "subpath",
        make: |evaluator| Ok(function_set(evaluator, SUBPATH)),
    }],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

const SUBPATH: &[Builtin] = &[
    Builtin::new("components", 1, components),
    Builtin::new("isValid", 1, is_valid),
    Builtin::new("join", 1, join),
    Builtin::new("normalise", 1, normalise),
];

/// The names of a relative path, or what is wrong with it.
fn parse(text: &str) -> Result<Vec<&str>, String> {
    if text.is_empty() {
        return Err("The given string is empty".to_owned());
    }
    if text.starts_with('/') {
        return Err(format!(
            "The given string \"{text}\" starts with a `/`, representing an absolute path"
        ));
    }
    if text.split('/').any(|name| name == "..") {
        return Err(format!(
            "The given string \"{text}\" contains a `..` component, which is not allowed in subpaths"
        ));
    }
    Ok(text
        .split('/')
        .filter(|name| !matches!(*name, "" | "."))
        .collect())
}

/// `./a/b`, or `./.` for nothing.
fn shown(names: &[&str]) -> String {
    if names.is_empty() {
        "./.".to_owned()
    } else {
        format!("./{}", names.join("/"))
    }
}

fn checked(evaluator: &mut Evaluator, subpath: Thunk, function: &str) -> Eval<Vec<String>> {
    let value = evaluator.force(subpath)?;
    if !matches!(value, Value::String(_) | Value::External(_)) {
        let kind = value.type_with_article();
        let message = format!("{function}: {kind} was given, but a string was expected");
        return Err(throw(evaluator, message));
    }
    let text = evaluator.expect_text(value)?;
    match parse(&text) {
        Ok(names) => Ok(names.into_iter().map(str::to_owned).collect()),
        Err(problem) => {
            let message =
                format!("{function}: Argument is not a valid subpath string:\n    {problem}");
            Err(throw(evaluator, message))
        }
    }
}

/// `path.append path subpath`
fn append(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, subpath] = arguments(args);
    let base = path_text(evaluator, path, "lib.path.append")?;
    let names = checked(evaluator, subpath, "lib.path.append")?;
    let joined = format!("{base}/{}", names.join("/"));
    let normal = nix_source::normalise(std::path::Path::new(&joined));
    Ok(Value::Path(evaluator.arena.path(&normal.to_string_lossy())))
}

/// The part of a path below another one, if it is below.
fn below<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// `path.hasPrefix prefix path`
fn has_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, path] = arguments(args);
    let prefix = path_text(evaluator, prefix, "lib.path.hasPrefix")?;
    let path = path_text(evaluator, path, "lib.path.hasPrefix")?;
    Ok(Value::Bool(below(&prefix, &path).is_some()))
}

/// `path.removePrefix prefix path`
fn remove_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [prefix, path] = arguments(args);
    let prefix = path_text(evaluator, prefix, "lib.path.removePrefix")?;
    let path = path_text(evaluator, path, "lib.path.removePrefix")?;
    match below(&prefix, &path) {
        Some(rest) => {
            let names: Vec<&str> = rest.split('/').filter(|name| !name.is_empty()).collect();
            Ok(evaluator.string(&shown(&names)))
        }
        None => {
            let message = format!(
                "lib.path.removePrefix: The first path argument \"{prefix}\" is not a component-wise prefix of the second path argument \"{path}\"."
            );
            Err(throw(evaluator, message))
        }
    }
}

/// `path.hasStorePathPrefix path`: whether it is in the store or below something in it.
fn has_store_path_prefix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let path = path_text(evaluator, path, "lib.path.hasStorePathPrefix")?;
    let first = path.split('/').nth(1).unwrap_or_default();
    let name = path
        .strip_prefix("/nix/store/")
        .and_then(|rest| rest.split('/').next());
    let hash = name
        .and_then(|name| name.split_once('-'))
        .map(|(hash, _)| hash);
    Ok(Value::Bool(
        is_content_placeholder(first) || hash.is_some_and(|hash| is_hash(hash, 32)),
    ))
}

/// Whether it is that many characters of Nix's alphabet for hashes.
fn is_hash(text: &str, length: usize) -> bool {
    const ALPHABET: &[u8] = b"0123456789abcdfghijklmnpqrsvwxyz";
    text.len() == length && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Whether it is the name of a content-addressed path before that is known: `/` and a hash.
pub(super) fn is_content_placeholder(name: &str) -> bool {
    is_hash(name, 52)
}

/// `path.subpath.isValid x`
fn is_valid(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    match evaluator.force(value)? {
        Value::String(_) | Value::External(_) => {
            let text = evaluator.force_text(value)?;
            Ok(Value::Bool(parse(&text).is_ok()))
        }
        _ => Ok(Value::Bool(false)),
    }
}

/// `path.subpath.join subpaths`
fn join(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [subpaths] = arguments(args);
    let mut names = Vec::new();
    for subpath in evaluator.force_exact_list(subpaths)? {
        names.extend(checked(evaluator, subpath, "lib.path.subpath.join")?);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(evaluator.string(&shown(&names)))
}

/// `path.subpath.normalise subpath`
fn normalise(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [subpath] = arguments(args);
    let names = checked(evaluator, subpath, "lib.path.subpath.normalise")?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(evaluator.string(&shown(&names)))
}

/// `path.subpath.components subpath`
fn components(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [subpath] = arguments(args);
    let names = checked(evaluator, subpath, "lib.path.subpath.components")?;
    let names: Vec<Thunk> = names
        .iter()
        .map(|name| evaluator.string_thunk(name))
        .collect();
    Ok(evaluator.list(&names))
}
