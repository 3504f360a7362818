//! The modules of an evaluation, by what imports them.

use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use nix_syntax::source::FileId;

use crate::eval::Evaluator;
use crate::value::{Position, Thunk, UnknownId};

/// Modules, each with why it may not be there.
pub(crate) type UncertainModules = Vec<(Thunk, Option<UnknownId>)>;

/// A module whose syntax is taken apart.
#[derive(Debug, Clone)]
pub struct LoadedModule {
    /// The file that messages name: `_file`, or where it was imported from.
    pub file: Rc<str>,
    /// What makes it the same module: its path, `key`, or its place among the imports.
    pub key: Rc<str>,
    /// Its option declarations.
    pub options: Option<Thunk>,
    /// Its definitions.
    pub config: Vec<Thunk>,
    /// Why it may not be there.
    pub maybe: Option<UnknownId>,
    /// Where it was written, as far as that is a binding.
    pub position: Position,
}

impl Evaluator {
    /// The files that hold a module's definitions, its option declarations and its binding: those of one
    /// that has no path of its own, too.
    pub fn files_of_module(&self, module: &LoadedModule) -> impl Iterator<Item = FileId> {
        let places = module.config.iter().chain(&module.options);
        let places = places.filter_map(|thunk| self.origin_span(*thunk));
        let binding = self.binding_place(module.position);
        places.chain(binding.map(|it| it.name)).map(|at| at.file)
    }
}

/// An import: the module by its number, and why it may not take place.
pub(super) type Import = (usize, Option<UnknownId>);

/// Every module that is imported, each key once.
#[derive(Debug)]
pub(crate) struct ModuleTree {
    pub(super) nodes: Vec<Node>,
    /// What the evaluation starts from.
    pub(super) roots: Vec<Import>,
    /// Keys that are disabled, with why they may not be.
    pub(super) disabled: FxHashMap<Rc<str>, Option<UnknownId>>,
    /// Why modules are missing.
    pub(super) missing: Vec<UnknownId>,
    /// Why lists of modules are not known, those that a call outside the project gives.
    pub(super) unlisted: Vec<UnknownId>,
}

/// A module with its imports.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) module: LoadedModule,
    pub(super) imports: Vec<Import>,
    pub(super) disabled: Vec<(Rc<str>, Option<UnknownId>)>,
}

impl ModuleTree {
    pub(super) fn reach(
        &self,
        skip: impl Fn(&Node) -> bool,
        follow: impl Fn(&Import) -> bool,
    ) -> Vec<Import> {
        let mut seen = FxHashSet::default();
        let mut order: Vec<Import> = Vec::new();
        let mut queue: VecDeque<Import> = self.roots.iter().copied().collect();
        while let Some((number, maybe)) = queue.pop_front() {
            let Some(node) = self.nodes.get(number) else {
                continue;
            };
            if !follow(&(number, maybe)) || skip(node) || !seen.insert(number) {
                continue;
            }
            order.push((number, maybe));
            let inner = node.imports.iter();
            queue.extend(inner.map(|(number, own)| (*number, maybe.or(*own))));
        }
        order
    }

    pub(super) fn certainly_reached(&self, skip: impl Fn(&Node) -> bool) -> FxHashSet<usize> {
        let reached = self.reach(skip, |(_, maybe)| maybe.is_none());
        reached.into_iter().map(|(number, _)| number).collect()
    }

    pub(super) fn find_disabled(&mut self) {
        if self.nodes.iter().all(|node| node.disabled.is_empty()) {
            return;
        }
        let certain = self.certainly_reached(|_| false);
        let all = self.reach(|_| false, |_| true);
        let maybe_of: FxHashMap<usize, Option<UnknownId>> = all.into_iter().collect();
        for (number, node) in self.nodes.iter().enumerate() {
            let of_module = if certain.contains(&number) {
                None
            } else {
                maybe_of.get(&number).copied().flatten()
            };
            for (key, maybe) in &node.disabled {
                let maybe = of_module.or(*maybe);
                self.disabled
                    .entry(Rc::clone(key))
                    .and_modify(|known| *known = known.and(maybe))
                    .or_insert(maybe);
            }
        }
    }

    /// The modules that count, breadth first, with why each may not.
    pub(super) fn modules(&self) -> Rc<[LoadedModule]> {
        let disabled = |node: &Node| self.disabled.get(&node.module.key).copied();
        let certain = self.certainly_reached(|node| disabled(node).is_some());
        self.reach(|node| disabled(node) == Some(None), |_| true)
            .into_iter()
            .filter_map(|(number, maybe)| {
                let node = self.nodes.get(number)?;
                let mut module = node.module.clone();
                if !certain.contains(&number) {
                    module.maybe = maybe.or(disabled(node).flatten());
                }
                Some(module)
            })
            .collect()
    }
}
