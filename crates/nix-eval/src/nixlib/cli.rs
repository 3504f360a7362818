//! `lib.cli`: command lines of attribute sets.

use super::generators::value_string;
use super::strings::escape_shell;
use super::support::{
    StringBuilder, attributes, flag, lazy_call, list_of, name_thunk, option, option_or,
    presence_of, required, throw, unknown_elements,
};
use super::{Exported, Namespace};
use crate::builtins::lists::weaken;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Eval, Presence, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "cli",
    functions: &[
        Builtin::new("toCommandLine", 2, to_command_line),
        Builtin::new("toCommandLineGNU", 2, to_command_line_gnu),
        Builtin::new("toCommandLineShell", 2, |evaluator, args| {
            shell(evaluator, args, to_command_line)
        }),
        Builtin::new("toCommandLineShellGNU", 2, |evaluator, args| {
            shell(evaluator, args, to_command_line_gnu)
        }),
        Builtin::new("toGNUCommandLine", 2, to_gnu_command_line),
        Builtin::new("toGNUCommandLineShell", 2, |evaluator, args| {
            shell(evaluator, args, to_gnu_command_line)
        }),
    ],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

type Words = Vec<(Thunk, Presence)>;

/// The words of a command line as one text for a shell.
fn shell(
    evaluator: &mut Evaluator,
    args: &[Thunk],
    words: fn(&mut Evaluator, &[Thunk]) -> Eval<Value>,
) -> Eval<Value> {
    let words = words(evaluator, args)?;
    let words = evaluator.arena.ready(words);
    let list = evaluator.force_list(words)?;
    let mut words = evaluator.arena.list_items(list);
    for (word, _) in &mut words {
        let value = *word;
        *word = evaluator.lazy(move |evaluator| escape_shell(evaluator, value));
    }
    super::strings::concat_with(evaluator, " ", &words)
}

/// The words that `make` gives for each attribute, one after the other.
fn each_option(
    evaluator: &mut Evaluator,
    set: Thunk,
    mut make: impl FnMut(&mut Evaluator, Thunk, Thunk) -> Eval<Words>,
) -> Eval<Value> {
    let (entries, open) = attributes(evaluator, set)?;
    let mut words = Vec::new();
    for entry in entries {
        let name = name_thunk(evaluator, entry.name);
        let made = match make(evaluator, name, entry.value) {
            Ok(made) => made,
            Err(why) if evaluator.is_error(why) && entry.maybe.is_none() => return Err(why),
            Err(why) => vec![unknown_elements(evaluator, why)],
        };
        for (word, presence) in made {
            let presence = match presence_of(&entry) {
                Presence::Certain => presence,
                Presence::Maybe(why) | Presence::Many(why) => weaken(presence, why),
            };
            words.push((word, presence));
        }
    }
    if let Some(why) = open {
        words.push(unknown_elements(evaluator, why));
    }
    Ok(list_of(evaluator, &words))
}

/// A word made of texts and values.
fn word(evaluator: &mut Evaluator, parts: &[Thunk]) -> Thunk {
    let parts = parts.to_vec();
    evaluator.lazy(move |evaluator| {
        let mut builder = StringBuilder::new();
        for part in parts {
            builder.value(evaluator, part)?;
        }
        Ok(builder.finish(evaluator))
    })
}

static VALUE_STRING: Builtin = Builtin::new("mkValueStringDefault", 1, |evaluator, args| {
    let [value] = arguments(args);
    value_string(evaluator, value)
});

// toCommandLine

/// How an option is written.
#[derive(Clone, Copy)]
struct Format {
    option: Thunk,
    separator: Option<Thunk>,
    explicit_bool: bool,
    format: Thunk,
}

impl Format {
    fn words(self, evaluator: &mut Evaluator, value: Thunk) -> Eval<Words> {
        match evaluator.force(value)? {
            Value::Null => Ok(Vec::new()),
            Value::Bool(true) if !self.explicit_bool => Ok(vec![certain(self.option)]),
            Value::Bool(false) if !self.explicit_bool => Ok(Vec::new()),
            Value::List(list) => {
                let mut words = Vec::new();
                for (item, presence) in evaluator.arena.list_items(list) {
                    if let Presence::Maybe(why) | Presence::Many(why) = presence {
                        words.push(unknown_elements(evaluator, why));
                    } else {
                        words.extend(self.words(evaluator, item)?);
                    }
                }
                Ok(words)
            }
            _ => {
                let argument = evaluator.lazy_apply(self.format, value);
                Ok(match self.separator {
                    None => vec![certain(self.option), certain(argument)],
                    Some(separator) => {
                        let parts = [self.option, separator, argument];
                        vec![certain(word(evaluator, &parts))]
                    }
                })
            }
        }
    }
}

const fn certain(word: Thunk) -> (Thunk, Presence) {
    (word, Presence::Certain)
}

fn checked_name(evaluator: &mut Evaluator, name: Thunk) -> Eval<std::rc::Rc<str>> {
    let text = evaluator.force_text(name)?;
    if text.is_empty() {
        let message = "lib.cli.toCommandLine only accepts non-empty option names.";
        return Err(throw(evaluator, message));
    }
    Ok(text)
}

/// `toCommandLine optionFormat set`
fn to_command_line(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [option_format, set] = arguments(args);
    each_option(evaluator, set, |evaluator, name, value| {
        checked_name(evaluator, name)?;
        let spec = evaluator.lazy_apply(option_format, name);
        let spec = evaluator.force_attrs(spec)?;
        let separator = required(evaluator, spec, "sep")?;
        let format = Format {
            option: required(evaluator, spec, "option")?,
            separator: match evaluator.force(separator)? {
                Value::Null => None,
                _ => Some(separator),
            },
            explicit_bool: flag(evaluator, spec, "explicitBool", false)?,
            format: option_or(evaluator, spec, "formatArg", &VALUE_STRING)?,
        };
        format.words(evaluator, value)
    })
}

/// `toCommandLineGNU { isLong; explicitBool; formatArg; } set`
fn to_command_line_gnu(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, set] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let is_long = option(evaluator, options, "isLong")?;
    let explicit_bool = flag(evaluator, options, "explicitBool", false)?;
    let format = option_or(evaluator, options, "formatArg", &VALUE_STRING)?;
    each_option(evaluator, set, |evaluator, name, value| {
        let text = checked_name(evaluator, name)?;
        let long = match is_long {
            Some(is_long) => {
                let long = evaluator.call(is_long, name)?;
                evaluator.expect_bool(long)?
            }
            None => text.len() > 1,
        };
        let option = evaluator.string_thunk(&format!("{}{text}", if long { "--" } else { "-" }));
        let separator = evaluator.string_thunk(if long { "=" } else { "" });
        let format = Format {
            option,
            separator: Some(separator),
            explicit_bool,
            format,
        };
        format.words(evaluator, value)
    })
}

// toGNUCommandLine

/// The functions that write options, given or not.
struct Writers {
    name: Option<Thunk>,
    boolean: Option<Thunk>,
    list: Option<Thunk>,
    option: Option<Thunk>,
    separator: Option<Thunk>,
}

impl Writers {
    fn of(evaluator: &mut Evaluator, options: AttrsId) -> Eval<Self> {
        let separator = match option(evaluator, options, "optionValueSeparator")? {
            Some(separator) if evaluator.force(separator)? != Value::Null => Some(separator),
            _ => None,
        };
        Ok(Self {
            name: option(evaluator, options, "mkOptionName")?,
            boolean: option(evaluator, options, "mkBool")?,
            list: option(evaluator, options, "mkList")?,
            option: option(evaluator, options, "mkOption")?,
            separator,
        })
    }

    fn name(&self, evaluator: &mut Evaluator, key: Thunk) -> Eval<Thunk> {
        if let Some(name) = self.name {
            return Ok(evaluator.lazy_apply(name, key));
        }
        let key = evaluator.force_text(key)?;
        let dashes = if key.len() == 1 { "-" } else { "--" };
        Ok(evaluator.string_thunk(&format!("{dashes}{key}")))
    }

    fn words(&self, evaluator: &mut Evaluator, key: Thunk, value: Thunk) -> Eval<Words> {
        match evaluator.force(value)? {
            Value::Bool(holds) => match self.boolean {
                Some(boolean) => given(evaluator, boolean, key, value),
                None if holds => Ok(vec![certain(self.name(evaluator, key)?)]),
                None => Ok(Vec::new()),
            },
            Value::List(list) => match self.list {
                Some(write) => given(evaluator, write, key, value),
                None => {
                    let mut words = Vec::new();
                    for (item, presence) in evaluator.arena.list_items(list) {
                        if let Presence::Maybe(why) | Presence::Many(why) = presence {
                            words.push(unknown_elements(evaluator, why));
                        } else {
                            words.extend(self.option(evaluator, key, item)?);
                        }
                    }
                    Ok(words)
                }
            },
            _ => self.option(evaluator, key, value),
        }
    }

    fn option(&self, evaluator: &mut Evaluator, key: Thunk, value: Thunk) -> Eval<Words> {
        if let Some(option) = self.option {
            return given(evaluator, option, key, value);
        }
        if evaluator.force(value)? == Value::Null {
            return Ok(Vec::new());
        }
        let name = self.name(evaluator, key)?;
        let text = evaluator.lazy(move |evaluator| value_string(evaluator, value));
        Ok(match self.separator {
            None => vec![certain(name), certain(text)],
            Some(separator) => vec![certain(word(evaluator, &[name, separator, text]))],
        })
    }
}

/// The words that a given function makes.
fn given(evaluator: &mut Evaluator, function: Thunk, key: Thunk, value: Thunk) -> Eval<Words> {
    let words = lazy_call(evaluator, function, &[key, value]);
    let words = evaluator.force_list(words)?;
    Ok(evaluator.arena.list_items(words))
}

/// `toGNUCommandLine { mkOptionName; mkBool; mkList; mkOption; optionValueSeparator; } set`
fn to_gnu_command_line(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, set] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let writers = Writers::of(evaluator, options)?;
    each_option(evaluator, set, |evaluator, key, value| {
        writers.words(evaluator, key, value)
    })
}
