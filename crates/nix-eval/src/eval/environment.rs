//! What an evaluation is told about the world around it. What it is not told is not known.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Evaluator;
use crate::value::{Eval, Thunk, Value};
use nix_source::normalise;

/// The world around an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// What `~` stands for.
    pub home: Option<PathBuf>,
    /// The environment variables: all of them.
    pub variables: Option<BTreeMap<String, String>>,
    /// `$NIX_PATH`: what `<prefix/…>` begins with, and where it is looked for. An entry without a
    /// prefix is looked into for anything.
    pub search_path: Option<Vec<(String, PathBuf)>>,
    /// Whether `fromTOML` takes dates and times, which is an experimental feature of Nix.
    pub toml_timestamps: bool,
}

impl Evaluator {
    /// `<name>`: found on the search path, if that is known, else an external.
    pub(super) fn search_path_value(&mut self, name: &str) -> Eval<Value> {
        if self.environment.search_path.is_none() {
            return Ok(crate::flake::search_path(self, name));
        }
        let search_path = self.search_path_list();
        let name = self.string_thunk(name);
        crate::builtins::find_file(self, &[search_path, name])
    }

    /// `builtins.nixPath`
    pub(crate) fn search_path_list(&mut self) -> Thunk {
        let Some(entries) = self.environment.search_path.clone() else {
            let why = self.undetermined("`builtins.nixPath`");
            return self.arena.failed(why);
        };
        let mut items = Vec::with_capacity(entries.len());
        for (prefix, path) in entries {
            let prefix = self.string_thunk(&prefix);
            let path = self.string_thunk(&normalise(&path).to_string_lossy());
            let entry = Value::Attrs(self.set_of(&[("prefix", prefix), ("path", path)]));
            items.push(self.arena.ready(entry));
        }
        let list = self.list(&items);
        self.arena.ready(list)
    }
}
