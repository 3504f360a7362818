//! import-tree: every file of a folder as a module.

use std::path::{Path, PathBuf};

use crate::eval::Evaluator;
use crate::value::{AttrsBuilder, Eval, Thunk, Value, well_known};
use nix_source::FileKind;

/// The most files that one call imports: as many as one configuration may have modules.
const MAX_FILES: usize = 20_000;

/// `import-tree ./modules`: a module that imports every `.nix` file below, except below names that
/// begin with `_` (import-tree's documentation).
pub(super) fn import_tree(evaluator: &mut Evaluator, path: Thunk) -> Eval<Value> {
    let value = evaluator.force(path)?;
    let roots = match value {
        Value::List(list) => evaluator.exact_list(list)?,
        other => vec![evaluator.arena.ready(other)],
    };
    let mut files = Vec::new();
    for root in roots {
        let value = evaluator.force(root)?;
        let path = evaluator.coerce_to_path(value)?;
        let text = evaluator.arena.path_text(path);
        nix_files(evaluator, Path::new(&*text), &mut files);
    }
    let items: Vec<Thunk> = files
        .iter()
        .map(|file: &PathBuf| {
            let path = evaluator.arena.path(&file.to_string_lossy());
            evaluator.arena.ready(Value::Path(path))
        })
        .collect();
    let imports = evaluator.list(&items);
    let imports = evaluator.arena.ready(imports);
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::IMPORTS, imports);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// Adds the `.nix` files at and below a path, in the order of their paths.
fn nix_files(evaluator: &Evaluator, directory: &Path, files: &mut Vec<PathBuf>) {
    let mut pending = vec![directory.to_owned()];
    while let Some(current) = pending.pop() {
        match evaluator.sources.kind(&current) {
            Ok(Some(FileKind::Regular)) => files.push(current),
            Ok(Some(FileKind::Directory)) => {
                let Ok(entries) = evaluator.sources.read_directory(&current) else {
                    continue;
                };
                for (name, kind) in entries.into_iter().rev() {
                    let wanted = match kind {
                        FileKind::Directory => true,
                        FileKind::Regular => name.ends_with(".nix"),
                        FileKind::Symlink | FileKind::Unknown => false,
                    };
                    if wanted && !name.starts_with('_') && !name.starts_with('.') {
                        pending.push(current.join(name));
                    }
                }
            }
            _ => {}
        }
        if files.len() > MAX_FILES {
            break;
        }
    }
    files.sort();
}
