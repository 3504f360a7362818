//! What the configurations of a project have in common: a module that none of them loads is looked at
//! as if one of them did.

use std::rc::Rc;

use super::system_kind::SystemKind;
use crate::eval::Evaluator;
use crate::modules::Configuration;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, External, ExternalId, Hole, StringData, StringId, StringPart,
    Symbol, Thunk, UnknownId, Value,
};

/// What a module on its own is given.
#[derive(Debug, Clone, Copy)]
pub struct CommonArguments {
    /// Arguments that every configuration passes alike.
    pub(super) arguments: AttrsId,
    /// A module with the values of some options that every configuration has alike.
    pub(super) module: Option<Thunk>,
}

/// Arguments that a configuration has of its own.
const OWN_ARGUMENTS: [&str; 9] = [
    "config",
    "options",
    "lib",
    "pkgs",
    "osConfig",
    "nixosConfig",
    "modulesPath",
    "extendModules",
    "moduleType",
];

/// The priority of such a value: any definition wins, an option's own default does not.
const PRIORITY: i64 = 1400;

impl Evaluator {
    /// What modules of a kind of system are given in this project, by the configurations it has.
    pub fn arguments_of_kind(
        &mut self,
        kind: SystemKind,
        configurations: &[Rc<Configuration>],
    ) -> CommonArguments {
        let of_kind: Vec<Rc<Configuration>> = configurations
            .iter()
            .filter(|configuration| is_of(configuration, kind))
            .cloned()
            .collect();
        CommonArguments {
            arguments: self.common_to(&of_kind),
            module: if kind != SystemKind::HomeManager && !self.are_several_hosts(&of_kind) {
                None
            } else {
                self.common_options(&of_kind)
            },
        }
    }

    /// Special arguments and `_module.args`, each if all that have it agree.
    fn common_to(&mut self, configurations: &[Rc<Configuration>]) -> AttrsId {
        let mut arguments: Vec<(Symbol, Vec<Thunk>)> = Vec::new();
        for configuration in configurations {
            let mut sets = vec![configuration.arguments.special_arguments];
            sets.extend(self.module_arguments(configuration));
            for set in sets {
                for entry in self.arena.entries(set).to_vec() {
                    let is_own = OWN_ARGUMENTS.contains(&&*self.name(entry.name));
                    if is_own || entry.maybe.is_some() {
                        continue;
                    }
                    match arguments.iter_mut().find(|(name, _)| *name == entry.name) {
                        Some((_, values)) => values.push(entry.value),
                        None => arguments.push((entry.name, vec![entry.value])),
                    }
                }
            }
        }
        let mut builder = AttrsBuilder::new();
        for (name, values) in arguments {
            let value = self.lazy(move |evaluator| evaluator.agreed(&values));
            builder.insert(name, value);
        }
        self.arena.attrs(builder)
    }

    /// `config._module.args`
    fn module_arguments(&mut self, configuration: &Configuration) -> Option<AttrsId> {
        let config = self.force(configuration.config).ok()?;
        match self.select_path(config, &["_module", "args"]).ok()? {
            Value::Attrs(set) => Some(set),
            _ => None,
        }
    }

    fn disagreement(&mut self) -> UnknownId {
        self.undetermined("what the project's configurations do not agree on")
    }

    /// The value of all these, if it is one; of sets, what they have in common.
    fn agreed(&mut self, values: &[Thunk]) -> Eval<Value> {
        let Some((first, others)) = values.split_first() else {
            return Err(self.disagreement());
        };
        let value = self.force(*first)?;
        let mut is_same = true;
        let mut sets = Vec::new();
        for thunk in values {
            match self.force(*thunk)? {
                Value::Attrs(set) => sets.push(set),
                _ => break,
            }
        }
        for other in others {
            let other = self.force(*other)?;
            let is_text = matches!(
                (value, other),
                (Value::String(_), Value::String(_)) | (Value::Path(_), Value::Path(_))
            );
            // Functions are the same only if they are one and the same.
            is_same &= value == other || (is_text && self.equal(value, other) == Ok(true));
        }
        if is_same {
            return Ok(value);
        }
        if sets.len() == values.len() {
            return Ok(Value::Attrs(self.common_attributes(&sets)));
        }
        match self.common_source(values) {
            Some(why) => Err(why),
            None => Err(self.disagreement()),
        }
    }

    /// The attributes that all these sets have, each with the value that they agree on.
    fn common_attributes(&mut self, sets: &[AttrsId]) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        let first = sets.first().map(|set| self.arena.entries(*set).to_vec());
        for entry in first.unwrap_or_default() {
            let all = sets.iter().map(|set| {
                let entry = self.arena.attribute(*set, entry.name)?;
                entry.maybe.is_none().then_some(entry.value)
            });
            let Some(values) = all.collect::<Option<Vec<Thunk>>>() else {
                continue;
            };
            let value = self.lazy(move |evaluator| evaluator.agreed(&values));
            builder.insert(entry.name, value);
        }
        let why = self.disagreement();
        builder.open(why);
        self.arena.attrs(builder)
    }

    /// The input that every one of these values lies in, as what they are is not known.
    fn common_source(&mut self, values: &[Thunk]) -> Option<UnknownId> {
        let mut source: Option<(ExternalId, UnknownId)> = None;
        for thunk in values {
            let external = match self.force(*thunk).ok()? {
                Value::External(external) => external,
                Value::String(string) => self.first_external(string)?,
                _ => return None,
            };
            let root = self.root_of(external);
            if source.is_some_and(|(known, _)| known != root) {
                return None;
            }
            source.get_or_insert((root, self.external_file(root)));
        }
        source.map(|(_, why)| why)
    }

    /// The external that a text begins with, if it does.
    fn first_external(&self, string: StringId) -> Option<ExternalId> {
        match self.arena.string_parts(string) {
            StringData::Parts(parts) => match parts.first()? {
                StringPart::Hole(Hole::External(external)) => Some(*external),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an attribute or a result of an external is ultimately taken from.
    fn root_of(&self, external: ExternalId) -> ExternalId {
        let mut current = external;
        loop {
            current = match self.arena.external_data(current) {
                External::Root { .. } => return current,
                External::Select { base, .. } => *base,
                External::Apply { function, .. } => *function,
            };
        }
    }

    /// Whether configurations are of more than one host. What a single host has says nothing of the others: it is often
    /// made of the host's name.
    fn are_several_hosts(&mut self, configurations: &[Rc<Configuration>]) -> bool {
        /// The name of those that are given none.
        const UNNAMED: &str = "nixos";
        let mut first: Option<Rc<str>> = None;
        for configuration in configurations {
            let config = self.force(configuration.config);
            let name =
                config.and_then(|config| self.select_path(config, &["networking", "hostName"]));
            let Ok(Value::String(name)) = name else {
                return true;
            };
            let Some(name) = self.arena.text(name).cloned() else {
                return true;
            };
            match &first {
                Some(known) if *known != name || &*name == UNNAMED => return true,
                Some(_) => {}
                None => first = Some(name),
            }
        }
        false
    }

    fn common_options(&mut self, configurations: &[Rc<Configuration>]) -> Option<Thunk> {
        let mut module: Option<AttrsId> = None;
        for path in self.flakes().schemas.common_options {
            let mut values = Vec::new();
            for configuration in configurations {
                let config = self.force(configuration.config);
                let value = config.and_then(|config| self.select_path(config, path));
                if let Ok(value) = value {
                    values.push(self.arena.ready(value));
                }
            }
            if values.is_empty() {
                continue;
            }
            let value = self.lazy(move |evaluator| evaluator.agreed(&values));
            let one = self.weakly_set(path, value);
            module = Some(match module {
                None => one,
                Some(before) => self.update_deeply(before, one),
            });
        }
        module.map(|set| self.arena.ready(Value::Attrs(set)))
    }

    /// `{ a.b = mkOverride 1400 value; }`
    fn weakly_set(&mut self, path: &[&str], content: Thunk) -> AttrsId {
        let kind = self.string_thunk("override");
        let priority = self.arena.ready(Value::Int(PRIORITY));
        let mut set = self.set_of(&[
            ("_type", kind),
            ("priority", priority),
            ("content", content),
        ]);
        for name in path.iter().rev() {
            let inner = self.arena.ready(Value::Attrs(set));
            set = self.set_of(&[(name, inner)]);
        }
        set
    }

    /// Two sets of sets as one.
    fn update_deeply(&mut self, left: AttrsId, right: AttrsId) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        for entry in self.arena.entries(right).to_vec() {
            let other = self
                .arena
                .attribute(left, entry.name)
                .map(|other| other.value);
            let both = other.map(|other| (self.force(other), self.force(entry.value)));
            let value = match both {
                Some((Ok(Value::Attrs(a)), Ok(Value::Attrs(b)))) => {
                    let inner = self.update_deeply(a, b);
                    self.arena.ready(Value::Attrs(inner))
                }
                _ => entry.value,
            };
            builder.insert(entry.name, value);
        }
        let right = self.arena.attrs(builder);
        self.update_sets(left, right)
    }
}

/// Whether a configuration is one of a kind of system; Home Manager's are inside of systems, too.
fn is_of(configuration: &Configuration, kind: SystemKind) -> bool {
    let arguments = &configuration.arguments;
    let is_inner_home = arguments.prefix.len() == 3
        && arguments
            .prefix
            .first()
            .is_some_and(|name| &**name == "home-manager");
    match kind {
        SystemKind::HomeManager => {
            is_inner_home || arguments.class.as_deref() == Some(kind.class())
        }
        SystemKind::Nixos | SystemKind::Darwin | SystemKind::SystemManager => {
            arguments.class.as_deref() == Some(kind.class()) && arguments.prefix.is_empty()
        }
    }
}
