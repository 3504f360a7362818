//! From TOML to a [`Configuration`]. Everything that is wrong is told at once.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use extract::{ExtraReader, PathGlobs};
use flake_lock::{Override, OverrideOrigin};
use globset::{GlobBuilder, GlobSetBuilder};
use mcp_lint_lints::{Group, LINTS, Severity, find};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Key, Kind, LEVELS, ROOT};
use super::problem::Problem;
use super::{Configuration, Level, Levels};
use crate::cli::check::FailOn;
use crate::report::Incomplete;

type Table<'i> = DeTable<'i>;
type Entry<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// Reads a file's text; globs are relative to `base`.
pub(super) fn read(text: &str, base: &Path) -> Result<Configuration, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        base,
        problems: errors.iter().map(syntax).collect(),
        configuration: Configuration::default(),
    };
    // What follows a mistake in the syntax mostly follows from it.
    if reader.problems.is_empty() {
        reader.root(table.get_ref());
    }
    reader.problems.truncate(1000);
    if reader.problems.is_empty() {
        Ok(reader.configuration)
    } else {
        Err(reader.problems)
    }
}

fn syntax(error: &toml::de::Error) -> Problem {
    let message = error.message().lines().next().unwrap_or_default();
    Problem::new(
        error.span().unwrap_or(0..0),
        format!("this is not TOML: {message}"),
        "not valid here",
    )
}

struct Reader<'a> {
    base: &'a Path,
    problems: Vec<Problem>,
    configuration: Configuration,
}

impl Reader<'_> {
    fn root(&mut self, table: &Table<'_>) {
        for (key, value) in self.known(table, &ROOT, 0..0) {
            match key.name {
                "fail-on" => {
                    let words = words(key.kind);
                    self.configuration.fail_on = self.word(value, words).and_then(fail_on);
                }
                "incomplete" => {
                    let words = words(key.kind);
                    self.configuration.incomplete = self.word(value, words).and_then(incomplete);
                }
                "pedantic" => self.configuration.pedantic = self.boolean(value),
                "exclude" => {
                    if let Some(globs) = self.globs(value) {
                        self.configuration.exclude = globs;
                    }
                }
                "managed-directories" => {
                    self.configuration.managed_directories = self.directories(value);
                }
                "inputs" => self.configuration.inputs = self.inputs(value),
                "baseline" => self.configuration.baseline = self.file(value),
                "stale-baseline" => {
                    let word = self.word(value, words(key.kind));
                    self.configuration.fails_on_stale = word == Some("error");
                }
                "lints" => self.configuration.levels = self.levels(value),
                "overrides" => self.each(value, key.kind, Self::override_table),
                "reader" => self.each(value, key.kind, Self::reader_table),
                _ => {}
            }
        }
    }

    fn override_table(&mut self, table: Vec<(&'static Key, Entry<'_, '_>)>) {
        let mut globs = None;
        let mut levels = Levels::default();
        for (key, value) in table {
            match key.name {
                "paths" => globs = self.globs(value),
                "lints" => levels = self.levels(value),
                _ => {}
            }
        }
        if let Some(globs) = globs {
            self.configuration.overrides.push((globs, levels));
        }
    }

    fn reader_table(&mut self, table: Vec<(&'static Key, Entry<'_, '_>)>) {
        let mut reader = ExtraReader {
            option: String::new(),
            user: String::new(),
            group: None,
            moment: None,
        };
        let mut option = None;
        for (key, value) in table {
            let Some(text) = self.text(value) else {
                continue;
            };
            if text.is_empty() {
                let message = format!("`{}` is empty", key.name);
                self.problems
                    .push(Problem::new(value.span(), message, "no name"));
                return;
            }
            match key.name {
                "option" => {
                    option = Some(value.span());
                    reader.option = text;
                }
                "user" => reader.user = text,
                _ => reader.group = Some(text),
            }
        }
        // What lacks has been told.
        let Some(at) = option.filter(|_| !reader.user.is_empty()) else {
            return;
        };
        match reader.check() {
            Ok(()) => self.configuration.readers.push(reader),
            Err(why) => {
                let help =
                    "write it as Nix does: services.foo.tokenFile, with * for every name of a set";
                self.problems
                    .push(Problem::new(at, why, "not an option").help(help));
            }
        }
    }

    /// The known keys of a table with their values; the others, and those that lack, are problems.
    fn known<'t, 'i>(
        &mut self,
        table: &'t Table<'i>,
        keys: &'static [Key],
        at: Range<usize>,
    ) -> Vec<(&'static Key, Entry<'t, 'i>)> {
        let mut known = Vec::new();
        for (name, value) in table {
            match keys.iter().find(|key| key.name == name.get_ref()) {
                Some(key) => known.push((key, value)),
                None => {
                    let message = format!("there is no key `{}`", name.get_ref());
                    self.problems.push(
                        Problem::new(name.span(), message, "not known here")
                            .suggest(name.get_ref(), keys.iter().map(|key| key.name)),
                    );
                }
            }
        }
        for key in keys.iter().filter(|key| key.required) {
            if !known.iter().any(|(present, _)| present.name == key.name) {
                let message = format!("`{}` is missing", key.name);
                self.problems.push(Problem::new(
                    at.clone(),
                    message,
                    format!("no `{}` in this table", key.name),
                ));
            }
        }
        known
    }

    fn each(
        &mut self,
        value: Entry<'_, '_>,
        kind: Kind,
        mut read: impl FnMut(&mut Self, Vec<(&'static Key, Entry<'_, '_>)>),
    ) {
        let Kind::Tables(keys) = kind else { return };
        let Some(items) = value.get_ref().as_array() else {
            self.expected(value, "a list of tables");
            return;
        };
        for item in items.iter() {
            match item.get_ref().as_table() {
                Some(table) => {
                    let known = self.known(table, keys, item.span());
                    read(self, known);
                }
                None => self.expected(item, "a table"),
            }
        }
    }

    fn levels(&mut self, value: Entry<'_, '_>) -> Levels {
        let mut levels = Levels::default();
        let Some(table) = value.get_ref().as_table() else {
            self.expected(
                value,
                "a table of levels, `root-owned-secret = \"warning\"`",
            );
            return levels;
        };
        for (name, value) in table {
            let level = self.word(value, &LEVELS).and_then(level);
            let (key, group) = (name.get_ref(), group(name.get_ref()));
            if let Some(lint) = find(key) {
                levels.lints.extend(level.map(|level| (lint.name, level)));
            } else if let Some(group) = group {
                levels.groups.extend(level.map(|level| (group, level)));
            } else if key == "all" {
                levels.all = level;
            } else {
                let lints = LINTS.iter().map(|lint| lint.name);
                let names = lints.chain(Group::ALL.into_iter().map(Group::name));
                self.problems.push(
                    Problem::new(
                        name.span(),
                        format!("there is no lint or group `{key}`"),
                        "not known",
                    )
                    .suggest(key, names),
                );
            }
        }
        levels
    }

    fn globs(&mut self, value: Entry<'_, '_>) -> Option<PathGlobs> {
        let mut globs = GlobSetBuilder::new();
        for (text, at) in self.texts(value)? {
            let pattern = text
                .strip_prefix("./")
                .unwrap_or(&text)
                .trim_end_matches('/');
            let is_outside =
                pattern.starts_with('/') || pattern.split('/').any(|part| part == "..");
            if is_outside || pattern.is_empty() {
                let message = format!("`{text}` does not match a file of this project");
                let problem = Problem::new(at, message, "not below this file's directory");
                self.problems
                    .push(problem.help("paths are relative to the directory of mcp-lint.toml"));
                continue;
            }
            match GlobBuilder::new(pattern).literal_separator(true).build() {
                Ok(glob) => {
                    globs.add(glob);
                }
                Err(error) => {
                    let message = format!("`{text}` is not a glob: {}", error.kind());
                    self.problems.push(Problem::new(at, message, "not a glob"));
                }
            }
        }
        match globs.build() {
            Ok(globs) => Some(PathGlobs::new(self.base.to_owned(), globs)),
            Err(error) => {
                let message = format!("these globs are too much: {error}");
                self.problems
                    .push(Problem::new(value.span(), message, "too much"));
                None
            }
        }
    }

    fn file(&mut self, value: Entry<'_, '_>) -> Option<PathBuf> {
        let text = self.text(value)?;
        let path = text.strip_prefix("./").unwrap_or(&text);
        let is_outside = path.starts_with('/') || path.split('/').any(|part| part == "..");
        if is_outside || path.is_empty() {
            let message = format!("`{text}` is not a file of this project");
            let problem = Problem::new(value.span(), message, "not below this file's directory");
            self.problems
                .push(problem.help("a file elsewhere is for the command line"));
            return None;
        }
        Some(self.base.join(path))
    }

    fn directories(&mut self, value: Entry<'_, '_>) -> Vec<String> {
        let mut directories = Vec::new();
        for (text, at) in self.texts(value).unwrap_or_default() {
            let directory = text.trim_end_matches('/');
            if directory.starts_with('/') {
                directories.push(directory.to_owned());
            } else {
                let message = format!("`{text}` is not a directory on the machine");
                let problem = Problem::new(at, message, "not an absolute path");
                self.problems
                    .push(problem.help("write it from the root on: /run/my-secrets"));
            }
        }
        directories
    }

    fn inputs(&mut self, value: Entry<'_, '_>) -> Vec<Override> {
        let mut overrides = Vec::new();
        let Some(table) = value.get_ref().as_table() else {
            self.expected(value, "a table of directories, `mine = \"vendor/mine\"`");
            return overrides;
        };
        for (name, value) in table {
            let Some(text) = self.text(value) else {
                continue;
            };
            let path = text.strip_prefix("./").unwrap_or(&text);
            let is_outside = path.starts_with('/') || path.split('/').any(|part| part == "..");
            if is_outside || path.is_empty() {
                let message = format!("`{text}` is not a directory of this project");
                let problem =
                    Problem::new(value.span(), message, "not below this file's directory");
                let help = "a directory elsewhere is for the command line: --input NAME=PATH";
                self.problems.push(problem.help(help));
                continue;
            }
            if name.get_ref().split('/').any(str::is_empty) {
                let message = format!("`{}` is not the name of an input", name.get_ref());
                let problem = Problem::new(name.span(), message, "no name");
                self.problems.push(problem);
                continue;
            }
            if !self.base.join(path).is_dir() {
                let message = format!("there is no directory `{text}`");
                self.problems.push(Problem::new(
                    value.span(),
                    message,
                    "not below this file's directory",
                ));
                continue;
            }
            overrides.push(Override {
                input: name.get_ref().split('/').map(Arc::from).collect(),
                directory: self.base.join(path),
                origin: OverrideOrigin::Configuration,
            });
        }
        overrides
    }

    fn texts(&mut self, value: Entry<'_, '_>) -> Option<Vec<(String, Range<usize>)>> {
        let Some(items) = value.get_ref().as_array() else {
            self.expected(value, "a list of strings");
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            texts.extend(self.text(item).map(|text| (text, item.span())));
        }
        Some(texts)
    }

    fn text(&mut self, value: Entry<'_, '_>) -> Option<String> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(value, "a string");
        }
        text.map(ToOwned::to_owned)
    }

    fn boolean(&mut self, value: Entry<'_, '_>) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.expected(value, "true or false");
        }
        boolean
    }

    fn word(&mut self, value: Entry<'_, '_>, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(value)?;
        let word = words.iter().copied().find(|word| *word == text);
        if word.is_none() {
            let message = format!("there is no level `{text}`");
            let problem = Problem::new(value.span(), message, "not a level");
            self.problems
                .push(problem.suggest(&text, words.iter().copied()));
        }
        word
    }

    fn expected(&mut self, value: Entry<'_, '_>, what: &str) {
        let found = value.get_ref().type_str();
        let problem = Problem::new(
            value.span(),
            format!("expected {what}"),
            format!("this is of type {found}"),
        );
        self.problems.push(problem);
    }
}

fn group(name: &str) -> Option<Group> {
    Group::ALL.into_iter().find(|group| group.name() == name)
}

fn words(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Word(words) => words,
        _ => &[],
    }
}

fn level(word: &str) -> Option<Level> {
    Some(match word {
        "error" => Level::Severity(Severity::Error),
        "warning" => Level::Severity(Severity::Warning),
        "info" => Level::Severity(Severity::Info),
        "off" => Level::Off,
        _ => return None,
    })
}

fn incomplete(word: &str) -> Option<Incomplete> {
    Some(match word {
        "error" => Incomplete::Error,
        "warning" => Incomplete::Warning,
        _ => return None,
    })
}

fn fail_on(word: &str) -> Option<FailOn> {
    Some(match word {
        "error" => FailOn::Error,
        "warning" => FailOn::Warning,
        "info" => FailOn::Info,
        "never" => FailOn::Never,
        _ => return None,
    })
}
