//! `lib.fileset`: sets of files of the project.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use super::filesystem::path_text;
use super::support::{function_thunk, required, throw};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, Thunk, Value, well_known};
use nix_source::FileKind;

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "fileset",
    functions: &[
        Builtin::new("difference", 2, |evaluator, args| {
            combine(evaluator, args, subtract)
        }),
        Builtin::new("fileFilter", 2, file_filter),
        Builtin::new("fromSource", 1, undetermined_files),
        Builtin::new("intersection", 2, |evaluator, args| {
            combine(evaluator, args, intersect)
        }),
        Builtin::new("toList", 1, to_list),
        Builtin::new("toSource", 1, to_source),
        Builtin::new("trace", 2, |evaluator, args| {
            let [_, value] = arguments(args);
            evaluator.force(value)
        }),
        Builtin::new("traceVal", 1, |evaluator, args| {
            let [value] = arguments(args);
            evaluator.force(value)
        }),
        Builtin::new("union", 2, |evaluator, args| {
            combine(evaluator, args, unite)
        }),
        Builtin::new("unions", 1, unions),
    ],
    constants: &[Constant {
        name: "empty",
        make: |evaluator| Ok(fileset(evaluator, |_| Ok(Files::new()))),
    }],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

/// Files by the names that lead to them from the root of the file system.
type Files = BTreeSet<Vec<Rc<str>>>;

/// The attribute that holds a file set's paths.
const FILES: &str = "_internalFiles";

/// A file set value, whose files are looked for when they are needed.
fn fileset(
    evaluator: &mut Evaluator,
    files: impl FnOnce(&mut Evaluator) -> Eval<Files> + 'static,
) -> Value {
    let files = evaluator.lazy(move |evaluator| {
        let files = files(evaluator)?;
        let mut paths = Vec::with_capacity(files.len());
        for names in files {
            let path = Value::Path(evaluator.arena.path(&format!("/{}", names.join("/"))));
            paths.push(evaluator.arena.ready(path));
        }
        Ok(evaluator.list(&paths))
    });
    let kind = evaluator.string_thunk("fileset");
    let name = evaluator.symbol(FILES);
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::TYPE, kind).insert(name, files);
    Value::Attrs(evaluator.arena.attrs(builder))
}

fn names(path: &str) -> Vec<Rc<str>> {
    path.split('/')
        .filter(|name| !name.is_empty())
        .map(Rc::from)
        .collect()
}

/// The files of a file set, or those at and below a path.
fn files_of(evaluator: &mut Evaluator, value: Thunk) -> Eval<Files> {
    if let Value::Attrs(set) = evaluator.force(value)? {
        let name = evaluator.symbol(FILES);
        if let Some(files) = evaluator.arena.attribute(set, name) {
            let mut found = Files::new();
            for path in evaluator.force_exact_list(files.value)? {
                found.insert(names(&path_text(evaluator, path, "lib.fileset")?));
            }
            return Ok(found);
        }
        return Err(evaluator.undetermined("the files of a filtered source"));
    }
    let path = path_text(evaluator, value, "lib.fileset")?;
    let mut files = Files::new();
    collect(evaluator, &path, &mut files)?;
    Ok(files)
}

fn collect(evaluator: &mut Evaluator, path: &str, files: &mut Files) -> Eval<()> {
    evaluator.check_size(1)?;
    let project = evaluator.sources.clone();
    let kind = match project.kind(Path::new(path)) {
        Ok(Some(kind)) => kind,
        Ok(None) => {
            let message = format!("lib.fileset: a path ({path}) was given that does not exist");
            return Err(throw(evaluator, message));
        }
        Err(error) => return Err(evaluator.read_error(path, &error)),
    };
    if kind != FileKind::Directory {
        files.insert(names(path));
        return Ok(());
    }
    let entries = match project.read_directory(Path::new(path)) {
        Ok(entries) => entries,
        Err(error) => return Err(evaluator.read_error(path, &error)),
    };
    for (name, kind) in entries {
        let inner = format!("{}/{name}", path.trim_end_matches('/'));
        if kind == FileKind::Directory {
            collect(evaluator, &inner, files)?;
        } else {
            files.insert(names(&inner));
        }
    }
    Ok(())
}

fn unite(a: &Files, b: &Files) -> Files {
    a.union(b).cloned().collect()
}

fn intersect(a: &Files, b: &Files) -> Files {
    a.intersection(b).cloned().collect()
}

fn subtract(a: &Files, b: &Files) -> Files {
    a.difference(b).cloned().collect()
}

fn combine(
    evaluator: &mut Evaluator,
    args: &[Thunk],
    operation: fn(&Files, &Files) -> Files,
) -> Eval<Value> {
    let [a, b] = arguments(args);
    Ok(fileset(evaluator, move |evaluator| {
        let (a, b) = (files_of(evaluator, a)?, files_of(evaluator, b)?);
        Ok(operation(&a, &b))
    }))
}

/// `unions filesets`
fn unions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [filesets] = arguments(args);
    let filesets = evaluator.force_exact_list(filesets)?;
    Ok(fileset(evaluator, move |evaluator| {
        let mut all = Files::new();
        for fileset in filesets {
            all.extend(files_of(evaluator, fileset)?);
        }
        Ok(all)
    }))
}

static HAS_EXTENSION: Builtin = Builtin::new("hasExt", 2, |evaluator, args| {
    let [name, extension] = arguments(args);
    let (name, extension) = (
        evaluator.force_text(name)?,
        evaluator.force_text(extension)?,
    );
    Ok(Value::Bool(name.ends_with(&format!(".{extension}"))))
});

/// `fileFilter p path`: `p { name; type; hasExt; … }`
fn file_filter(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, path] = arguments(args);
    Ok(fileset(evaluator, move |evaluator| {
        let mut kept = Files::new();
        for file in files_of(evaluator, path)? {
            let name = file.last().map_or("", |name| name);
            let name = evaluator.string_thunk(name);
            let text = format!("/{}", file.join("/"));
            let kind = match evaluator.sources.kind(Path::new(&text)) {
                Ok(Some(kind)) => kind.name(),
                _ => FileKind::Unknown.name(),
            };
            let kind = evaluator.string_thunk(kind);
            let has_extension = function_thunk(evaluator, &HAS_EXTENSION, &[name]);
            let about =
                evaluator.set_of(&[("name", name), ("type", kind), ("hasExt", has_extension)]);
            let about = evaluator.arena.ready(Value::Attrs(about));
            let keep = evaluator.call(predicate, about)?;
            if evaluator.expect_bool(keep)? {
                kept.insert(file);
            }
        }
        Ok(kept)
    }))
}

/// A file set of which nothing is known: what git tracks, what a filter leaves.
fn undetermined_files(evaluator: &mut Evaluator, _: &[Thunk]) -> Eval<Value> {
    Ok(fileset(evaluator, |evaluator| {
        Err(evaluator.undetermined("which files git tracks or a filter leaves"))
    }))
}

/// `toList fileset`
fn to_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let mut paths = Vec::new();
    for file in files_of(evaluator, value)? {
        let path = Value::Path(evaluator.arena.path(&format!("/{}", file.join("/"))));
        paths.push(evaluator.arena.ready(path));
    }
    Ok(evaluator.list(&paths))
}

/// `toSource { root; fileset; }`: a source that stays the root.
fn to_source(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let root = required(evaluator, options, "root")?;
    required(evaluator, options, "fileset")?;
    path_text(evaluator, root, "lib.fileset.toSource: `root`")?;
    super::sources::source(evaluator, root, None, None)
}
