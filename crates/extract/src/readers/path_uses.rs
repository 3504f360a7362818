//! Where values use the paths of secrets: the visitor that finds what processes open.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Entry, StringData, StringPart, Symbol, Value};
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use crate::host_view::HostView;
use crate::host_view::file_change::FileChange;
use crate::host_view::secret_paths::StandsFor;
use crate::managers::MANAGERS;
use crate::readers::commands::becomes_another;
use crate::readers::named_path::Named;
use crate::readers::option_pattern::ELEMENT;
use crate::references::shell::ShellText;
use crate::search::holes::with_holes;
use crate::search::managed_paths::{
    Ends, MANAGED, written_directories, written_from_home, written_paths,
};
use crate::search::narrow_span::{WrittenTexts, path_span};
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
        script: String::new(),
        string: None,
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
    /// The whole text that is visited, if it may ask whether a file can be read.
    script: String,
    /// The string that is visited.
    string: Option<StringData>,
    found: Vec<PathUse>,
    /// Where each path of an option is in `found`.
    known: FxHashMap<(String, Vec<String>), usize>,
    texts: WrittenTexts,
}

/// A path in a text.
struct Written<'a> {
    /// The text, or the part of one between two interpolations.
    text: &'a str,
    /// Which ends of the whole text that part reaches.
    ends: Ends,
    /// The path as it is written there.
    written: &'a str,
    /// The offsets, in bytes, where it occurs, ascending; `None` if they are still to be found.
    places: Option<&'a [usize]>,
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
        self.string = Some(string.clone());
        let whole = with_holes(string);
        self.script.clear();
        if whole.contains("-r ") {
            self.script.push_str(&whole);
        }
        match string {
            StringData::Text(text) => self.text(evaluator, text, Ends::BOTH, way, *here),
            StringData::Parts(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    if let StringPart::Text(text) = part {
                        let ends = Ends {
                            starts: index == 0,
                            ends: index + 1 == parts.len(),
                        };
                        self.text(evaluator, text, ends, way, *here);
                    }
                }
            }
        }
    }

    fn visit_path(&mut self, evaluator: &mut Evaluator, path: &str, way: &Way, here: Here) {
        self.script.clear();
        self.string = None;
        self.text(evaluator, path, Ends::BOTH, way, here);
    }
}

impl Search<'_> {
    fn text(&mut self, evaluator: &mut Evaluator, text: &str, ends: Ends, way: &Way, here: Here) {
        let view = self.view;
        let matches = view.secret_texts.find(text);
        for known in &matches.secrets {
            if let StandsFor::Path(path) = &known.text.stands_for {
                let found = Written {
                    text,
                    ends,
                    written: &known.text.text,
                    places: Some(&known.places),
                    path,
                    is_of_naming_file: known.text.is_of_naming_file,
                    is_in_directory: false,
                };
                self.add(evaluator, found, way, here);
            }
        }
        if !self.query.only_declared && !matches.managed.is_empty() {
            if let Some(home) = self.query.home {
                for (written, rest) in written_from_home(text, ends, &matches.managed) {
                    let path = &format!("{home}{rest}");
                    let found = Written {
                        text,
                        ends,
                        written,
                        places: None,
                        path,
                        is_of_naming_file: false,
                        is_in_directory: false,
                    };
                    self.add(evaluator, found, way, here);
                }
            }
            let more = view.managed_directories;
            for directory in written_directories(text, ends, &matches.managed, more) {
                if is_directory(directory) || !view.by_path.is_directory(directory) {
                    continue;
                }
                let places = text.match_indices(directory);
                let places: Vec<usize> = places.map(|(at, _)| at).collect();
                for path in view.by_path.below(directory).take(MAX_IN_DIRECTORY) {
                    let found = Written {
                        text,
                        ends,
                        written: directory,
                        places: Some(&places),
                        path,
                        is_of_naming_file: false,
                        is_in_directory: true,
                    };
                    self.add(evaluator, found, way, here);
                }
            }
            for (path, places) in written_paths(text, ends, matches.managed, more) {
                if is_directory(path) || view.by_path.is_directory(path) {
                    continue;
                }
                let found = Written {
                    text,
                    ends,
                    written: path,
                    places: Some(&places),
                    path,
                    is_of_naming_file: false,
                    is_in_directory: false,
                };
                self.add(evaluator, found, way, here);
            }
        }
    }

    /// Whether the string that is visited makes the content of a file an argument.
    fn is_argument(&self, written: &str) -> bool {
        let Some(string) = &self.string else {
            return false;
        };
        let text = with_holes(string);
        let form = |at: usize| ShellText::new(&text).form(at, written.len());
        let at = text.find(written);
        at.is_some_and(|at| matches!(form(at), Form::Argument { .. }))
    }

    fn add(&mut self, evaluator: &mut Evaluator, found: Written<'_>, way: &Way, here: Here) {
        let Written {
            text,
            ends,
            written,
            places,
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
        let named = match places {
            Some(places) => Named::at(text, written, places),
            None => Named::find(text, written),
        };
        let secret = self.view.secret_at(path, None);
        if let Some(secret) = secret
            && let Some((program, what)) = named.changed()
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
                known.is_made = !is_in_directory && named.is_made();
            }
            return;
        }
        // Who makes a directory makes none of the secrets in it.
        let is_made = !is_in_directory && named.is_made();
        let opens_none = named.is_only_named() || is_in_directory && named.opens_no_file_in_it();
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
            is_whole: ends == Ends::BOTH && text.trim() == written && !is_in_directory,
            in_a_call: here.in_a_call,
            privileged: here.privileged,
            is_linked: named.is_linked(),
            is_made,
            is_mounted: named.is_mounted(),
            is_of_naming_file,
            is_in_directory,
            linked_at: named.next_word().map(str::to_owned),
            is_argument: self.is_argument(written),
            is_guarded: named.is_asked_for() || named.is_asked_for_in_a_variable(&self.script),
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
