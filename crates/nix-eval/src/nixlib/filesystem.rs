//! `lib.filesystem`

use super::customisation::make_scope;
use super::support::{
    attributes, call, call_builtin, function_thunk, list_of, option, required, text_argument, throw,
};
use super::{Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, AttrsId, Eval, Presence, Symbol, Thunk, Value};
use nix_syntax::hir::BinaryOp;

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "filesystem",
    functions: &[
        Builtin::new("listFilesRecursive", 1, list_files),
        Builtin::new("packagesFromDirectoryRecursive", 1, packages_from_directory),
        Builtin::new("pathIsDirectory", 1, path_is_directory),
        Builtin::new("pathIsRegularFile", 1, path_is_regular_file),
    ],
    aliases: &[
        "baseNameOf",
        "dirOf",
        "hashFile",
        "isPath",
        "readDir",
        "readFileType",
    ],
    exported: Exported::Except(&["listFilesRecursive"]),
    ..Namespace::EMPTY
};

/// A file or directory inside of a directory.
struct DirectoryEntry {
    name: std::rc::Rc<str>,
    kind: std::rc::Rc<str>,
    path: Thunk,
}

/// `directory + "/name"`
fn inside(evaluator: &mut Evaluator, directory: Value, name: &str) -> Eval<Value> {
    let name = evaluator.string(&format!("/{name}"));
    evaluator.binary(BinaryOp::Add, directory, name)
}

/// The entries of a directory in the order of their names.
fn entries(evaluator: &mut Evaluator, directory: Thunk) -> Eval<Vec<DirectoryEntry>> {
    let listed = call_builtin(evaluator, "readDir", &[directory])?;
    let listed = evaluator.arena.ready(listed);
    let (listed, open) = attributes(evaluator, listed)?;
    if let Some(why) = open {
        return Err(why);
    }
    let directory = evaluator.force(directory)?;
    let mut entries = Vec::with_capacity(listed.len());
    for entry in listed {
        let name = evaluator.name(entry.name);
        let kind = evaluator.force_text(entry.value)?;
        let path = inside(evaluator, directory, &name)?;
        entries.push(DirectoryEntry {
            name,
            kind,
            path: evaluator.arena.ready(path),
        });
    }
    Ok(entries)
}

/// `listFilesRecursive directory`
fn list_files(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [directory] = arguments(args);
    let mut files = Vec::new();
    list_into(evaluator, directory, &mut files)?;
    Ok(list_of(evaluator, &files))
}

fn list_into(
    evaluator: &mut Evaluator,
    directory: Thunk,
    files: &mut Vec<(Thunk, Presence)>,
) -> Eval<()> {
    evaluator.check_size(1)?;
    for entry in entries(evaluator, directory)? {
        if &*entry.kind == "directory" {
            list_into(evaluator, entry.path, files)?;
        } else {
            files.push((entry.path, Presence::Certain));
        }
    }
    Ok(())
}

// What a path is

fn exists(evaluator: &mut Evaluator, path: Thunk) -> Eval<bool> {
    let exists = call_builtin(evaluator, "pathExists", &[path])?;
    evaluator.expect_bool(exists)
}

fn kind_of(evaluator: &mut Evaluator, path: Thunk) -> Eval<std::rc::Rc<str>> {
    let kind = call_builtin(evaluator, "readFileType", &[path])?;
    evaluator.expect_text(kind)
}

fn is_of_kind(evaluator: &mut Evaluator, path: Thunk, wanted: &str) -> Eval<bool> {
    Ok(exists(evaluator, path)? && &*kind_of(evaluator, path)? == wanted)
}

/// `pathIsDirectory path`
fn path_is_directory(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    is_of_kind(evaluator, path, "directory").map(Value::Bool)
}

/// `pathIsRegularFile path`
fn path_is_regular_file(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    is_of_kind(evaluator, path, "regular").map(Value::Bool)
}

// Searching

// Packages

/// `packagesFromDirectoryRecursive { callPackage; newScope; directory; }`
fn packages_from_directory(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let call_package = required(evaluator, options, "callPackage")?;
    let directory = required(evaluator, options, "directory")?;
    let new_scope = option(evaluator, options, "newScope")?;
    packages(evaluator, directory, call_package, new_scope)
}

fn packages(
    evaluator: &mut Evaluator,
    directory: Thunk,
    call_package: Thunk,
    new_scope: Option<Thunk>,
) -> Eval<Value> {
    evaluator.check_size(1)?;
    let base = evaluator.force(directory)?;
    let package = inside(evaluator, base, "package.nix")?;
    let package = evaluator.arena.ready(package);
    if exists(evaluator, package)? {
        return package_of(evaluator, call_package, package);
    }
    let Some(new_scope) = new_scope else {
        return directory_packages(evaluator, directory, call_package, None);
    };
    let scope = function_thunk(evaluator, &SCOPE, &[directory]);
    let set = make_scope(evaluator, &[new_scope, scope])?;
    let yes = evaluator.arena.ready(Value::Bool(true));
    let extra = Value::Attrs(evaluator.set_of(&[("recurseForDerivations", yes)]));
    evaluator.update(Ok(set), Ok(extra))
}

/// `directory: self: …`
static SCOPE: Builtin = Builtin::new("packagesFromDirectoryRecursive", 2, |evaluator, args| {
    let [directory, this] = arguments(args);
    let member = |evaluator: &mut Evaluator, name: &str| -> Thunk {
        let name = evaluator.symbol(name);
        evaluator
            .arena
            .thunk(crate::value::Slot::Select { base: this, name })
    };
    let (call_package, new_scope) = (
        member(evaluator, "callPackage"),
        member(evaluator, "newScope"),
    );
    directory_packages(evaluator, directory, call_package, Some(new_scope))
});

fn package_of(evaluator: &mut Evaluator, call_package: Thunk, file: Thunk) -> Eval<Value> {
    let nothing = evaluator.arena.ready(Value::Attrs(AttrsId(0)));
    call(evaluator, call_package, &[file, nothing])
}

fn directory_packages(
    evaluator: &mut Evaluator,
    directory: Thunk,
    call_package: Thunk,
    new_scope: Option<Thunk>,
) -> Eval<Value> {
    let mut builder = AttrsBuilder::new();
    for entry in entries(evaluator, directory)? {
        let path = entry.path;
        let (name, value): (Symbol, Thunk) = match (&*entry.kind, entry.name.strip_suffix(".nix")) {
            ("directory", _) => {
                let name = evaluator.symbol(&entry.name);
                let value = evaluator
                    .lazy(move |evaluator| packages(evaluator, path, call_package, new_scope));
                (name, value)
            }
            ("regular", Some(stem)) => {
                let name = evaluator.symbol(stem);
                let value =
                    evaluator.lazy(move |evaluator| package_of(evaluator, call_package, path));
                (name, value)
            }
            _ => continue,
        };
        builder.insert(name, value);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// A path argument's text, for messages of functions that take paths alone.
pub(super) fn path_text(
    evaluator: &mut Evaluator,
    path: Thunk,
    function: &str,
) -> Eval<std::rc::Rc<str>> {
    match evaluator.force(path)? {
        Value::Path(path) => Ok(evaluator.arena.path_text(path)),
        Value::External(external) => Err(evaluator.external_unknown(external)),
        Value::String(_) => {
            let text = text_argument(evaluator, path)?;
            Err(throw(
                evaluator,
                format!("{function}: \"{text}\" is of type string, but a path was expected"),
            ))
        }
        other => {
            let kind = other.type_with_article();
            Err(throw(
                evaluator,
                format!("{function}: {kind} was given, but a path was expected"),
            ))
        }
    }
}
