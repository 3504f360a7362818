//! The module that every evaluation has: the options below `_module`.

use std::path::Path;

use crate::eval::Evaluator;
use crate::value::Thunk;

/// Written in Nix, evaluated by this evaluator.
const TEXT: &str = include_str!("internal.nix");

impl Evaluator {
    /// The module that declares `_module.args`, `_module.check` and their kind.
    pub(crate) fn internal_module(&mut self) -> Thunk {
        if let Some(thunk) = self.modules.internal_module {
            return thunk;
        }
        let thunk = self.embedded(Path::new("/«mcp-lint»/internal.nix"), TEXT);
        self.modules.internal_module = Some(thunk);
        thunk
    }

    /// A Nix file that is part of this program. It must parse.
    pub fn embedded(&mut self, path: &Path, text: &str) -> Thunk {
        let parsed = self.project.parse_text(path, text.to_owned());
        if let Some(error) = parsed.errors.first() {
            let why = self.error(format!("embedded {}: {}", path.display(), error.message));
            return self.arena.failed(why);
        }
        let loaded = self.load(std::sync::Arc::new(parsed));
        self.file_thunk(&loaded)
    }
}
