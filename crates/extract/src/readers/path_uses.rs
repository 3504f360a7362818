//! Where values use the paths of secrets: the visitor that finds what processes open.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Entry, StringData, StringPart, Symbol, Value};
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use crate::host_view::HostView;
use crate::host_view::file_change::FileChange;
use crate::host_view::secret_paths::StandsFor;
use crate::managers::MANAGERS;
use crate::readers::commands::{Asked, becomes_another};
use crate::readers::comments::Comments;
use crate::readers::named_path::Named;
use crate::readers::option_pattern::ELEMENT;
use crate::references::shell::ShellText;
use crate::search::holes::{HOLE, with_holes};
use crate::search::managed_paths::{
    Ends, MANAGED, written_directories, written_from_home, written_paths,
};
use crate::search::narrow_span::{WrittenTexts, path_span};
use crate::search::text_matcher::TextMatcher;
use crate::search::walk::{Here, Step, Visitor, Way, walk};
use inventory::model::Form;

/// Attributes of a derivation of which it is not made.
const ABOUT_A_DERIVATION: [&str; 6] = ["all", "meta", "out", "outPath", "passthru", "tests"];

/// What a use of a path takes until its reader is known, and that reader after it, in bytes.
const BYTES_OF_A_USE: usize = 2048;

/// How much of a line before a path is kept, in characters: the command, not what is generated before it.
const MAX_BEFORE: usize = 300;

/// How many secrets of a directory are taken for what a text opens that names it: a service has fewer.
const MAX_IN_DIRECTORY: usize = 256;

/// A path of a secret in a value.
#[derive(Debug, Clone)]
pub(crate) struct PathUse {
    /// The path; one below a manager's directory even if no declared secret lands there.
    pub(crate) path: String,
    /// Where it was written.
    pub(crate) at: Option<Span>,
    /// The attributes that lead to it; `*` for an element of a list.
    pub(crate) option: Vec<String>,
    /// The text before it in its line.
    pub(crate) before: String,
    /// Whether the value is the path and nothing else.
    pub(crate) is_whole: bool,
    /// Whether it is in a script or file that the value refers to.
    pub(crate) in_a_call: bool,
    /// Whether a unit's manager runs the command that names it with full privileges.
    pub(crate) privileged: bool,
    /// Whether the commands of the text only link to it.
    pub(crate) is_linked: bool,
    /// Whether a command of the text makes the file, or the directory.
    pub(crate) is_made: bool,
    /// Whether the commands of the text mount it in a container, whose processes open it.
    pub(crate) is_mounted: bool,
    /// Whether a shell makes the content an argument of a program: `app --token $(cat PATH)`.
    pub(crate) is_argument: bool,
    /// Whether the script looks first whether it can: what it cannot read it leaves alone.
    pub(crate) is_guarded: bool,
    /// Whether it is the path of a file that names the secret's.
    pub(crate) is_of_naming_file: bool,
    /// Whether a directory is named that holds it: what of that is opened is not known.
    pub(crate) is_in_directory: bool,
    /// Where the link to it is, if [`is_linked`](Self::is_linked): the next word after it.
    pub(crate) linked_at: Option<String>,
    /// Whether it is certainly there.
    pub(crate) certain: bool,
    /// Whether a module of the project declares the option: who uses it is seen elsewhere.
    pub(crate) in_own_option: bool,
}

impl PathUse {
    /// Whether another user than the one of the process opens it: `sudo cat PATH`.
    pub(crate) fn by_another(&self) -> bool {
        let is_cut = self.before.chars().count() >= MAX_BEFORE;
        match becomes_another(&self.before, is_cut) {
            // The other machine's user, unless it is the key that `ssh` itself opens.
            Some("ssh" | "autossh") => !self.is_identity(),
            program => program.is_some(),
        }
    }

    /// Whether another file of the same configuration includes it: `Include PATH`, `!include PATH`, `includes = [ PATH ]`.
    pub(crate) fn is_included(&self) -> bool {
        let is_list = |name: &String| name == "includes" || name == "include";
        if self.is_whole {
            return self.option.iter().any(is_list);
        }
        let words = self.before.split_whitespace();
        let word = words.last().unwrap_or_default().trim_matches(['"', '!']);
        self.before.ends_with([' ', '\t', '"']) && word.eq_ignore_ascii_case("include")
    }

    /// Whether it is in a sentence, after words and no option: `the key is in PATH`.
    pub(crate) fn is_in_prose(&self) -> bool {
        let mut words = self.before.split_whitespace().rev();
        let is_word = |word: &str| word.chars().all(char::is_alphabetic);
        !self.is_whole
            && !self.in_a_call
            && words.next().is_some_and(is_word)
            && words.next().is_some()
    }

    /// Whether it is the key of `ssh -i KEY`, `ssh -o IdentityFile=KEY`.
    fn is_identity(&self) -> bool {
        let before = self.before.trim_end_matches(['"', '\'', '\\']);
        let before = before.trim_end();
        let is_flag = |flag: &str| {
            let rest = before.strip_suffix(flag);
            rest.is_some_and(|rest| rest.ends_with(char::is_whitespace))
        };
        is_flag("-i") || is_flag("-F") || before.ends_with("File=") || before.ends_with("File")
    }
}

/// What is searched for paths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Query<'a> {
    /// The option whose value is searched; with it [`PathUse::option`] begins.
    pub(crate) option: &'a [&'a str],
    /// Options in it that are left out.
    pub(crate) skip: &'a [&'a [&'a str]],
    /// Whether only the paths of declared secrets are found, not any below a manager's directory.
    pub(crate) only_declared: bool,
    /// Whether sets are left out whose `enable` is false: what a module does not use.
    pub(crate) only_enabled: bool,
    /// The home directory of whoever reads, so that `~/…` that is written out counts, too.
    pub(crate) home: Option<&'a str>,
}

/// Finds the paths that the value of an attribute uses.
pub(crate) fn path_uses(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    entry: Entry,
    query: Query<'_>,
) -> Vec<PathUse> {
    let mut search = Search {
        view,
        query,
        skip: query
            .skip
            .iter()
            .map(|option| option.iter().map(|name| evaluator.symbol(name)).collect())
            .collect(),
        names: Names::of(evaluator),
        found: Vec::new(),
        known: FxHashMap::default(),
        texts: WrittenTexts::default(),
    };
    walk(evaluator, query.option, entry, &mut search);
    search.found
}

/// Attributes by which the search knows a set.
struct Names {
    enable: Symbol,
    /// Those of a flake, of a configuration, and of anything with a type of its own.
    elsewhere: [Symbol; 3],
    drv_path: Symbol,
    about_a_derivation: [Symbol; ABOUT_A_DERIVATION.len()],
}

impl Names {
    fn of(evaluator: &mut Evaluator) -> Self {
        Self {
            enable: evaluator.symbol("enable"),
            elsewhere: ["sourceInfo", "_module", "_type"].map(|name| evaluator.symbol(name)),
            drv_path: evaluator.symbol("drvPath"),
            about_a_derivation: ABOUT_A_DERIVATION.map(|name| evaluator.symbol(name)),
        }
    }
}

struct Search<'a> {
    view: &'a HostView<'a>,
    query: Query<'a>,
    /// [`Query::skip`].
    skip: Vec<Vec<Symbol>>,
    names: Names,
    found: Vec<PathUse>,
    /// Where each path of an option is in `found`.
    known: FxHashMap<(String, Vec<String>), usize>,
    texts: WrittenTexts,
}

/// A string that is visited: what of it many paths ask is found once.
struct Script<'a> {
    /// Its text, with [`HOLE`] for what is not known.
    whole: Cow<'a, str>,
    asked: OnceCell<Asked>,
}

impl<'a> Script<'a> {
    fn new(whole: Cow<'a, str>) -> Self {
        Self {
            whole,
            asked: OnceCell::new(),
        }
    }

    /// The variables of which it asks whether it can read the file in them.
    fn asked(&self) -> &Asked {
        self.asked.get_or_init(|| Asked::of(&self.whole))
    }
}

/// A text between two interpolations of a string.
struct Part<'t, 's> {
    text: &'t str,
    /// Its offset, in bytes, in the string.
    start: usize,
    ends: Ends,
    script: &'s Script<'s>,
    /// The string as a shell reads it.
    shell: &'s OnceCell<ShellText<'s>>,
    comments: OnceCell<Comments>,
}

impl Part<'_, '_> {
    /// The path at those offsets of the text.
    fn named<'n>(&'n self, written: &'n str, places: Vec<usize>) -> Named<'n> {
        let comments = self.comments.get_or_init(|| Comments::of(self.text));
        Named::at(self.text, comments, written, places)
    }

    /// Whether the string makes the content of a file an argument, whose path is of that length in bytes.
    fn is_argument(&self, at: Option<usize>, length: usize) -> bool {
        let shell = || {
            self.shell
                .get_or_init(|| ShellText::new(&self.script.whole))
        };
        let form = at.map(|at| shell().form(self.start + at, length));
        matches!(form, Some(Form::Argument { .. }))
    }
}

/// A path in a text.
struct Written<'a> {
    /// The path as it is written there.
    written: &'a str,
    path: &'a str,
    /// [`PathUse::is_of_naming_file`].
    is_of_naming_file: bool,
    /// [`PathUse::is_in_directory`].
    is_in_directory: bool,
}

impl Visitor for Search<'_> {
    const VISITS_POSSIBLE: bool = true;
    // A package may hold the whole configuration again, through the arguments of its call.
    const VISITS_ONCE: bool = true;

    fn enters_declared(&mut self, _: &Evaluator, _: &Way) -> bool {
        true
    }

    fn enters_set(
        &mut self,
        evaluator: &mut Evaluator,
        set: AttrsId,
        way: &Way,
        here: &mut Here,
    ) -> Option<Vec<Symbol>> {
        if self.query.only_enabled && !here.in_a_call {
            let enable = evaluator.attribute(set, self.names.enable);
            match enable.map(|entry| evaluator.force(entry.value)) {
                Some(Ok(Value::Bool(false))) => return None,
                Some(Err(_)) => here.certain = false,
                _ => {}
            }
        }
        let has = |name: &Symbol| evaluator.attribute(set, *name).is_some();
        // A flake, or a configuration that a function gets: all that it has is evaluated elsewhere.
        if self.names.elsewhere.iter().any(has) {
            return None;
        }
        let mut left_out = Vec::new();
        if has(&self.names.drv_path) {
            left_out.extend(self.names.about_a_derivation);
        }
        for option in &self.skip {
            if let Some((name, parents)) = option.split_last()
                && parents.len() == way.option.len()
                && { parents.iter().zip(&way.option) }.all(|(a, b)| Step::Attribute(*a) == *b)
            {
                left_out.push(*name);
            }
        }
        Some(left_out)
    }

    fn visit_string(
        &mut self,
        evaluator: &mut Evaluator,
        string: &StringData,
        way: &Way,
        here: &mut Here,
    ) {
        let first = match string {
            StringData::Text(text) => Some(text),
            StringData::Parts(parts) => parts.first().and_then(|part| match part {
                StringPart::Text(text) => Some(text),
                StringPart::Hole(_) => None,
            }),
        };
        here.privileged |= !here.in_a_call && first.is_some_and(|text| is_privileged(text));
        let script = &Script::new(with_holes(string));
        let shell = &OnceCell::new();
        let mut start = 0;
        let mut search = |text, start, ends| {
            let part = Part {
                text,
                start,
                ends,
                script,
                shell,
                comments: OnceCell::new(),
            };
            self.part(evaluator, &part, way, *here);
        };
        match string {
            StringData::Text(text) => search(text, start, Ends::BOTH),
            StringData::Parts(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    match part {
                        StringPart::Text(text) => {
                            let ends = Ends {
                                starts: index == 0,
                                ends: index + 1 == parts.len(),
                            };
                            search(text, start, ends);
                            start += text.len();
                        }
                        StringPart::Hole(_) => start += HOLE.len_utf8(),
                    }
                }
            }
        }
    }

    fn visit_path(&mut self, evaluator: &mut Evaluator, path: &str, way: &Way, here: Here) {
        let script = &Script::new(Cow::Borrowed(""));
        let part = Part {
            text: path,
            start: 0,
            ends: Ends::BOTH,
            script,
            shell: &OnceCell::new(),
            comments: OnceCell::new(),
        };
        self.part(evaluator, &part, way, here);
    }
}

/// The offsets, in bytes, at which each of many paths occurs in a text, in the order of the paths, found at once.
fn places_of(text: &str, paths: &[&str]) -> Vec<Vec<usize>> {
    if let [path] = paths {
        let all = text.match_indices(path).map(|(at, _)| at);
        return vec![all.collect()];
    }
    let mut places = vec![Vec::new(); paths.len()];
    for (at, number) in TextMatcher::new(paths.iter().copied()).find(text) {
        if let Some(places) = places.get_mut(number) {
            places.push(at);
        }
    }
    places
}

impl Search<'_> {
    fn part(&mut self, evaluator: &mut Evaluator, part: &Part<'_, '_>, way: &Way, here: Here) {
        let view = self.view;
        let Part { text, ends, .. } = *part;
        let matches = view.secret_texts.find(text);
        for known in matches.secrets {
            if let StandsFor::Path(path) = &known.text.stands_for {
                let found = Written {
                    written: &known.text.text,
                    path,
                    is_of_naming_file: known.text.is_of_naming_file,
                    is_in_directory: false,
                };
                let named = part.named(found.written, known.places);
                self.add(evaluator, part, &named, found, way, here);
            }
        }
        if self.query.only_declared || matches.managed.is_empty() {
            return;
        }
        let more = view.managed_directories;
        if let Some(home) = self.query.home {
            let written = written_from_home(text, ends, &matches.managed);
            let written: BTreeMap<&str, &str> = written.into_iter().collect();
            let places = places_of(text, &written.keys().copied().collect::<Vec<_>>());
            for ((written, rest), places) in written.into_iter().zip(places) {
                let found = Written {
                    written,
                    path: &format!("{home}{rest}"),
                    is_of_naming_file: false,
                    is_in_directory: false,
                };
                let named = part.named(written, places);
                self.add(evaluator, part, &named, found, way, here);
            }
        }
        let directories = written_directories(text, ends, &matches.managed, more);
        let directories = directories.into_iter();
        let directories: Vec<&str> = directories
            .filter(|it| !is_directory(it) && view.by_path.is_directory(it))
            .collect();
        for (directory, places) in directories.iter().zip(places_of(text, &directories)) {
            let named = part.named(directory, places);
            for path in view.by_path.below(directory).take(MAX_IN_DIRECTORY) {
                let found = Written {
                    written: directory,
                    path,
                    is_of_naming_file: false,
                    is_in_directory: true,
                };
                self.add(evaluator, part, &named, found, way, here);
            }
        }
        for (path, places) in written_paths(text, ends, matches.managed, more) {
            if is_directory(path) || view.by_path.is_directory(path) {
                continue;
            }
            let found = Written {
                written: path,
                path,
                is_of_naming_file: false,
                is_in_directory: false,
            };
            let named = part.named(path, places);
            self.add(evaluator, part, &named, found, way, here);
        }
    }

    fn add(
        &mut self,
        evaluator: &mut Evaluator,
        part: &Part<'_, '_>,
        named: &Named<'_>,
        found: Written<'_>,
        way: &Way,
        here: Here,
    ) {
        let Written {
            written,
            path,
            is_of_naming_file,
            is_in_directory,
        } = found;
        let names = way.option.iter();
        let option = names.map(|step| match step {
            Step::Attribute(name) => evaluator.name_ref(*name),
            Step::Element => ELEMENT,
        });
        let option: Vec<String> = option.map(str::to_owned).collect();
        let key = (path.to_owned(), option.clone());
        let does = named.does();
        let secret = self.view.secret_at(path, None);
        if let Some(secret) = secret
            && let Some((program, what)) = does.changed
        {
            self.view.changes.borrow_mut().push(FileChange {
                secret,
                what,
                by: match option.is_empty() {
                    true => format!("`{program}` in a command"),
                    false => format!("`{program}` in {}", option.join(".")),
                },
                at: None,
            });
        }
        if let Some(index) = self.known.get(&key) {
            // The parts of a script between its interpolations are texts of their own.
            let known = self.found.get_mut(*index).filter(|known| !known.is_made);
            if let Some(known) = known {
                known.is_made = !is_in_directory && does.is_made;
            }
            return;
        }
        // Who makes a directory makes none of the secrets in it.
        let is_made = !is_in_directory && does.is_made;
        let opens_none = does.is_only_named || is_in_directory && does.opens_no_file_in_it;
        if !is_made && opens_none || evaluator.count_kept(BYTES_OF_A_USE).is_err() {
            return;
        }
        self.known.insert(key, self.found.len());
        let line = named.line_before_first();
        let cut = line
            .char_indices()
            .rev()
            .nth(MAX_BEFORE)
            .map_or(0, |(at, _)| at);
        let secret = secret.and_then(|index| self.view.secrets.get(index));
        let attribute = secret.map(|secret| secret.attribute.as_str());
        let at = path_span(evaluator, &way.anchors, path, attribute, &mut self.texts);
        self.found.push(PathUse {
            path: path.to_owned(),
            at,
            option,
            before: line.get(cut..).unwrap_or_default().to_owned(),
            is_whole: part.ends == Ends::BOTH && part.text.trim() == written && !is_in_directory,
            in_a_call: here.in_a_call,
            privileged: here.privileged,
            is_linked: does.is_linked,
            is_made,
            is_mounted: does.is_mounted,
            is_of_naming_file,
            is_in_directory,
            linked_at: named.next_word().map(str::to_owned),
            is_argument: part.is_argument(named.first(), written.len()),
            is_guarded: does.is_asked_for || named.is_asked_for_in_a_variable(part.script.asked()),
            certain: here.certain && !is_in_directory,
            in_own_option: here.declared,
        });
    }
}

/// Whether a command keeps root's privileges: `+` and `!` before it (systemd.service(5)).
fn is_privileged(command: &str) -> bool {
    command
        .chars()
        .take_while(|c| matches!(c, '+' | '!' | '-' | '@' | ':' | '|'))
        .any(|c| matches!(c, '+' | '!'))
}

/// Whether a path is that of a manager's directory itself.
fn is_directory(path: &str) -> bool {
    let is_it = |managed: &String| managed.strip_suffix('/') == Some(path);
    let mut templates = MANAGERS.iter().filter_map(|it| it.templates.as_ref());
    MANAGED.iter().any(is_it) || templates.any(|templates| templates.directory == path)
}
