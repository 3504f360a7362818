//! Facts from evaluated values.

use std::path::Path;

use nix_eval::value::{AttrsId, Entry, Position, Presence, Thunk, UnknownId, Value, show_location};
use nix_eval::{Eval, Evaluator, Workspace};
use nix_syntax::source::{Root, Span};

use inventory::model::{
    Certainty, EvaluationError, Fact, FilePath, Origin, Problem, ProblemKind, Reason, Unknown,
};

/// The reason of an unknown, as data.
pub(crate) fn unknown(evaluator: &Evaluator, why: UnknownId) -> Unknown {
    let unknown = evaluator.unknown_data(why);
    Unknown {
        reason: reason(evaluator, &unknown.reason),
        at: unknown.at.filter(|at| is_users(*at)),
    }
}

/// The evaluator's reason as one of the inventory: the only place that maps the ones to the others.
fn reason(evaluator: &Evaluator, reason: &nix_eval::value::Reason) -> Reason {
    use nix_eval::value::{OptionState, Reason as Evaluated};
    let is_error = reason.kind().is_error();
    match reason {
        Evaluated::NoDefinition(location) => Reason::Error(EvaluationError::NoDefinition {
            option: show_location(location),
        }),
        Evaluated::UndeclaredOption(undeclared) => {
            Reason::Error(EvaluationError::UndeclaredOption {
                option: show_location(&undeclared.option),
                details: in_project(evaluator, &undeclared.details),
                meant: undeclared.meant.as_deref().map(str::to_owned),
            })
        }
        Evaluated::WrongType(wrong) => Reason::Error(EvaluationError::WrongType {
            option: show_location(&wrong.option),
            expected: wrong.expected.to_string(),
            found: wrong.found,
            details: in_project(evaluator, &wrong.details),
        }),
        Evaluated::NoSuchFile(path) => Reason::Error(EvaluationError::NoSuchFile {
            path: in_project(evaluator, path),
        }),
        Evaluated::MissingAttribute(name) => Reason::Error(EvaluationError::MissingAttribute {
            name: shown_name(name),
        }),
        Evaluated::Syntax => Reason::Error(EvaluationError::Syntax),
        Evaluated::Option(location, OptionState::OnlyDefault) => Reason::Switch {
            option: show_location(location),
            words: reason.to_string(),
        },
        Evaluated::Limit(limit) => Reason::Limit(limit.to_string()),
        other if is_error => Reason::Error(EvaluationError::Other(relative(evaluator, other))),
        other => {
            let words = relative(evaluator, other);
            let Some(external) = other.external() else {
                return Reason::Other(words);
            };
            match evaluator.input_of(external) {
                Some(name) => Reason::Input {
                    name: name.to_string(),
                    words,
                },
                None if evaluator.is_of_source(external) => Reason::Source(words),
                None => Reason::Other(words),
            }
        }
    }
}

/// The words of a reason. Files of the project are named absolutely by Nix: that would differ from
/// machine to machine.
fn relative(evaluator: &Evaluator, reason: &nix_eval::value::Reason) -> String {
    in_project(evaluator, &reason.to_string())
}

fn in_project(evaluator: &Evaluator, text: &str) -> String {
    let root = evaluator.sources.workspace().project_root();
    text.replace(&format!("{}/", root.display()), "")
}

/// Whether a place is in the project, where findings may point: not in an input or in a file of
/// this program.
pub(crate) fn is_users(at: Span) -> bool {
    at.file.key().root == Root::Project
}

/// Whether something is there, by why it may not be.
pub(crate) fn certainty(evaluator: &Evaluator, maybe: Option<UnknownId>) -> Certainty {
    maybe.map_or(Certainty::Certain, |why| {
        Certainty::Maybe(unknown(evaluator, why))
    })
}

/// Where a value was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// The name of the attribute.
    pub(crate) name: Option<Span>,
    /// The value's expression.
    pub(crate) at: Option<Span>,
    /// The whole binding.
    pub(crate) binding: Option<Span>,
    /// The user's or the option's default.
    pub(crate) origin: Origin,
}

/// Where the binding of a position is, if the user wrote it.
fn users_binding(evaluator: &Evaluator, position: Position) -> Option<Written> {
    let place = evaluator.binding_place(position)?;
    is_users(place.name).then_some(Written {
        name: Some(place.name),
        at: Some(place.value),
        binding: Some(place.binding),
        origin: Origin::Defined,
    })
}

/// Where the value of an attribute was written: by the definition that wins.
pub(crate) fn written(evaluator: &Evaluator, entry: Entry) -> Written {
    let default = Written {
        name: None,
        at: None,
        binding: None,
        origin: Origin::Default,
    };
    let Some(record) = evaluator.option_record(entry.value) else {
        return users_binding(evaluator, entry.position).unwrap_or_else(|| {
            let at = evaluator
                .origin_span(entry.value)
                .filter(|at| is_users(*at));
            match at {
                Some(at) => Written {
                    at: Some(at),
                    origin: Origin::Defined,
                    ..default
                },
                None => default,
            }
        });
    };
    let winner = record.winners().find_map(|d| {
        users_binding(evaluator, d.position).or_else(|| {
            let at = evaluator.origin_span(d.value).filter(|at| is_users(*at))?;
            Some(Written {
                at: Some(at),
                origin: Origin::Defined,
                ..default
            })
        })
    });
    winner.unwrap_or(default)
}

/// Every place where an attribute is defined, the winning definitions first; perhaps none.
pub(crate) fn definitions(evaluator: &Evaluator, entry: Entry) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    if let Some(record) = evaluator.option_record(entry.value) {
        for definition in &record.definitions {
            let place = users_binding(evaluator, definition.position).and_then(|place| place.name);
            let place = place.or_else(|| {
                evaluator
                    .origin_span(definition.value)
                    .filter(|at| is_users(*at))
            });
            spans.extend(place);
        }
    }
    if spans.is_empty() {
        spans.extend(users_binding(evaluator, entry.position).and_then(|place| place.name));
        spans.extend(
            evaluator
                .origin_span(entry.value)
                .filter(|at| is_users(*at)),
        );
    }
    let mut unique = Vec::new();
    for span in spans {
        if !unique.contains(&span) {
            unique.push(span);
        }
    }
    unique
}

/// Reads the options of one attribute set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// The set.
    pub(crate) set: AttrsId,
}

impl Options {
    /// The attribute of that name, the conditions of its option decided.
    pub(crate) fn entry(self, evaluator: &mut Evaluator, name: &str) -> Option<Entry> {
        let name = evaluator.symbol(name);
        let entry = evaluator.attribute(self.set, name)?;
        evaluator.decide_presence(entry)
    }

    /// The fact of an attribute, read by `read`; an attribute that is not there is unknown.
    pub(crate) fn fact<T>(
        self,
        evaluator: &mut Evaluator,
        name: &str,
        read: impl FnOnce(&mut Evaluator, Value) -> Eval<T>,
    ) -> Fact<T> {
        match self.entry(evaluator, name) {
            Some(entry) => entry_fact(evaluator, entry, read),
            None => {
                let reason = match evaluator.open_reason(self.set) {
                    Some(why) => unknown(evaluator, why),
                    None => Unknown {
                        reason: format!("no option `{name}`").into(),
                        at: None,
                    },
                };
                Fact::unknown(reason)
            }
        }
    }

    /// A string.
    pub(crate) fn text(self, evaluator: &mut Evaluator, name: &str) -> Fact<String> {
        self.fact(evaluator, name, text)
    }

    /// A string or null.
    pub(crate) fn optional_text(
        self,
        evaluator: &mut Evaluator,
        name: &str,
    ) -> Fact<Option<String>> {
        self.fact(evaluator, name, |evaluator, value| match value {
            Value::Null => Ok(None),
            other => text(evaluator, other).map(Some),
        })
    }

    /// The name or number of a user or group, or null. A text that nobody can be called is not taken over: it may be
    /// the content of any file.
    pub(crate) fn account(self, evaluator: &mut Evaluator, name: &str) -> Fact<Option<String>> {
        self.fact(evaluator, name, |evaluator, value| match value {
            Value::Null => Ok(None),
            other => word(
                evaluator,
                other,
                "_-.@$+\\",
                "no user or group is called by",
            )
            .map(Some),
        })
    }

    /// The mode of a file, in digits or symbols, as `chmod` takes it; no other text is taken over.
    pub(crate) fn mode(self, evaluator: &mut Evaluator, name: &str) -> Fact<String> {
        self.fact(evaluator, name, |evaluator, value| {
            word(evaluator, value, "+-=,", "is no mode of a file")
        })
    }

    /// An integer or null.
    pub(crate) fn optional_int(self, evaluator: &mut Evaluator, name: &str) -> Fact<Option<i64>> {
        self.fact(evaluator, name, |evaluator, value| match value {
            Value::Null => Ok(None),
            Value::Int(int) => Ok(Some(int)),
            other => Err(evaluator.type_error(other, "an integer")),
        })
    }

    /// A Boolean.
    pub(crate) fn boolean(self, evaluator: &mut Evaluator, name: &str) -> Fact<bool> {
        self.fact(evaluator, name, |evaluator, value| match value {
            Value::Bool(value) => Ok(value),
            other => Err(evaluator.type_error(other, "a Boolean")),
        })
    }

    /// A list of strings.
    pub(crate) fn texts(self, evaluator: &mut Evaluator, name: &str) -> Fact<Vec<String>> {
        self.fact(evaluator, name, |evaluator, value| {
            let Value::List(list) = value else {
                return Err(evaluator.type_error(value, "a list"));
            };
            let mut texts = Vec::new();
            for item in evaluator.exact_list(list)? {
                let value = evaluator.force(item)?;
                texts.push(text(evaluator, value)?);
            }
            Ok(texts)
        })
    }

    /// A file: a path, an absolute string, a store path of the project; or null.
    pub(crate) fn file(self, evaluator: &mut Evaluator, name: &str) -> Fact<Option<FilePath>> {
        self.fact(evaluator, name, |evaluator, value| {
            if value == Value::Null {
                return Ok(None);
            }
            let path = evaluator.coerce_to_path(value)?;
            let absolute = std::path::PathBuf::from(&*evaluator.path_text(path));
            let display = evaluator.sources.workspace().display(&absolute);
            Ok(Some(FilePath { absolute, display }))
        })
    }

    /// The set in an attribute.
    pub(crate) fn set(self, evaluator: &mut Evaluator, name: &str) -> Eval<Self> {
        let name = evaluator.symbol(name);
        match evaluator.select_attribute(self.set, name)? {
            Value::Attrs(set) => Ok(Self { set }),
            other => Err(evaluator.type_error(other, "a set")),
        }
    }

    /// The set at a path of attributes.
    pub(crate) fn path(self, evaluator: &mut Evaluator, path: &[&str]) -> Eval<Self> {
        let mut options = self;
        for name in path {
            options = options.set(evaluator, name)?;
        }
        Ok(options)
    }

    /// The attributes, sorted by name, the conditions of their options decided.
    pub(crate) fn entries(self, evaluator: &mut Evaluator) -> Vec<(String, Entry)> {
        let entries = evaluator.entries_by_name(self.set);
        entries
            .into_iter()
            .filter_map(|entry| {
                let entry = evaluator.decide_presence(entry)?;
                Some((evaluator.name(entry.name).to_string(), entry))
            })
            .collect()
    }
}

/// The fact of an attribute.
pub(crate) fn entry_fact<T>(
    evaluator: &mut Evaluator,
    entry: Entry,
    read: impl FnOnce(&mut Evaluator, Value) -> Eval<T>,
) -> Fact<T> {
    let value = evaluator
        .force(entry.value)
        .and_then(|value| read(evaluator, value));
    let value = value.map_err(|why| unknown(evaluator, why));
    // Only now: evaluating is what says which definition wins.
    let Written {
        at,
        binding,
        origin,
        ..
    } = written(evaluator, entry);
    Fact {
        value,
        at,
        binding,
        origin,
    }
}

/// The name of an attribute, in a message; `…` where it is no word: it may be the content of any file.
fn shown_name(name: &str) -> String {
    /// In characters; longer ones are generated.
    const LONGEST: usize = 128;
    let is_word = !name.contains(char::is_whitespace) && name.chars().count() <= LONGEST;
    (if is_word { name } else { "…" }).to_owned()
}

/// A string of letters, digits and some signs, not longer than the name of a user may be; else unknown, with what is
/// said of such a text.
fn word(evaluator: &mut Evaluator, value: Value, signs: &str, why: &str) -> Eval<String> {
    /// `LOGIN_NAME_MAX` of Linux, in bytes.
    const LONGEST: usize = 256;
    let text = text(evaluator, value)?;
    let is_of_word = |c: char| c.is_alphanumeric() || signs.contains(c);
    match text.len() <= LONGEST && text.chars().all(is_of_word) {
        true => Ok(text),
        false => Err(evaluator.undetermined(format!("a text that {why}"))),
    }
}

/// A value's text: a string without holes, or a path.
pub(crate) fn text(evaluator: &mut Evaluator, value: Value) -> Eval<String> {
    let text = match value {
        Value::Path(path) => evaluator.path_text(path),
        other => evaluator.expect_text(other)?,
    };
    evaluator.count_kept(text.len() + BESIDE_A_TEXT)?;
    Ok(text.to_string())
}

/// What a fact takes beside its text, in bytes: its place, its origin and what allocation loses.
const BESIDE_A_TEXT: usize = 128;

/// The certain and possible elements of a list, with why the possible ones may not be there.
pub(crate) fn items(evaluator: &mut Evaluator, thunk: Thunk) -> Vec<(Thunk, Option<UnknownId>)> {
    let Ok(list) = evaluator.force_list(thunk) else {
        return Vec::new();
    };
    let items = evaluator.list_items(list);
    items
        .into_iter()
        .filter_map(|(thunk, presence)| match presence {
            Presence::Certain => Some((thunk, None)),
            Presence::Maybe(why) => Some((thunk, Some(why))),
            Presence::Many(_) => None,
        })
        .collect()
}

/// The values that an option may have whose own value is not known: those of its definitions.
pub(crate) fn possible_values(evaluator: &Evaluator, value: Thunk) -> Vec<Thunk> {
    let record = evaluator.option_record(value);
    let definitions = record.iter().flat_map(|record| &record.definitions);
    definitions
        .map(|definition| definition.value)
        .filter(|known| *known != value)
        .collect()
}

/// A path as it is shown and compared.
pub(crate) fn file_path(project: &Workspace, absolute: &Path) -> FilePath {
    FilePath {
        absolute: absolute.to_owned(),
        display: project.display(absolute),
    }
}

/// An evaluation problem as data.
pub(crate) fn problem(evaluator: &Evaluator, why: UnknownId) -> Problem {
    let Unknown { reason, at } = unknown(evaluator, why);
    let kind = ProblemKind::Evaluation;
    Problem { at, kind, reason }
}
