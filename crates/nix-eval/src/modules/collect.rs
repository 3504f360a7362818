//! From `modules` and `imports` to a flat list of modules.

use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::configuration::Configuration;
use super::module_tree::UncertainModules;
use super::module_tree::{Import, LoadedModule, ModuleTree, Node};
use super::syntax::{Parts, Pending, PendingKey};
use crate::eval::Evaluator;
use crate::value::{Eval, External, Limit, Reason, Thunk, Unknown, UnknownId, Value};
use nix_source::FileKind;

/// Modules of one evaluation: more of them are an endless import.
const MAX_MODULES: usize = 20_000;

/// Imports of one evaluation, of modules that are there already included.
const MAX_IMPORTS: usize = 1_000_000;

/// What an import costs, in units of work: most of it forces and calls nothing.
const IMPORT_WORK: u64 = 64;

/// Bytes of a module's key: a longer one is that of an endless import.
const MAX_KEY: usize = 4096;

/// What is still to be imported, and by which module.
struct Queued {
    pending: Pending,
    maybe: Option<UnknownId>,
    by: Option<usize>,
}

/// A tree in the making.
struct Collection {
    tree: ModuleTree,
    by_key: FxHashMap<Rc<str>, usize>,
    queue: VecDeque<Queued>,
    imports: usize,
    open: Option<UnknownId>,
}

impl Collection {
    fn enqueue(
        &mut self,
        modules: UncertainModules,
        by: Option<usize>,
        file: &Rc<str>,
        key: &Rc<str>,
    ) {
        for (number, (module, maybe)) in modules.into_iter().enumerate() {
            let pending = Pending {
                module,
                file: Rc::clone(file),
                key: PendingKey::Import(Rc::clone(key), number + 1),
            };
            self.queue.push_back(Queued { pending, maybe, by });
        }
    }

    fn import(&mut self, by: Option<usize>, import: Import) {
        match by.and_then(|by| self.tree.nodes.get_mut(by)) {
            Some(node) => node.imports.push(import),
            None => self.tree.roots.push(import),
        }
    }

    fn add(&mut self, parts: Parts) -> usize {
        let number = self.tree.nodes.len();
        let (file, key) = (Rc::clone(&parts.file), Rc::clone(&parts.key));
        self.tree.nodes.push(Node {
            module: LoadedModule {
                file: parts.file,
                key: parts.key,
                options: parts.options,
                config: parts.config,
                maybe: None,
                position: parts.position,
            },
            imports: Vec::new(),
            disabled: parts.disabled,
        });
        self.by_key.insert(Rc::clone(&key), number);
        self.enqueue(parts.imports, Some(number), &file, &key);
        number
    }
}

impl Evaluator {
    /// The modules of a configuration, breadth first, each key once, without disabled ones.
    pub(crate) fn collected_modules(
        &mut self,
        configuration: &Rc<Configuration>,
    ) -> Eval<Rc<[LoadedModule]>> {
        configuration.modules.get(self, |evaluator| {
            let tree = evaluator.module_tree(configuration)?;
            Ok(tree.modules())
        })
    }

    /// Every module of a configuration.
    pub(crate) fn module_tree(
        &mut self,
        configuration: &Rc<Configuration>,
    ) -> Eval<Rc<ModuleTree>> {
        configuration.tree.get(self, |evaluator| {
            evaluator.collect(configuration).map(Rc::new)
        })
    }

    fn collect(&mut self, configuration: &Rc<Configuration>) -> Eval<ModuleTree> {
        let arguments = &configuration.arguments;
        let tree = ModuleTree {
            nodes: Vec::new(),
            roots: Vec::new(),
            disabled: FxHashMap::default(),
            missing: Vec::new(),
            unlisted: Vec::new(),
        };
        let mut collection = Collection {
            tree,
            by_key: FxHashMap::default(),
            queue: VecDeque::new(),
            imports: 0,
            open: arguments.open,
        };
        let modules = arguments.modules.clone();
        collection.enqueue(modules, None, &arguments.file, &Rc::from(""));
        let internal = self.internal_module(!arguments.prefix.is_empty());
        let file: Rc<str> = Rc::from(super::messages::INTERNAL_FILE);
        let pending = Pending {
            module: internal,
            key: PendingKey::Own(Rc::clone(&file)),
            file,
        };
        collection.queue.push_back(Queued {
            pending,
            maybe: None,
            by: None,
        });
        while let Some(queued) = collection.queue.pop_front() {
            collection.imports += 1;
            self.count_work(IMPORT_WORK)?;
            let is_endless = collection.tree.nodes.len() >= MAX_MODULES
                || collection.imports > MAX_IMPORTS
                || queued.pending.key.length() > MAX_KEY;
            if is_endless {
                return Err(self.unknown(Reason::Limit(Limit::Modules)));
            }
            if let Some(why) = self.doubtful_import(&queued)? {
                collection.open = collection.open.or(Some(why));
                collection.tree.missing.push(why);
                continue;
            }
            let pending = self.sourced_module(queued.pending);
            match self.import_module(configuration, &mut collection, &pending) {
                Ok(number) => collection.import(queued.by, (number, queued.maybe)),
                Err(why) => {
                    let is_missing =
                        matches!(self.arena.unknown_data(why).reason, Reason::NoSuchFile(_));
                    let why = match queued.maybe {
                        // Nothing says that the file is imported at all.
                        Some(maybe) if is_missing => maybe,
                        _ => self.located_at(why, pending.module),
                    };
                    if self.is_made_by_a_call(why) && self.force(pending.module).is_err() {
                        collection.tree.unlisted.push(why);
                    }
                    if self.is_error(why) {
                        if arguments.open.is_none() && queued.maybe.is_none() {
                            return Err(why);
                        }
                        // In an open world the other modules still count.
                        self.modules_mut().problems.push(why);
                    }
                    collection.open = collection.open.or(Some(why));
                    // A system is open from the start, and what its schemas declare is whole.
                    if arguments.open.is_none() {
                        self.modules_mut().missing_above.get_or_insert(why);
                    }
                    collection.tree.missing.push(why);
                }
            }
        }
        let Collection { mut tree, open, .. } = collection;
        let _ = configuration.open.set(open);
        let _ = configuration.missing.set(tree.missing.clone());
        let _ = configuration.unlisted.set(tree.unlisted.clone());
        tree.find_disabled();
        Ok(tree)
    }

    /// Why an import is not followed: a condition that is not known keeps or drops it, and its file is
    /// not named as one of Nix. Such a condition is mostly what leaves out the other files of a folder.
    fn doubtful_import(&mut self, queued: &Queued) -> Eval<Option<UnknownId>> {
        let Some(why) = queued.maybe else {
            return Ok(None);
        };
        let Ok(Some(path)) = self.module_path(queued.pending.module) else {
            return Ok(None);
        };
        let text = self.arena.path_text(path);
        let path = std::path::Path::new(&*text);
        let is_nix = path.extension().is_some_and(|extension| extension == "nix");
        let is_folder = matches!(self.sources.kind(path), Ok(Some(FileKind::Directory)));
        Ok((!is_nix && !is_folder).then_some(why))
    }

    /// Whether something is what a call outside the project gives: it may be made of files of the project.
    fn is_made_by_a_call(&self, why: UnknownId) -> bool {
        let mut external = self.arena.unknown_data(why).reason.external();
        while let Some(current) = external {
            external = match self.arena.external_data(current) {
                External::Root { .. } => return false,
                External::Select { base, .. } => Some(*base),
                External::Apply { .. } => return true,
            };
        }
        false
    }

    /// The same reason at the place where the module is named, if it has none.
    fn located_at(&mut self, why: UnknownId, module: Thunk) -> UnknownId {
        let unknown = self.arena.unknown_data(why).clone();
        // A file is looked for by whatever needs the module first, which is no place to change.
        let is_missing = matches!(unknown.reason, Reason::NoSuchFile(_));
        let at = self.origin_span(module);
        match unknown.at {
            None if at.is_some() => self.arena.unknown(Unknown { at, ..unknown }),
            Some(_) if is_missing => self.arena.unknown(Unknown { at, ..unknown }),
            _ => why,
        }
    }

    /// A module that is not external where its source is to be loaded.
    fn sourced_module(&mut self, pending: Pending) -> Pending {
        let Ok(Value::External(external)) = self.force(pending.module) else {
            return pending;
        };
        let source = (self.modules().hooks.module_source)(self, external);
        Pending {
            module: source.unwrap_or(pending.module),
            ..pending
        }
    }

    /// The number of a module, which is taken apart unless its key was seen already.
    fn import_module(
        &mut self,
        configuration: &Rc<Configuration>,
        collection: &mut Collection,
        pending: &Pending,
    ) -> Eval<usize> {
        if let Some(path) = self.module_path(pending.module)? {
            let text = self.arena.path_text(path);
            if let Some(known) = collection.by_key.get(&text) {
                return Ok(*known);
            }
        }
        let parts = self.take_apart(configuration, pending)?;
        match collection.by_key.get(&parts.key) {
            Some(known) => Ok(*known),
            None => Ok(collection.add(parts)),
        }
    }

    /// Why modules could not be loaded, so far; each is told once.
    pub(crate) fn take_module_problems(&mut self) -> Vec<UnknownId> {
        std::mem::take(&mut self.modules_mut().problems)
    }
}
