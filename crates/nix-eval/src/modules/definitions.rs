//! What modules declare and define at one level of the option tree.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::definition::Definition;
use super::lazy::Lazy;
use crate::eval::Evaluator;
use crate::value::{Location, Position, Slot, Symbol, Thunk, UnknownId};

/// A declaration of an option, or of a set of options.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    /// The file that it stands in, as module messages name it.
    pub(crate) file: Rc<str>,
    /// The option or set.
    pub(crate) options: Thunk,
    pub(crate) position: Position,
    /// Why its module may not be there.
    pub(crate) maybe: Option<UnknownId>,
}

impl Declaration {
    /// Whether a schema of this program declares it, not the project.
    pub(crate) fn is_embedded(&self) -> bool {
        self.file.starts_with('«')
    }
}

/// Where the definitions of a level come from.
#[derive(Debug)]
pub(super) enum Source {
    /// The modules of a configuration.
    Modules(Rc<[Definition]>),
    /// An attribute of the level above.
    Attribute(Rc<Definitions>, Symbol),
}

/// The definitions of a level.
#[derive(Debug)]
pub(crate) struct Definitions {
    pub(super) source: Source,
    pub(super) location: Location,
    pub(super) by_name: Lazy<Rc<DefinitionsByName>>,
}

/// The definitions of a level by attribute, its properties moved to each.
#[derive(Debug, Default)]
pub(crate) struct DefinitionsByName {
    pub(super) named: FxHashMap<Symbol, Rc<[Definition]>>,
    /// The attributes, in order of first mention.
    pub(super) names: Vec<Symbol>,
    /// Definitions of which it is not known what they define.
    pub(super) unknown: Vec<(Definition, UnknownId)>,
    /// Why there may be attributes that are not seen.
    pub(crate) open: Option<UnknownId>,
}

impl Definitions {
    pub(crate) fn of_modules(location: Location, definitions: Vec<Definition>) -> Rc<Self> {
        Rc::new(Self {
            source: Source::Modules(Rc::from(definitions)),
            location,
            by_name: Lazy::new(),
        })
    }

    pub(super) fn of_attribute(self: &Rc<Self>, name: Symbol, location: Location) -> Rc<Self> {
        Rc::new(Self {
            source: Source::Attribute(Rc::clone(self), name),
            location,
            by_name: Lazy::new(),
        })
    }

    /// The definitions by attribute, if that is known already.
    pub(crate) fn known(&self) -> Option<&Rc<DefinitionsByName>> {
        self.by_name.known()
    }
}

impl DefinitionsByName {
    /// The definitions of an attribute, those included of which it is not known that they are.
    pub(crate) fn of(&self, evaluator: &mut Evaluator, name: Symbol) -> Rc<[Definition]> {
        let known = self.named.get(&name);
        if self.unknown.is_empty() {
            return known.map_or_else(|| Rc::from([]), Rc::clone);
        }
        let mut definitions: Vec<Definition> = known.map(|all| all.to_vec()).unwrap_or_default();
        for (whole, why) in &self.unknown {
            let base = whole.value;
            let mut part = whole.clone();
            part.value = evaluator.arena.thunk(Slot::Select { base, name });
            part.maybe = part.maybe.or(Some(*why));
            definitions.push(part);
        }
        Rc::from(definitions)
    }

    /// The definitions of an attribute that certainly are of it.
    pub(crate) fn named(&self, name: Symbol) -> &[Definition] {
        self.named.get(&name).map_or(&[], |all| all)
    }

    /// Whether an attribute is defined, or may be.
    pub(crate) fn has(&self, name: Symbol) -> bool {
        !self.unknown.is_empty() || self.named.contains_key(&name)
    }

    /// The attributes that are defined, in order of first mention, with their definitions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Symbol, &Rc<[Definition]>)> {
        self.names
            .iter()
            .filter_map(|name| Some((*name, self.named.get(name)?)))
    }
}
