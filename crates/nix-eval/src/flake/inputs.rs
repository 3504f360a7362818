//! `flake.nix`: its inputs and outputs.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use flake_lock::NodeId;

use super::known_projects::known_project;
use super::state::SourceUse;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, ExternalKind, KnownProject, Origin, Position, Symbol,
    Thunk, Value, well_known,
};

/// Flakes inside flakes deeper than this are left alone.
const MAX_DEPTH: usize = 8;

/// A flake of the project.
#[derive(Debug)]
pub struct Flake {
    /// Its directory.
    pub directory: PathBuf,
    /// Its outputs, with `self`'s own attributes.
    pub outputs: Thunk,
}

impl Evaluator {
    /// The flake in a directory of the project, loaded once.
    ///
    /// # Errors
    ///
    /// Where `flake.nix` cannot be read or is not a set with `outputs`.
    pub fn flake(&mut self, directory: &Path) -> Eval<Rc<Flake>> {
        let source_use = self.flakes().source_use;
        let mut known = self.flakes().flakes.iter();
        let is_known =
            |(path, used, _): &&(PathBuf, SourceUse, _)| path == directory && *used == source_use;
        if let Some((.., known)) = known.find(is_known) {
            return Ok(Rc::clone(known));
        }
        let depth = self.flakes().flakes.len();
        if depth > MAX_DEPTH {
            return Err(self.undetermined("flakes nest too deeply"));
        }
        let file = directory.join("flake.nix");
        let path = self.arena.path(&file.to_string_lossy());
        let thunk = self.import_path(path)?;
        let set = self.force_attrs(thunk)?;
        // The flake is known before its outputs are evaluated: they refer to it.
        let itself = self.arena.ready(Value::Null);
        let flake = Rc::new(Flake {
            directory: directory.to_owned(),
            outputs: itself,
        });
        let known = (directory.to_owned(), source_use, Rc::clone(&flake));
        self.flakes_mut().flakes.push(known);
        let node = self.node_of_directory(directory);
        let inputs = self.flake_inputs(directory, node, set, itself);
        let root = self.arena.path(&directory.to_string_lossy());
        let own = self.own_attributes(root, inputs);
        let result = self.flake_result(set, inputs, own);
        let slot = self.arena.slot(result);
        self.arena.set_slot(itself, slot);
        Ok(flake)
    }

    /// What a flake is for those that use it: its outputs and its own attributes. `self.outPath` is there
    /// whatever becomes of the outputs.
    pub(super) fn flake_result(&mut self, set: AttrsId, inputs: AttrsId, own: AttrsId) -> Thunk {
        let outputs = self.flake_outputs(set);
        self.lazy(move |evaluator| {
            let outputs = evaluator.call_outputs(outputs, inputs);
            let outputs = match outputs {
                Ok(Value::Attrs(outputs)) => outputs,
                Ok(other) => return Err(evaluator.type_error(other, "a set")),
                Err(why) => {
                    let mut builder = AttrsBuilder::new();
                    builder.open(why);
                    evaluator.arena.attrs(builder)
                }
            };
            let inner = evaluator.arena.ready(Value::Attrs(outputs));
            let itself = evaluator.set_of(&[("outputs", inner)]);
            let own = evaluator.update_sets(own, itself);
            Ok(Value::Attrs(evaluator.update_sets(outputs, own)))
        })
    }

    fn flake_outputs(&mut self, set: AttrsId) -> Option<Thunk> {
        self.arena
            .attribute(set, well_known::OUTPUTS)
            .map(|entry| entry.value)
    }

    fn call_outputs(&mut self, outputs: Option<Thunk>, inputs: AttrsId) -> Eval<Value> {
        let Some(outputs) = outputs else {
            return Err(self.error("flake lacks attribute 'outputs'"));
        };
        let arguments = self.arena.ready(Value::Attrs(inputs));
        self.call(outputs, arguments)
    }

    /// What `self` has besides its outputs. Its `inputs` are those of `outputs` without `self`.
    fn own_attributes(&mut self, root: crate::value::PathId, inputs: AttrsId) -> AttrsId {
        let out_path = self.arena.ready(Value::Path(root));
        let inputs = self.without_self(inputs);
        let inputs = self.arena.ready(Value::Attrs(inputs));
        let kind = self.string_thunk("flake");
        let source = self.set_of(&[("outPath", out_path)]);
        let source = self.arena.ready(Value::Attrs(source));
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::OUT_PATH, out_path)
            .insert(well_known::INPUTS, inputs);
        let names = [("_type", kind), ("sourceInfo", source)];
        for (name, value) in names {
            let name = self.symbol(name);
            builder.insert(name, value);
        }
        for name in [
            "rev",
            "shortRev",
            "dirtyRev",
            "dirtyShortRev",
            "lastModified",
            "lastModifiedDate",
            "narHash",
        ] {
            let why = self.undetermined(format!("`self.{name}`"));
            let value = self.arena.failed(why);
            let name = self.symbol(name);
            builder.push(Entry {
                name,
                value,
                position: Position::NONE,
                maybe: Some(why),
            });
        }
        self.arena.attrs(builder)
    }

    fn without_self(&mut self, inputs: AttrsId) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        for entry in self.arena.entries(inputs).to_vec() {
            if entry.name != well_known::SELF {
                builder.push(entry);
            }
        }
        self.arena.attrs(builder)
    }

    /// The argument of `outputs`: every declared input, those that its formals name, and `self`.
    pub(super) fn flake_inputs(
        &mut self,
        directory: &Path,
        node: Option<NodeId>,
        set: AttrsId,
        itself: Thunk,
    ) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        let mut names: Vec<Symbol> = Vec::new();
        let declared = match self.arena.attribute(set, well_known::INPUTS) {
            Some(entry) => self.force_attrs(entry.value).ok(),
            None => None,
        };
        if let Some(declared) = declared {
            for entry in self.arena.entries(declared).to_vec() {
                let value = self.flake_input(directory, node, entry);
                builder.push(Entry { value, ..entry });
                names.push(entry.name);
            }
        }
        if let Some(outputs) = self.arena.attribute(set, well_known::OUTPUTS)
            && let Ok(function) = self.force(outputs.value)
        {
            for (name, _) in self.formals_of(function) {
                if name != well_known::SELF && !names.contains(&name) {
                    let value = match self.input_of_lock(node, name, None) {
                        Some(value) => value,
                        None => self.input_external(name, None),
                    };
                    builder.insert(name, value);
                }
            }
        }
        builder.insert(well_known::SELF, itself);
        self.arena.attrs(builder)
    }

    fn flake_input(&mut self, directory: &Path, node: Option<NodeId>, entry: Entry) -> Thunk {
        let url = self.input_url(entry.value);
        let local = self.local_flake(directory, entry.name, url.as_ref());
        // Emulation has no sources, and a flake inside the project needs none.
        let input = match local {
            Some(_) if self.flakes().source_use == SourceUse::Emulation => local,
            _ => { self.input_of_lock(node, entry.name, url.clone()) }.or(local),
        };
        input.unwrap_or_else(|| self.input_external(entry.name, url))
    }

    /// The flake beside or below another one that an input's URL names; `None` if it names none.
    fn local_flake(
        &mut self,
        directory: &Path,
        name: Symbol,
        url: Option<&Rc<str>>,
    ) -> Option<Thunk> {
        let url = Rc::clone(url?);
        let local = local_directory(directory, &url)?;
        let kind = self.sources.kind(&local.join("flake.nix"));
        if !kind.is_ok_and(|kind| kind.is_some()) {
            return None;
        }
        Some(self.lazy(move |evaluator| match evaluator.flake(&local) {
            Ok(flake) => evaluator.force(flake.outputs),
            Err(_) => {
                let external = evaluator.input_external(name, Some(url));
                evaluator.force(external)
            }
        }))
    }

    /// `url` of an input, or what its `owner` and `repo` say.
    fn input_url(&mut self, input: Thunk) -> Option<Rc<str>> {
        let set = self.force_attrs(input).ok()?;
        if let Some(entry) = self.arena.attribute(set, well_known::URL) {
            return match self.force(entry.value).ok()? {
                Value::Path(path) => Some(self.arena.path_text(path)),
                value => self.expect_text(value).ok(),
            };
        }
        let mut text = |name: &str| {
            let value = self.argument(set, name).ok()??;
            self.expect_text(value).ok()
        };
        let (kind, owner, repository) = (text("type")?, text("owner")?, text("repo")?);
        Some(Rc::from(format!("{kind}:{owner}/{repository}")))
    }

    pub(crate) fn input_external(&mut self, name: Symbol, url: Option<Rc<str>>) -> Thunk {
        let text = self.name(name);
        let known = known_project(Some(&text), url.as_deref());
        self.input_root(&text, url, known)
    }

    /// The external of an input of that name.
    pub(super) fn input_root(
        &mut self,
        text: &Rc<str>,
        url: Option<Rc<str>>,
        known: Option<KnownProject>,
    ) -> Thunk {
        let origin = Origin::FlakeInput(Rc::clone(text));
        let kind = ExternalKind::Input { origin, url, known };
        let value = self.external_root(&format!("input `{text}`"), kind);
        self.arena.ready(value)
    }
}

/// The directory of an input inside the project.
fn local_directory(directory: &Path, url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("path:").unwrap_or(url);
    let path = path.split(['?', '#']).next()?;
    let relative = path.starts_with("./") || path.starts_with("../") || path == ".";
    let joined = if relative {
        directory.join(path)
    } else if path.starts_with('/') {
        PathBuf::from(path)
    } else {
        return None;
    };
    let joined = nix_source::normalise(&joined);
    (joined != directory).then_some(joined)
}
