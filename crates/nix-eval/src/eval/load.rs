//! Loading files into an evaluator.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use nix_syntax::hir::{self, ExprId};
use nix_syntax::source::{FileId, Root, Span};

use super::evaluator::Evaluator;
use super::loaded::{BindingPlace, Loaded};
use crate::value::{
    AttrsId, Env, Eval, PathId, Position, Reason, Slot, Thunk, Unknown, UnknownId, Value,
};
use nix_source::{FileKind, ParsedFile, ReadError};

impl Evaluator {
    /// The loaded file of that number.
    #[inline]
    pub(crate) fn loaded(&self, number: u32) -> Option<Rc<Loaded>> {
        self.files.get(number as usize).cloned()
    }

    /// The value of a whole file with more global variables: a fresh one each time, as in Nix.
    pub fn scoped_import(&mut self, scope: AttrsId, path: PathId) -> Eval<Thunk> {
        let text = self.arena.path_text(path);
        let parsed = self.parse_path(&text)?;
        let loaded = self.load_with(parsed, Some(scope));
        Ok(self.file_thunk(&loaded))
    }

    /// Parses the file at a path, or the `default.nix` in the directory there.
    fn parse_path(&mut self, text: &str) -> Eval<Arc<ParsedFile>> {
        let mut file = std::path::PathBuf::from(text);
        match self.sources.kind(&file) {
            Ok(Some(FileKind::Directory)) => file.push("default.nix"),
            Ok(_) => {}
            Err(error) => return Err(self.read_error(text, &error)),
        }
        // What is no program shows itself in the errors that it gives.
        if file.extension().is_none_or(|extension| extension != "nix")
            && let Ok(bytes) = self.sources.read(&file)
            && let Some(why) = self.withheld(&file, &bytes)
        {
            return Err(why);
        }
        self.check_parse_room(&file)?;
        match self.sources.parse(&file) {
            Ok(parsed) => Ok(parsed),
            Err(error) => Err(self.read_error(&file.to_string_lossy(), &error)),
        }
    }

    /// Why no value may hold the content of a file; `None` if one may.
    pub(crate) fn withheld(&mut self, path: &Path, bytes: &[u8]) -> Option<UnknownId> {
        let withheld = self.environment.withheld?;
        let workspace = self.sources.workspace();
        let root = workspace.project_root();
        let below = path.strip_prefix(root).unwrap_or(path);
        // A link of a harmless name shows what it leads to, and the directory of the project has a name, too.
        let real = workspace.resolve(path).ok();
        let outer = root.parent().unwrap_or(root);
        let real = { real.as_deref() }.map(|real| real.strip_prefix(outer).unwrap_or(real));
        // Of one name that ends with the other, the longer says all that both do.
        let own = Some(below).filter(|below| !real.is_some_and(|real| real.ends_with(below)));
        let what = { real.into_iter().chain(own) }.find_map(|name| withheld(name, bytes))?;
        let name = below.display().to_string();
        let why = self.undetermined(format!("the content of `{name}`, which is {what}"));
        self.withheld_files.insert(why, path.to_owned());
        Some(why)
    }

    /// Loads a parsed file.
    pub fn load(&mut self, parsed: Arc<ParsedFile>) -> Rc<Loaded> {
        self.load_with(parsed, None)
    }

    fn load_with(&mut self, parsed: Arc<ParsedFile>, scope: Option<AttrsId>) -> Rc<Loaded> {
        let symbols = parsed
            .hir
            .names
            .iter()
            .map(|name| self.symbol(name))
            .collect();
        let strings = vec![Cell::new(None); parsed.hir.strings.len()];
        let directory = parsed.path.parent().unwrap_or_else(|| Path::new("/"));
        let (expr_base, position_base) = self.files.last().map_or((1, 1), |last| {
            let hir = last.hir();
            let positions = hir.bindings.len() + hir.dynamic_bindings.len() + hir.formals.len();
            let add =
                |base: u32, len: usize| base.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
            (
                add(last.expr_base, hir.exprs.len()),
                add(last.position_base, positions),
            )
        });
        let loaded = Rc::new(Loaded {
            number: u32::try_from(self.files.len()).unwrap_or(u32::MAX),
            directory: Rc::from(directory.to_string_lossy()),
            symbols,
            strings,
            scope,
            expr_base,
            position_base,
            parsed,
        });
        self.files.push(Rc::clone(&loaded));
        loaded
    }

    /// The value of a whole file: the thunk of its expression, the same one each time.
    pub fn import_path(&mut self, path: PathId) -> Eval<Thunk> {
        let text = self.arena.path_text(path);
        if let Some(number) = self.file_by_path.get(&text)
            && let Some(thunk) = self.import_cache.get(number)
        {
            return Ok(*thunk);
        }
        let parsed = self.parse_path(&text)?;
        let loaded = self.load(parsed);
        let thunk = self.file_thunk(&loaded);
        self.file_by_path.insert(text, loaded.number);
        self.import_cache.insert(loaded.number, thunk);
        Ok(thunk)
    }

    /// A thunk of a loaded file's expression.
    pub fn file_thunk(&mut self, loaded: &Loaded) -> Thunk {
        if loaded.hir().exprs.is_empty() {
            let why = self.error("the file has no expression");
            return self.arena.failed(why);
        }
        let root = loaded.hir().root;
        let slot = Slot::Expr {
            file: loaded.number,
            expr: root,
            env: Env::EMPTY,
        };
        self.arena.thunk_from(slot, loaded.origin(root))
    }

    /// The reason for a file that cannot be read: outside the project it is merely not known.
    pub(crate) fn read_error(&mut self, path: &str, error: &ReadError) -> UnknownId {
        match error {
            ReadError::Encrypted(tool) => {
                self.undetermined(format!("`{path}` is encrypted by {tool}"))
            }
            error if error.is_outside() => {
                self.undetermined(format!("`{path}` is outside this project"))
            }
            ReadError::Missing => self.unknown(Reason::NoSuchFile(path.into())),
            other => self.error(format!("reading '{path}': {other}")),
        }
    }

    /// Where an attribute was written.
    #[must_use]
    pub fn binding_place(&self, position: Position) -> Option<BindingPlace> {
        let position = position.written();
        if position == Position::NONE {
            return None;
        }
        let at = self
            .files
            .partition_point(|file| file.position_base <= position.0);
        let file = self.files.get(at.checked_sub(1)?)?;
        let index = (position.0 - file.position_base) as usize;
        let hir = file.hir();
        let id = file.parsed.id;
        if let Some(binding) = hir.bindings.get(index) {
            let value = match binding.value {
                hir::BindingValue::Expr(expr) => file.span(expr)?,
                hir::BindingValue::From(_) => binding.name_span.in_file(id),
            };
            return Some(BindingPlace {
                name: binding.name_span.in_file(id),
                path: binding.path_span.in_file(id),
                binding: binding.span.in_file(id),
                value,
            });
        }
        let index = index - hir.bindings.len();
        if let Some(binding) = hir.dynamic_bindings.get(index) {
            return Some(BindingPlace {
                name: binding.name_span.in_file(id),
                path: binding.name_span.in_file(id),
                binding: binding.span.in_file(id),
                value: file.span(binding.value)?,
            });
        }
        let formal = hir.formals.get(index - hir.dynamic_bindings.len())?;
        let name = formal.span.in_file(id);
        let value = formal
            .default
            .and_then(|default| file.span(default))
            .unwrap_or(name);
        Some(BindingPlace {
            name,
            path: name,
            binding: name,
            value,
        })
    }

    /// The expression that gives a thunk's value.
    #[must_use]
    pub fn origin_span(&self, thunk: Thunk) -> Option<Span> {
        let origin = self.arena.origin(thunk);
        if origin == 0 {
            return None;
        }
        let at = self.files.partition_point(|file| file.expr_base <= origin);
        let file = self.files.get(at.checked_sub(1)?)?;
        file.span(ExprId(origin - file.expr_base))
    }

    /// The file of the project that was loaded first; its `flake.nix` before any is.
    #[must_use]
    pub fn first_file(&self) -> FileId {
        let mut ids = self.files.iter().map(|file| file.parsed.id);
        ids.find(|id| id.key().root == Root::Project)
            .unwrap_or_else(|| FileId::in_project("flake.nix"))
    }

    /// The absolute path of a source file.
    #[must_use]
    pub fn source_path(&self, id: FileId) -> Option<std::path::PathBuf> {
        Some(
            self.sources
                .workspace()
                .sources()
                .get(id)?
                .path()
                .to_owned(),
        )
    }

    /// Evaluates text as if it stood in a file of that path (which need not exist).
    pub fn eval_text(&mut self, path: &Path, text: &str) -> Eval<Value> {
        let parsed = self.sources.workspace().parse_text(path, text.to_owned());
        // Nix says both before it evaluates anything.
        let is_global = |name: &str| {
            let symbol = self.arena.symbols.find(name);
            symbol.is_some_and(|symbol| self.global(symbol).is_some())
        };
        let undefined = nix_syntax::undefined_variables(&parsed.hir, is_global);
        let syntax = parsed.errors.first().map(|error| {
            let message = format!("syntax error: {}", error.message);
            (message, error.span)
        });
        let undefined = undefined
            .first()
            .map(|error| (error.message.clone(), error.span));
        if let Some((message, span)) = syntax.or(undefined) {
            let at = Some(span.in_file(parsed.id));
            let reason = Reason::Error(message.into());
            return Err(self.arena.unknown(Unknown { reason, at }));
        }
        let loaded = self.load(Arc::new(parsed));
        let thunk = self.file_thunk(&loaded);
        self.force(thunk)
    }
}
