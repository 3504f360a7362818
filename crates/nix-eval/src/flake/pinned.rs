//! Sources that a fetcher pins by their hash, without a flake: npins, niv, lon, tack.

use flake_lock::Pin;

use super::known_projects::known_project;
use super::reference::Repository;
use super::state::SourceUse;
use crate::eval::Evaluator;
use crate::value::Value;

impl Evaluator {
    /// The tree of a source, if it is here and not one that is known by its repository: what is
    /// emulated stays so, and two declarations of one option are an error.
    pub(super) fn pinned_tree(&mut self, pin: &Pin) -> Option<Value> {
        let url = pin.url.as_deref();
        if self.flakes().source_use == SourceUse::Emulation || known_project(None, url).is_some() {
            return None;
        }
        let mut native = self.flakes().schemas.native_inputs.iter();
        let repository = url.and_then(Repository::of);
        if repository.is_some_and(|repository| native.any(|name| repository.is(name))) {
            return None;
        }
        let tree = self.sources.open_pin(pin).ok()?;
        let tree = self.arena.path(&tree.to_string_lossy());
        Some(Value::Path(tree))
    }
}
