//! One option: its declarations merged, and the value that its definitions give.

use std::rc::Rc;

use super::definition::Definition;
use super::definitions::{Declaration, Definitions};
use super::lazy::Lazy;
use super::record::{DefinitionRecord, OptionRecord};
use super::resolved::{MK_DEFAULT_PRIORITY, OPTION_DEFAULT_PRIORITY, Priority, Resolved};
use super::types::kind::Kind;
use super::types::kind::TypeId;
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Location, Symbol, Thunk, Value, show_location, well_known};

/// An option that is declared.
#[derive(Debug)]
pub(crate) struct OptionNode {
    pub(crate) location: Location,
    pub(crate) declarations: Vec<Declaration>,
    /// Sets of options declared inside an option whose type is a submodule.
    pub(crate) nested: Vec<Declaration>,
    /// The definitions of the level that it is in, and its name there.
    definitions: (Rc<Definitions>, Symbol),
    /// The value in `config`.
    pub(crate) value: Thunk,
    pub(crate) merged: Lazy<MergedDeclaration>,
    resolved: Lazy<Rc<[Resolved]>>,
}

/// The declarations of one option, merged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MergedDeclaration {
    /// What `mkOption` was called with.
    pub(crate) set: AttrsId,
    pub(crate) kind: TypeId,
}

impl OptionNode {
    pub(crate) const fn new(
        location: Location,
        declarations: Vec<Declaration>,
        nested: Vec<Declaration>,
        definitions: (Rc<Definitions>, Symbol),
        value: Thunk,
    ) -> Self {
        Self {
            location,
            declarations,
            nested,
            definitions,
            value,
            merged: Lazy::new(),
            resolved: Lazy::new(),
        }
    }
}

impl Evaluator {
    /// What is known of the option whose `config` value `thunk` is.
    #[must_use]
    pub fn option_record(&self, thunk: Thunk) -> Option<Rc<OptionRecord>> {
        self.modules().records.get(&thunk).cloned()
    }

    /// The value of an option: its definitions merged, `apply` applied.
    pub(crate) fn option_value(&mut self, option: &Rc<OptionNode>) -> Eval<Value> {
        let merged = self.merged_declaration(option)?;
        if self.modules().undecided_switches {
            self.check_decided(option, merged)?;
        }
        self.check_read_only(option, merged)?;
        let Some(apply) = self.arena.attribute(merged.set, well_known::APPLY) else {
            return self.merged_value(option);
        };
        // A function that ignores it, as that of an alias does, needs no value.
        let resolved = self.option_definitions(option)?;
        self.remember(&option.location, &resolved, option.value, true);
        let (location, kind) = (Rc::clone(&option.location), merged.kind);
        let value = self
            .lazy(move |evaluator| evaluator.merge_resolved(&location, kind, resolved.to_vec()));
        self.call(apply.value, value)
    }

    /// The value before `apply`.
    fn merged_value(&mut self, option: &Rc<OptionNode>) -> Eval<Value> {
        let merged = self.merged_declaration(option)?;
        let resolved = self.option_definitions(option)?;
        self.remember(&option.location, &resolved, option.value, true);
        self.merge_resolved(&option.location, merged.kind, resolved.to_vec())
    }

    /// In a module that is looked at alone, a switch with nothing but a default is set by whoever
    /// uses the module, and so is what every configuration sets for itself.
    fn check_decided(&mut self, option: &Rc<OptionNode>, merged: MergedDeclaration) -> Eval<()> {
        let is_switch = matches!(
            self.type_of(merged.kind).kind,
            Kind::Boolean | Kind::BooleanByOr
        );
        let is_embedded =
            |file: &str| file.starts_with('«') || file == super::messages::INTERNAL_FILE;
        let is_users = option.declarations.iter().all(|d| !is_embedded(&d.file));
        let own = (self.modules().hooks.own_options)(self).iter();
        let is_own = own
            .map(|path| path.iter().copied())
            .any(|path| path.eq(option.location.iter().map(|name| &**name)));
        if !is_own && (!is_switch || !is_users) {
            return Ok(());
        }
        let resolved = self.option_definitions(option)?;
        let is_default = |definition: &Resolved| {
            definition
                .priority
                .known()
                .is_some_and(|priority| priority >= MK_DEFAULT_PRIORITY)
        };
        if resolved.iter().all(is_default) {
            let shown = show_location(&option.location);
            let what = if is_own { "the option" } else { "the switch" };
            return Err(self.undetermined(format!("{what} `{shown}`, which nothing sets")));
        }
        Ok(())
    }

    fn check_read_only(&mut self, option: &Rc<OptionNode>, merged: MergedDeclaration) -> Eval<()> {
        if !self.flag(merged.set, well_known::READ_ONLY)? {
            return Ok(());
        }
        let (level, name) = &option.definitions;
        let definitions = self.definitions_of(level, *name)?;
        // Nix counts them before it looks at conditions.
        let certain = definitions.iter().filter(|d| d.maybe.is_none()).count();
        let default = self.arena.attribute(merged.set, well_known::DEFAULT);
        if certain + usize::from(default.is_some()) > 1 {
            let shown = show_location(&option.location);
            let files = super::show_definitions(definitions.iter().map(|d| &d.file));
            return Err(self.throw(format!(
                "The option `{shown}' is read-only, but it's set multiple times. Definition values:{files}"
            )));
        }
        Ok(())
    }

    /// Whether an attribute of an option is true.
    pub(crate) fn flag(&mut self, set: AttrsId, name: Symbol) -> Eval<bool> {
        match self.arena.attribute(set, name) {
            Some(entry) => Ok(self.force(entry.value)? == Value::Bool(true)),
            None => Ok(false),
        }
    }

    /// An option's definitions, its default among them, with their properties taken off.
    pub(crate) fn option_definitions(&mut self, option: &Rc<OptionNode>) -> Eval<Rc<[Resolved]>> {
        option.resolved.get(self, |evaluator| {
            let merged = evaluator.merged_declaration(option)?;
            let mut resolved = Vec::new();
            if let Some(default) = evaluator.arena.attribute(merged.set, well_known::DEFAULT) {
                let file = option
                    .declarations
                    .first()
                    .map_or_else(|| Rc::from(""), |first| Rc::clone(&first.file));
                let mut plain = Resolved::plain(file, default.value);
                plain.priority = Priority::Known(OPTION_DEFAULT_PRIORITY);
                resolved.push(plain);
            }
            let (level, name) = &option.definitions;
            let definitions = evaluator.definitions_of(level, *name)?;
            for definition in definitions.iter() {
                evaluator.resolve(Definition::clone(definition), &mut resolved)?;
            }
            Ok(Rc::from(resolved))
        })
    }

    /// Keeps the definitions of an option, and says where its value was written.
    pub(crate) fn remember(
        &mut self,
        location: &Location,
        resolved: &[Resolved],
        target: Thunk,
        declared: bool,
    ) {
        let certain = resolved.iter().filter(|d| d.maybe.is_none());
        let best = certain
            .filter_map(|d| d.priority.known())
            .min()
            .unwrap_or(i64::MAX);
        let definitions: Vec<_> = resolved
            .iter()
            .map(|definition| DefinitionRecord {
                file: Rc::clone(&definition.file),
                value: definition.value,
                priority: definition
                    .priority
                    .known()
                    .unwrap_or(super::DEFAULT_PRIORITY),
                maybe: definition.maybe,
                position: definition.position,
                wins: definition
                    .priority
                    .known()
                    .is_none_or(|priority| priority <= best),
            })
            .collect();
        if let Some(winner) = definitions.iter().find(|definition| definition.wins) {
            let origin = self.arena.origin(winner.value);
            self.arena.set_origin(target, origin);
        }
        let location = Rc::clone(location);
        let record = OptionRecord {
            location,
            definitions,
            declared,
        };
        self.modules_mut().records.insert(target, Rc::new(record));
    }
}
