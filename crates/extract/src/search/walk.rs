//! Where a value mentions the path of a secret: in strings, lists, sets, and in the arguments of the
//! calls that made a script or a configuration file.

use nix_eval::Evaluator;
use nix_eval::value::{
    AttrsId, Entry, External, ExternalId, Hole, ListId, StringData, StringPart, Symbol, Thunk,
    Value,
};
use nix_syntax::source::Span;
use rustc_hash::FxHashSet;

use crate::host_view::HostView;
use crate::host_view::secret_paths::{written_from_home, written_paths};
use crate::readers::option_pattern::ELEMENT;
use crate::search::narrow_span::{Anchor, place};

/// How deep a value is searched.
const MAX_DEPTH: usize = 24;

/// How many values are looked at in one search.
const MAX_VALUES: usize = 60_000;

/// How many steps of evaluation one search may cost.
const MAX_STEPS: u64 = 2_000_000;

/// Attributes of a derivation that say nothing of what it is made of.
const ABOUT_A_DERIVATION: [&str; 6] = ["all", "meta", "out", "outPath", "passthru", "tests"];

/// How much of a line before a path is kept.
const MAX_BEFORE: usize = 300;

/// A secret's path in a value.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// The path; one below a manager's directory even where no declared secret lands there.
    pub(crate) path: String,
    /// Where it was written.
    pub(crate) at: Option<Span>,
    /// The attributes that lead to it from where the search began; `*` for an element of a list.
    pub(crate) option: Vec<String>,
    /// What stands before it in its line.
    pub(crate) before: String,
    /// Whether the value is the path and nothing else.
    pub(crate) is_whole: bool,
    /// Whether it stands in a script or file that the value refers to.
    pub(crate) in_a_call: bool,
    /// The text of the value, or of the script, begins so that a command has full privileges.
    pub(crate) privileged: bool,
    /// Whether it certainly stands there.
    pub(crate) certain: bool,
    /// Whether a module of the project declares the option: who uses it is seen elsewhere.
    pub(crate) in_own_option: bool,
}

impl Mention {
    /// Whether another user than the one of the process opens it: `sudo cat PATH`.
    pub(crate) fn by_another(&self) -> bool {
        const BECOME: [&str; 8] = [
            "sudo",
            "doas",
            "pkexec",
            "run0",
            "su",
            "runuser",
            "ssh",
            "machinectl",
        ];
        let words = self
            .before
            .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
        words.into_iter().any(|word| BECOME.contains(&word))
    }
}

/// What to look for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    /// Paths below a manager's directory that are written out, too.
    pub(crate) hard_coded: bool,
    /// Leave out what a module does not use: sets whose `enable` is false.
    pub(crate) only_enabled: bool,
    /// The home directory of whoever reads, so that `~/…` that is written out counts, too.
    pub(crate) home: Option<&'a str>,
}

/// What an attribute mentions.
pub(crate) fn mentions(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    entry: Entry,
    wanted: Wanted<'_>,
) -> Vec<Mention> {
    let mut search = Search::new(evaluator, view, wanted);
    search.entry(evaluator, entry, State::start());
    search.found
}

/// What the attributes of a set mention; `skip` says which attributes are left out.
pub(crate) fn sweep(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    entry: Entry,
    start: &[&str],
    skip: &[&[&str]],
    wanted: Wanted<'_>,
) -> Vec<Mention> {
    let mut search = Search::new(evaluator, view, wanted);
    let mut symbols = |path: &[&str]| path.iter().map(|name| evaluator.symbol(name)).collect();
    search.option = symbols(start);
    search.skip = skip.iter().map(|path| symbols(path)).collect();
    search.entry(evaluator, entry, State::start());
    search.found
}

#[derive(Debug, Clone, Copy)]
struct State {
    depth: usize,
    certain: bool,
    privileged: bool,
    in_a_call: bool,
    in_own_option: bool,
}

impl State {
    const fn start() -> Self {
        Self {
            depth: 0,
            certain: true,
            privileged: false,
            in_a_call: false,
            in_own_option: false,
        }
    }

    const fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// Attributes that the search looks for in every set.
struct Names {
    element: Symbol,
    enable: Symbol,
    /// Those of a flake, and of anything that says itself what it is.
    elsewhere: [Symbol; 2],
    drv_path: Symbol,
    about_a_derivation: [Symbol; ABOUT_A_DERIVATION.len()],
}

impl Names {
    fn of(evaluator: &mut Evaluator) -> Self {
        Self {
            element: evaluator.symbol(ELEMENT),
            enable: evaluator.symbol("enable"),
            elsewhere: ["sourceInfo", "_type"].map(|name| evaluator.symbol(name)),
            drv_path: evaluator.symbol("drvPath"),
            about_a_derivation: ABOUT_A_DERIVATION.map(|name| evaluator.symbol(name)),
        }
    }
}

struct Search<'a, 'b> {
    view: &'a HostView<'b>,
    wanted: Wanted<'a>,
    found: Vec<Mention>,
    option: Vec<Symbol>,
    skip: Vec<Vec<Symbol>>,
    names: Names,
    anchors: Vec<Anchor>,
    externals: FxHashSet<ExternalId>,
    sets: FxHashSet<u32>,
    lists: FxHashSet<u32>,
    values: usize,
    last_step: u64,
}

impl<'a, 'b> Search<'a, 'b> {
    fn new(evaluator: &mut Evaluator, view: &'a HostView<'b>, wanted: Wanted<'a>) -> Self {
        Self {
            view,
            wanted,
            found: Vec::new(),
            option: Vec::new(),
            skip: Vec::new(),
            anchors: Vec::new(),
            externals: FxHashSet::default(),
            sets: FxHashSet::default(),
            lists: FxHashSet::default(),
            values: 0,
            last_step: evaluator.steps() + MAX_STEPS,
            names: Names::of(evaluator),
        }
    }

    fn is_over(&mut self, evaluator: &Evaluator) -> bool {
        self.values += 1;
        self.values > MAX_VALUES
            || evaluator.steps() > self.last_step
            || evaluator.limit_reached().is_some()
    }

    fn entry(&mut self, evaluator: &mut Evaluator, entry: Entry, mut state: State) {
        state.certain &= entry.maybe.is_none();
        self.anchors.push(Anchor::Entry(entry));
        self.thunk(evaluator, entry.value, state);
        self.anchors.pop();
    }

    fn thunk(&mut self, evaluator: &mut Evaluator, thunk: Thunk, mut state: State) {
        if state.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        let value = evaluator.force(thunk);
        // Only now: evaluating is what records it.
        state.in_own_option = state.in_own_option
            || !state.in_a_call
                && evaluator
                    .option_record(thunk)
                    .is_some_and(|record| record.declared);
        match value {
            Ok(Value::String(id)) => {
                let data = evaluator.arena.string_parts(id).clone();
                self.string(evaluator, &data, state);
            }
            Ok(Value::Path(path)) => {
                let text = evaluator.arena.path_text(path);
                self.text(evaluator, &text, (true, true), state);
            }
            Ok(Value::List(list)) => self.list(evaluator, thunk, list, state),
            Ok(Value::Attrs(set)) => self.set(evaluator, set, state),
            Ok(Value::External(external)) => self.external(evaluator, external, state),
            Ok(_) => {}
            // What is defined under conditions that are not known may be there.
            Err(_) => {
                for value in crate::values::possible_values(evaluator, thunk) {
                    let certain = false;
                    self.thunk(
                        evaluator,
                        value,
                        State {
                            certain,
                            ..state.deeper()
                        },
                    );
                }
            }
        }
    }

    fn string(&mut self, evaluator: &mut Evaluator, data: &StringData, mut state: State) {
        let first = match data {
            StringData::Text(text) => Some(text),
            StringData::Parts(parts) => parts.first().and_then(|part| match part {
                StringPart::Text(text) => Some(text),
                StringPart::Hole(_) => None,
            }),
        };
        state.privileged |= !state.in_a_call && first.is_some_and(|text| is_privileged(text));
        let parts = match data {
            StringData::Text(text) => return self.text(evaluator, text, (true, true), state),
            StringData::Parts(parts) => parts,
        };
        for (index, part) in parts.iter().enumerate() {
            match part {
                StringPart::Text(text) => {
                    let ends = (index == 0, index + 1 == parts.len());
                    self.text(evaluator, text, ends, state);
                }
                StringPart::Hole(Hole::External(external)) => {
                    self.external(evaluator, *external, state.deeper());
                }
                StringPart::Hole(_) => {}
            }
        }
    }

    fn list(&mut self, evaluator: &mut Evaluator, thunk: Thunk, list: ListId, state: State) {
        if !self.lists.insert(list.0) {
            return;
        }
        self.option.push(self.names.element);
        for (item, maybe) in crate::values::items(evaluator, thunk) {
            let certain = state.certain && maybe.is_none();
            self.anchors.push(Anchor::Item(item));
            self.thunk(
                evaluator,
                item,
                State {
                    certain,
                    ..state.deeper()
                },
            );
            self.anchors.pop();
        }
        self.option.pop();
    }

    fn set(&mut self, evaluator: &mut Evaluator, set: AttrsId, mut state: State) {
        if !self.sets.insert(set.0) {
            return;
        }
        if self.wanted.only_enabled && !state.in_a_call {
            match evaluator
                .arena
                .attribute(set, self.names.enable)
                .map(|entry| evaluator.force(entry.value))
            {
                Some(Ok(Value::Bool(false))) => return,
                Some(Err(_)) => state.certain = false,
                _ => {}
            }
        }
        let has = |name: &Symbol| evaluator.arena.attribute(set, *name).is_some();
        // A flake: everything that it has is evaluated elsewhere.
        if self.names.elsewhere.iter().any(has) {
            return;
        }
        let is_derivation = has(&self.names.drv_path);
        for entry in evaluator.arena.entries_by_name(set) {
            if is_derivation && self.names.about_a_derivation.contains(&entry.name) {
                continue;
            }
            self.option.push(entry.name);
            if !self.skip.contains(&self.option) {
                self.entry(evaluator, entry, state.deeper());
            }
            self.option.pop();
        }
    }

    /// The arguments of the calls that made an external: the text of a script, an application's
    /// settings.
    fn external(&mut self, evaluator: &mut Evaluator, external: ExternalId, state: State) {
        let state = State {
            in_a_call: true,
            ..state
        };
        let mut current = external;
        while self.externals.insert(current) {
            current = match evaluator.arena.external_data(current).clone() {
                External::Root { .. } => return,
                External::Select { base, .. } => base,
                External::Apply { function, argument } => {
                    self.anchors.push(Anchor::Item(argument));
                    self.thunk(evaluator, argument, state.deeper());
                    self.anchors.pop();
                    function
                }
            };
        }
    }

    fn text(&mut self, evaluator: &mut Evaluator, text: &str, ends: (bool, bool), state: State) {
        let found = self.view.landings.mentioned(text);
        for landing in found.landings {
            self.add(evaluator, text, (&landing.text, &landing.path), ends, state);
        }
        if self.wanted.hard_coded && !found.managed.is_empty() {
            let more = self.view.managed_directories;
            if let Some(home) = self.wanted.home {
                for (written, rest) in written_from_home(text, ends, &found.managed) {
                    let path = format!("{home}{rest}");
                    self.add(evaluator, text, (written, &path), ends, state);
                }
            }
            for path in written_paths(text, ends, found.managed, more) {
                self.add(evaluator, text, (path, path), ends, state);
            }
        }
    }

    fn add(
        &mut self,
        evaluator: &mut Evaluator,
        text: &str,
        (written, path): (&str, &str),
        ends: (bool, bool),
        state: State,
    ) {
        let names = self.option.iter();
        let option: Vec<&str> = names
            .map(|name| evaluator.arena.symbols.name_ref(*name))
            .collect();
        let is_known = |mention: &Mention| mention.path == path && mention.option == option;
        if self.found.iter().any(is_known) {
            return;
        }
        let option = option.into_iter().map(str::to_owned).collect();
        let before = text
            .find(written)
            .and_then(|at| text.get(..at))
            .unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let cut = line
            .char_indices()
            .rev()
            .nth(MAX_BEFORE)
            .map_or(0, |(at, _)| at);
        let at = place(evaluator, self.view, &self.anchors, path);
        self.found.push(Mention {
            path: path.to_owned(),
            at,
            option,
            before: line.get(cut..).unwrap_or_default().to_owned(),
            is_whole: ends == (true, true) && text.trim() == written,
            in_a_call: state.in_a_call,
            privileged: state.privileged,
            certain: state.certain,
            in_own_option: state.in_own_option,
        });
    }
}

/// `+` and `!` before a command keep root's privileges (systemd.service(5)).
fn is_privileged(command: &str) -> bool {
    command
        .chars()
        .take_while(|c| matches!(c, '+' | '!' | '-' | '@' | ':' | '|'))
        .any(|c| matches!(c, '+' | '!'))
}
