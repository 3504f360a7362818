//! Externals: selecting from them, calling them, naming them.

use std::rc::Rc;

use flake_lock::Pin;

use super::evaluator::Evaluator;
use crate::value::{
    Eval, External, ExternalId, ExternalKind, KnownProject, Origin, Reason, Symbol, Thunk,
    UnknownId, Value,
};

/// Longer chains of selections and calls are cut in messages.
const MAX_LABEL: usize = 120;

impl Evaluator {
    /// A new root external.
    pub fn external_root(&mut self, label: &str, kind: ExternalKind) -> Value {
        let root = External::Root {
            label: Rc::from(label),
            kind,
        };
        Value::External(self.arena.external(root))
    }

    /// `external.name`: what is known natively, else a longer external.
    pub fn select_external(&mut self, external: ExternalId, name: Symbol) -> Eval<Value> {
        if let Some(known) = self.externals.attribute(self, external, name) {
            return known;
        }
        let selected = External::Select {
            base: external,
            name,
        };
        Ok(Value::External(self.arena.external(selected)))
    }

    /// `external argument`: what is known natively, else an external of the call.
    pub fn apply_external(&mut self, function: ExternalId, argument: Thunk) -> Eval<Value> {
        if let Some(known) = self.externals.call(self, function, argument) {
            return known;
        }
        Ok(Value::External(
            self.arena.external(External::Apply { function, argument }),
        ))
    }

    /// What `import` gives of a value that lies outside the project; `None` if it is a file.
    pub(crate) fn import_external(&mut self, value: Value) -> Option<Eval<Value>> {
        self.externals.import(self, value)
    }

    /// The names of the selections that lead from the root to an external, and the root; nothing if
    /// there is a call on the way.
    #[must_use]
    pub fn external_path(&self, external: ExternalId) -> Option<(ExternalId, Vec<Symbol>)> {
        let mut path = Vec::new();
        let mut current = external;
        loop {
            match self.arena.external_data(current) {
                External::Root { .. } => {
                    path.reverse();
                    return Some((current, path));
                }
                External::Select { base, name } => {
                    path.push(*name);
                    current = *base;
                }
                External::Apply { .. } => return None,
            }
        }
    }

    /// How a person would call an external: `pkgs.hello`, ``input `nixpkgs` ``, `pkgs.callPackage …`.
    #[must_use]
    pub fn external_label(&self, external: ExternalId) -> String {
        let mut suffix: Vec<String> = Vec::new();
        let mut current = external;
        loop {
            match self.arena.external_data(current) {
                External::Root { label, .. } => {
                    let mut text = label.to_string();
                    for piece in suffix.iter().rev() {
                        text.push_str(piece);
                        if text.len() > MAX_LABEL {
                            text.push('…');
                            break;
                        }
                    }
                    return text;
                }
                External::Select { base, name } => {
                    suffix.push(format!(".{}", self.arena.symbols.name_ref(*name)));
                    current = *base;
                }
                External::Apply { function, .. } => {
                    suffix.push(" …".to_owned());
                    current = *function;
                }
            }
        }
    }

    /// The reason for something that depends on an external.
    pub fn external_unknown(&mut self, external: ExternalId) -> UnknownId {
        if let Some(label) = self.external_labels.get(&external) {
            let label = Rc::clone(label);
            return self.unknown(Reason::External(external, label));
        }
        let label: Rc<str> = Rc::from(self.external_label(external));
        self.external_labels.insert(external, Rc::clone(&label));
        self.unknown(Reason::External(external, label))
    }

    /// What an external is ultimately taken from.
    fn external_root_kind(&self, external: ExternalId) -> &ExternalKind {
        let mut current = external;
        loop {
            current = match self.arena.external_data(current) {
                External::Root { kind, .. } => return kind,
                External::Select { base, .. } => *base,
                External::Apply { function, .. } => *function,
            };
        }
    }

    /// Which project is at a URL; `None` if it is none that is known.
    pub(crate) fn project_at(&self, url: &str) -> Option<KnownProject> {
        self.externals.project_at(url)
    }

    /// The tree of a source that a fetcher pins by its hash; `None` if it is not here, or known
    /// without being read.
    pub(crate) fn pinned(&mut self, pin: &Pin) -> Option<Value> {
        let externals = self.externals;
        externals.pinned(self, pin)
    }

    /// Whether an external is of a source that is not here: an input, what a fetcher brings, an entry of the search
    /// path.
    #[must_use]
    pub fn is_of_source(&self, external: ExternalId) -> bool {
        matches!(
            self.external_root_kind(external),
            ExternalKind::Input { .. }
        )
    }

    /// The input of a flake that an external is taken from; `None` if it is of none.
    #[must_use]
    pub fn input_of(&self, external: ExternalId) -> Option<Rc<str>> {
        match self.external_root_kind(external) {
            ExternalKind::Input {
                origin: Origin::FlakeInput(name),
                ..
            } => Some(Rc::clone(name)),
            _ => None,
        }
    }

    /// Why a file of an external is not here: with the URL of the input that it lies in.
    pub(crate) fn external_file(&mut self, external: ExternalId) -> UnknownId {
        let url = match self.external_root_kind(external) {
            ExternalKind::Input { url, .. } => url.clone(),
            ExternalKind::Packages { .. } | ExternalKind::Other => None,
        };
        match url {
            Some(url) => {
                let label = self.external_label(external);
                self.unknown(Reason::ExternalFile(
                    external,
                    Rc::from(format!("{label} ({url})")),
                ))
            }
            None => self.external_unknown(external),
        }
    }
}
