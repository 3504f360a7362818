//! The walk over evaluated values: attributes, elements of lists, and the arguments of the calls that
//! made a script or a configuration file. A [`Visitor`] decides how far it goes and takes the texts.

use nix_eval::Evaluator;
use nix_eval::value::{
    AttrsId, Entry, External, ExternalId, Hole, ListId, StringData, StringPart, Symbol, Thunk,
    UnknownId, Value,
};
use rustc_hash::FxHashSet;

use crate::values::{items, possible_values};

/// How deep a walk goes, in values: an attribute, an element and an argument each are one deeper than
/// what holds them. Three times as deep as the deepest option in the table of readers, for what a
/// script holds in its arguments; a value that holds itself ends here.
const MAX_DEPTH: usize = 24;

/// How many values one walk visits, so that those that hold each other end: each may be visited once at
/// every depth.
const MAX_VALUES: usize = 60_000;

/// How many steps of evaluation one walk costs at most: what only a search evaluates must not use up the
/// steps of its host.
const MAX_STEPS: u64 = 2_000_000;

/// Options of nixpkgs whose values are those of others: `users.extraUsers`.
const ALIASES: [&str; 2] = ["extraGroups", "extraUsers"];

/// What follows a walk.
pub(crate) trait Visitor {
    /// Whether values are visited that are defined under conditions that are not known.
    const VISITS_POSSIBLE: bool;

    /// Whether a value is visited at the first option alone that leads to it, not at each of them.
    const VISITS_ONCE: bool;

    /// Whether to visit the value of an option that a module of the project, or a schema, declares.
    fn enters_declared(&mut self, evaluator: &Evaluator, way: &Way) -> bool;

    /// The attributes of a set that are left out; `None` leaves out all of them. May note on `here` what
    /// holds for all of its attributes.
    fn enters_set(
        &mut self,
        evaluator: &mut Evaluator,
        set: AttrsId,
        way: &Way,
        here: &mut Here,
    ) -> Option<Vec<Symbol>>;

    /// Visits a string. May note on `here` what holds for the calls in its interpolations.
    fn visit_string(
        &mut self,
        evaluator: &mut Evaluator,
        string: &StringData,
        way: &Way,
        here: &mut Here,
    );

    /// Visits a path.
    fn visit_path(&mut self, evaluator: &mut Evaluator, path: &str, way: &Way, here: Here);

    /// Visits a value that cannot be evaluated.
    fn visit_failed(&mut self, _: &mut Evaluator, _why: UnknownId, _: &Way, _: Here) {}
}

/// A step from a value to one in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To an attribute of a set.
    Attribute(Symbol),
    /// To an element of a list.
    Element,
}

/// A value on the way to another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    /// An attribute whose value is a set.
    Set(Entry),
    /// An attribute with another value.
    Entry(Entry),
    /// An element of a list, or the argument of a call.
    Item(Thunk),
}

/// The way to a value.
#[derive(Debug)]
pub(crate) struct Way {
    /// The steps, from the configuration on.
    pub(crate) option: Vec<Step>,
    /// The values, from where the walk began.
    pub(crate) anchors: Vec<Anchor>,
}

/// What is known of a value by the way to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    depth: usize,
    /// Whether the value is certainly there.
    pub(crate) certain: bool,
    /// Whether it is in the value of an option that a module of the project, or a schema, declares.
    pub(crate) declared: bool,
    /// Whether a unit's manager runs the command in which it is with full privileges.
    pub(crate) privileged: bool,
    /// Whether it is in the argument of a call.
    pub(crate) in_a_call: bool,
    /// The innermost function with a name to which it is given.
    pub(crate) function: Option<Function>,
}

/// A function that gets a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    /// The name of the innermost one.
    pub(crate) name: Symbol,
    /// How many steps lead to the call of the outermost one.
    pub(crate) steps: usize,
}

impl Here {
    const START: Self = Self {
        depth: 0,
        certain: true,
        declared: false,
        privileged: false,
        in_a_call: false,
        function: None,
    };

    const fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// Walks over the value of an option, to which these attributes lead.
pub(crate) fn walk<V: Visitor>(
    evaluator: &mut Evaluator,
    option: &[&str],
    entry: Entry,
    visitor: &mut V,
) {
    let steps = option
        .iter()
        .map(|name| Step::Attribute(evaluator.symbol(name)));
    let option = steps.collect();
    let mut walk = Walk {
        visitor,
        way: Way {
            option,
            anchors: Vec::new(),
        },
        sets: FxHashSet::default(),
        lists: FxHashSet::default(),
        calls: FxHashSet::default(),
        of_modules: ["_module", "check"].map(|name| evaluator.symbol(name)),
        values: 0,
        last_step: evaluator.steps() + MAX_STEPS,
        call_package: evaluator.symbol("callPackage"),
    };
    walk.entry(evaluator, entry, Here::START);
}

struct Walk<'a, V> {
    visitor: &'a mut V,
    way: Way,
    /// The sets that were visited, with the number of steps that led to them, or 0 if a visit is enough:
    /// a set may be the value of two options, one that holds itself is visited once at each depth.
    sets: FxHashSet<(AttrsId, usize)>,
    /// The lists that were visited, if a visit is enough.
    lists: FxHashSet<ListId>,
    /// The calls that were visited: in the value of one option, or anywhere if a visit is enough.
    calls: FxHashSet<ExternalId>,
    /// What the module system itself adds to every configuration.
    of_modules: [Symbol; 2],
    values: usize,
    last_step: u64,
    call_package: Symbol,
}

impl<V: Visitor> Walk<'_, V> {
    fn is_over(&mut self, evaluator: &Evaluator) -> bool {
        self.values += 1;
        self.values > MAX_VALUES
            || evaluator.steps() > self.last_step
            || evaluator.limit_reached().is_some()
    }

    fn entry(&mut self, evaluator: &mut Evaluator, entry: Entry, mut here: Here) {
        let Some(entry) = evaluator.decide_presence(entry) else {
            return;
        };
        here.certain &= entry.maybe.is_none();
        self.way.anchors.push(Anchor::Entry(entry));
        self.value(evaluator, entry.value, here);
        self.way.anchors.pop();
    }

    fn item(&mut self, evaluator: &mut Evaluator, item: Thunk, here: Here) {
        self.way.anchors.push(Anchor::Item(item));
        self.value(evaluator, item, here);
        self.way.anchors.pop();
    }

    fn value(&mut self, evaluator: &mut Evaluator, thunk: Thunk, mut here: Here) {
        let is_wanted = V::VISITS_POSSIBLE || here.certain;
        if !is_wanted || here.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        let value = evaluator.force(thunk);
        // Only now: evaluating is what records it.
        let record = evaluator.option_record(thunk);
        if !here.in_a_call && record.is_some_and(|record| record.declared) {
            if !self.visitor.enters_declared(evaluator, &self.way) {
                return;
            }
            here.declared = true;
        }
        match value {
            Ok(Value::String(id)) => {
                let string = evaluator.string_parts(id).clone();
                self.string(evaluator, &string, here);
            }
            Ok(Value::Path(path)) => {
                let path = evaluator.path_text(path);
                self.visitor.visit_path(evaluator, &path, &self.way, here);
            }
            Ok(Value::List(list)) => {
                if !V::VISITS_ONCE || self.lists.insert(list) {
                    self.list(evaluator, thunk, here);
                }
            }
            Ok(Value::Attrs(set)) => self.set(evaluator, set, here),
            Ok(Value::External(external)) => self.external(evaluator, external, here),
            Ok(_) => {}
            Err(why) => {
                self.visitor.visit_failed(evaluator, why, &self.way, here);
                here.certain = false;
                self.possible(evaluator, why, here);
                for value in possible_values(evaluator, thunk) {
                    self.value(evaluator, value, here.deeper());
                }
            }
        }
    }

    fn string(&mut self, evaluator: &mut Evaluator, string: &StringData, mut here: Here) {
        self.visitor
            .visit_string(evaluator, string, &self.way, &mut here);
        if let StringData::Parts(parts) = string {
            let mut before = "";
            for part in parts.iter() {
                match part {
                    StringPart::Text(text) => before = text,
                    StringPart::Hole(Hole::External(external)) if !ends_in_a_test(before) => {
                        self.external(evaluator, *external, here.deeper());
                    }
                    StringPart::Hole(Hole::Unknown(why)) => {
                        let possible = Here {
                            certain: false,
                            ..here
                        };
                        self.possible(evaluator, *why, possible.deeper());
                    }
                    StringPart::Hole(_) => {}
                }
            }
        }
    }

    /// Visits the texts of which a condition that is not decided chooses one.
    fn possible(&mut self, evaluator: &mut Evaluator, why: UnknownId, here: Here) {
        if V::VISITS_POSSIBLE {
            for text in evaluator.possible_texts(why) {
                self.value(evaluator, text, here);
            }
        }
    }

    fn list(&mut self, evaluator: &mut Evaluator, thunk: Thunk, here: Here) {
        self.way.option.push(Step::Element);
        for (item, maybe) in items(evaluator, thunk) {
            let mut here = here.deeper();
            here.certain &= maybe.is_none();
            self.item(evaluator, item, here);
        }
        self.way.option.pop();
    }

    fn set(&mut self, evaluator: &mut Evaluator, set: AttrsId, mut here: Here) {
        if let Some(anchor @ Anchor::Entry(_)) = self.way.anchors.last_mut()
            && let Anchor::Entry(entry) = *anchor
        {
            *anchor = Anchor::Set(entry);
        }
        let steps = if V::VISITS_ONCE {
            0
        } else {
            self.way.option.len()
        };
        if !self.sets.insert((set, steps)) || self.is_configuration(evaluator, set) {
            return;
        }
        let left_out = self
            .visitor
            .enters_set(evaluator, set, &self.way, &mut here);
        let Some(left_out) = left_out else {
            return;
        };
        let mut entries = evaluator.entries_by_name(set);
        // What has two names is known by that of the option itself.
        if self.way.option.len() == 1 {
            let is_alias = |entry: &Entry| ALIASES.contains(&evaluator.name_ref(entry.name));
            entries.sort_by_key(is_alias);
        }
        for entry in entries {
            if !left_out.contains(&entry.name) {
                self.way.option.push(Step::Attribute(entry.name));
                self.entry(evaluator, entry, here.deeper());
                self.way.option.pop();
            }
        }
    }

    /// Whether a set is a whole configuration, which has all options and not only the one whose value
    /// holds it: as `osConfig` in the arguments of a submodule's modules.
    fn is_configuration(&self, evaluator: &mut Evaluator, set: AttrsId) -> bool {
        let [module, check] = self.of_modules;
        let Some(entry) = evaluator.attribute(set, module) else {
            return false;
        };
        let module = evaluator.force(entry.value);
        matches!(module, Ok(Value::Attrs(own)) if evaluator.attribute(own, check).is_some())
    }

    /// The arguments of the calls that made an external: the text of a script, an application's
    /// settings.
    fn external(&mut self, evaluator: &mut Evaluator, external: ExternalId, here: Here) {
        if !V::VISITS_ONCE && !here.in_a_call {
            self.calls.clear();
        }
        let mut arguments: Vec<(Thunk, Option<Symbol>)> = Vec::new();
        let mut without_name = 0;
        let mut current = external;
        loop {
            let is_new = self.calls.insert(current);
            // What a file of the project makes of its arguments.
            if let Some(value) = evaluator.called_value(current) {
                if is_new && value != Value::External(current) {
                    let mut inner = here.deeper();
                    inner.in_a_call = true;
                    let value = evaluator.ready(value);
                    self.item(evaluator, value, inner);
                }
                break;
            }
            current = match evaluator.external_data(current) {
                External::Root { .. } => break,
                External::Select { base, name } => {
                    for (_, function) in arguments.iter_mut().skip(without_name) {
                        *function = Some(*name);
                    }
                    without_name = arguments.len();
                    *base
                }
                External::Apply { function, argument } => {
                    if is_new {
                        arguments.push((*argument, None));
                    }
                    *function
                }
            };
        }
        for (argument, function) in arguments {
            let mut inner = here.deeper();
            inner.in_a_call = true;
            // What a package's function does with an argument is not known: it may not use it at all.
            inner.certain &= function.is_none_or(|name| name != self.call_package);
            inner.function = function.map_or(here.function, |name| {
                let outer = here.function.map(|function| function.steps);
                let steps = outer.unwrap_or(self.way.option.len());
                Some(Function { name, steps })
            });
            self.item(evaluator, argument, inner);
        }
    }
}

/// Whether a text of a shell ends in a test of what comes next: `test -x `, `[ -e "`. What is tested is not run.
fn ends_in_a_test(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'']);
    let command = text.rsplit(['\n', ';', '|', '&', '(', '`', '{']).next();
    let command = command.unwrap_or_default();
    let mut words = command.split_whitespace();
    let is_test = words.any(|word| matches!(word.rsplit('/').next(), Some("test" | "[" | "[[")));
    let asked = words.next_back().unwrap_or_default();
    let is_operator = asked.len() == "-x".len() && asked.starts_with('-');
    is_test && is_operator && command.ends_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::ends_in_a_test;

    #[test]
    fn what_is_tested_is_not_run() {
        for text in [
            "if [ -x ",
            "/bin/test -f \"",
            "a; [[ ! -e ",
            "true && test -r ",
        ] {
            assert!(ends_in_a_test(text), "{text}");
        }
        for text in [
            "",
            "/bin/bash -x ",
            "test -x a && ",
            "[ \"$(",
            "exec ",
            "[ -n \"$x\" ] || ",
        ] {
            assert!(!ends_in_a_test(text), "{text}");
        }
    }
}
