//! `<name>` and the search path.

use std::rc::Rc;

use nix_source::normalise;

use super::evaluator::Evaluator;
use crate::value::{Eval, Thunk, Value, well_known};

impl Evaluator {
    /// `<name>`: found on the search path, if that is known, else an external.
    pub(super) fn search_path_value(&mut self, name: &str) -> Eval<Value> {
        if self.environment.search_path.is_none() {
            return Ok(self.externals.search_path(self, name));
        }
        let search_path = self.search_path_list();
        let search_path = self.force_exact_list(search_path)?;
        self.find_file(&search_path, name)
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

    /// A file on a search path: the first entry that has it.
    pub(crate) fn find_file(&mut self, search_path: &[Thunk], name: &str) -> Eval<Value> {
        for entry in search_path {
            let set = self.force_attrs(*entry)?;
            let prefix = match self.select_optional(Value::Attrs(set), well_known::PREFIX)? {
                Some(prefix) => self.expect_text(prefix)?,
                None => Rc::from(""),
            };
            let path = self.select_attribute(set, well_known::PATH)?;
            let rest = match name.strip_prefix(&*prefix) {
                _ if prefix.is_empty() => name,
                Some("") => "",
                Some(rest) => match rest.strip_prefix('/') {
                    Some(rest) => rest,
                    None => continue,
                },
                None => continue,
            };
            let base = self.coerce_to_path(path)?;
            let text = format!("{}/{rest}", self.arena.path_text(base));
            let path = nix_source::normalise(std::path::Path::new(&text));
            match self.sources.entry_kind(&path) {
                Ok(Some(_)) => {
                    return Ok(Value::Path(self.arena.path(&path.to_string_lossy())));
                }
                Ok(None) => {}
                Err(error) => return Err(self.read_error(&path.to_string_lossy(), &error)),
            }
        }
        if name.starts_with("nix/") {
            // Nix brings these files along.
            return Ok(self.externals.search_path(self, name));
        }
        let message = format!(
            "file '{name}' was not found in the Nix search path (add it using $NIX_PATH or -I)"
        );
        Err(self.throw(message))
    }
}
