//! Where values use the paths of secrets: the visitor that finds what processes open.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Entry, StringData, StringPart, Symbol, Value};
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use crate::host_view::HostView;
use crate::host_view::secret_paths::StandsFor;
use crate::managers::MANAGERS;
use crate::readers::option_pattern::ELEMENT;
use crate::search::managed_paths::{
    Ends, MANAGED, is_whole, written_directories, written_from_home, written_paths,
};
use crate::search::narrow_span::{WrittenTexts, path_span};
use crate::search::walk::{Here, Step, Visitor, Way, walk};

/// Attributes of a derivation of which it is not made.
const ABOUT_A_DERIVATION: [&str; 6] = ["all", "meta", "out", "outPath", "passthru", "tests"];

/// What a use of a path takes until its reader is known, and that reader after it, in bytes.
const BYTES_OF_A_USE: usize = 2048;

/// Programs that make whatever they are given.
const MAKES_ALL: [&str; 5] = ["mkdir", "mkfifo", "tee", "touch", "truncate"];

/// Programs that make the last of the files that they are given.
const MAKES_LAST: [&str; 5] = ["cp", "install", "ln", "mv", "rsync"];

/// Options after which a program is told where to write.
const OUTPUT_OPTIONS: [&str; 6] = [
    " -o",
    " of=",
    " --out",
    " --output",
    " --out=",
    " --output=",
];

/// How much of a line before a path is kept, in characters: the command, not what is generated before it.
const MAX_BEFORE: usize = 300;

/// How much of a line before a path is read, in bytes: no command is longer, and a line may name
/// thousands of paths.
const MAX_LINE: usize = 4 << 10;

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
        const BECOME: [&str; 7] = [
            "sudo",
            "doas",
            "pkexec",
            "run0",
            "su",
            "runuser",
            "machinectl",
        ];
        let words = || {
            self.before
                .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
        };
        words().any(|word| BECOME.contains(&word))
            // The other machine's user, unless it is the key that `ssh` itself opens.
            || words().any(|word| word == "ssh") && !self.is_identity()
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
        asks: false,
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
    /// Whether the text that is visited asks whether the file in a variable can be read.
    asks: bool,
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
        self.asks = match string {
            StringData::Text(text) => asks_for_a_variable(text),
            StringData::Parts(parts) => parts
                .iter()
                .any(|part| matches!(part, StringPart::Text(text) if asks_for_a_variable(text))),
        };
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
        self.asks = false;
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
                for path in view.by_path.below(directory).take(MAX_IN_DIRECTORY) {
                    let found = Written {
                        text,
                        ends,
                        written: directory,
                        places: None,
                        path,
                        is_of_naming_file: false,
                        is_in_directory: true,
                    };
                    self.add(evaluator, found, way, here);
                }
            }
            for path in written_paths(text, ends, matches.managed, more) {
                if is_directory(path) || view.by_path.is_directory(path) {
                    continue;
                }
                let found = Written {
                    text,
                    ends,
                    written: path,
                    places: None,
                    path,
                    is_of_naming_file: false,
                    is_in_directory: false,
                };
                self.add(evaluator, found, way, here);
            }
        }
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
        let named = || match places {
            Some(places) => Named::at(text, written, places),
            None => Named::find(text, written),
        };
        if let Some(index) = self.known.get(&key) {
            // The parts of a script between its interpolations are texts of their own.
            let known = self.found.get_mut(*index).filter(|known| !known.is_made);
            if let Some(known) = known {
                known.is_made = !is_in_directory && named().is_made();
            }
            return;
        }
        let named = named();
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
        let secret = self.view.secret_at(path, None);
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
            is_guarded: self.asks || named.is_asked_for(),
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

/// The end of a text from the beginning of its last line on; a line that ends in a backslash goes on. Of a
/// line that is longer than [`MAX_LINE`] the end.
fn line_before(text: &str) -> &str {
    let from = text.len().saturating_sub(MAX_LINE);
    let text = (from..text.len()).find_map(|at| text.get(at..));
    let text = text.unwrap_or_default();
    let mut breaks = text.rmatch_indices('\n').map(|(at, _)| at);
    let start = breaks.find(|at| {
        let line = text.get(..*at).unwrap_or_default();
        !line.ends_with('\\')
    });
    start.and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

/// Whether a test asks whether the file in a variable can be read: `[ -r "$file" ]`.
fn asks_for_a_variable(text: &str) -> bool {
    let asks = ["-r \"$", "-r $", "-r \"\\$", "-r '$"];
    asks.iter().any(|words| text.contains(words))
}

/// Whether a path is that of a manager's directory itself.
fn is_directory(path: &str) -> bool {
    let is_it = |managed: &String| managed.strip_suffix('/') == Some(path);
    let mut templates = MANAGERS.iter().filter_map(|it| it.templates.as_ref());
    MANAGED.iter().any(is_it) || templates.any(|templates| templates.directory == path)
}

/// A path in a text, by where the text has it: nothing here searches the whole text, of which each of many
/// paths asks.
struct Named<'a> {
    text: &'a str,
    path: &'a str,
    /// The offsets, in bytes, of the path, ascending and without overlaps.
    places: Vec<usize>,
}

impl<'a> Named<'a> {
    /// That path at those offsets.
    fn at(text: &'a str, path: &'a str, places: &[usize]) -> Self {
        let mut end = 0;
        let mut places = places.to_vec();
        places.retain(|at| {
            let is_apart = *at >= end;
            if is_apart {
                end = at + path.len();
            }
            is_apart
        });
        Self { text, path, places }
    }

    /// The same, wherever the text has it.
    fn find(text: &'a str, path: &'a str) -> Self {
        let places = text.match_indices(path).map(|(at, _)| at).collect();
        Self { text, path, places }
    }

    fn before(&self, at: usize) -> &'a str {
        self.text.get(..at).unwrap_or_default()
    }

    /// The text before the first place, in its line.
    fn line_before_first(&self) -> &'a str {
        let first = self.places.first().copied();
        line_before(self.before(first.unwrap_or_default()))
    }

    /// The words of the command that names the path, before it, for each place where the text does.
    fn commands(&self) -> impl Iterator<Item = Vec<&'a str>> {
        let places = self.places.iter().copied();
        let places = places.filter(|at| is_whole(self.text, *at, self.path.len()));
        places.map(|at| {
            let before = self.before(at);
            let line = line_before(before);
            let command = line.rsplit([';', '|', '&', '(', '`', '{']).next();
            let command = command.unwrap_or_default();
            // The first word of a command that is longer than what is read of it may be half of one.
            let earlier = before.get(..before.len() - line.len()).unwrap_or_default();
            let is_cut =
                command.len() == line.len() && !earlier.is_empty() && !earlier.ends_with('\n');
            let mut words = command.split_whitespace();
            let first = words.next().map(|word| if is_cut { "" } else { word });
            first.into_iter().chain(words).collect()
        })
    }

    /// Whether every command that names the path does no more than that: it opens no file.
    fn is_only_named(&self) -> bool {
        let names = |words: Vec<&str>| {
            let program = words.first().and_then(|word| word.rsplit('/').next());
            let is_such = matches!(
                program,
                Some(
                    "chgrp"
                        | "chmod"
                        | "chown"
                        | "echo"
                        | "find"
                        | "ls"
                        | "printf"
                        | "rm"
                        | "stat"
                        | "wait4path"
                )
            );
            // The pattern of `find`, whose own name may be an interpolation.
            let word = words.last().map(|word| word.trim_matches(['"', '\'']));
            let is_redirected = word.is_some_and(|word| word.ends_with(['<', '>']));
            is_such && !is_redirected || matches!(word, Some("-path" | "-wholename"))
        };
        let mut commands = self.commands().peekable();
        commands.peek().is_some() && commands.all(names)
    }

    /// Whether every command that names the path, a directory's, opens no file in it.
    fn opens_no_file_in_it(&self) -> bool {
        let opens_none = |words: Vec<&str>| {
            let program = words.first().and_then(|word| word.rsplit('/').next());
            matches!(
                program,
                Some("[" | "[[" | "cd" | "mkdir" | "mount" | "test")
            )
        };
        let mut commands = self.commands().peekable();
        commands.peek().is_some() && commands.all(opens_none)
    }

    /// Whether a command of the text makes the file or directory at the path: `> PATH`, `mkdir PATH`, `cp x PATH`.
    fn is_made(&self) -> bool {
        let places = self.places.iter().copied();
        let mut places = places.filter(|at| is_whole(self.text, *at, self.path.len()));
        places.any(|at| {
            let line = line_before(self.before(at));
            let line = line.trim_end_matches(['"', '\'']).trim_end();
            if line.ends_with('>') || OUTPUT_OPTIONS.iter().any(|option| line.ends_with(option)) {
                return true;
            }
            let command = line.rsplit([';', '|', '&', '(', '`', '{']).next();
            let mut words = command.unwrap_or_default().split_whitespace();
            let program = words.find_map(|word| {
                let word = word.trim_matches(['"', '\'']);
                let program = word.rsplit('/').next()?;
                let makes_all = MAKES_ALL.contains(&program);
                (makes_all || MAKES_LAST.contains(&program)).then_some(makes_all)
            });
            match program {
                Some(true) => true,
                Some(false) => {
                    let is_operand = |word: &str| !word.starts_with('-') || word == "-d";
                    words.any(is_operand) && self.is_last_word(at)
                }
                None => false,
            }
        })
    }

    /// Whether the path at that place is the last word of its command.
    fn is_last_word(&self, at: usize) -> bool {
        let rest = self.text.get(at + self.path.len()..).unwrap_or_default();
        let rest = rest.trim_start_matches(['"', '\'']);
        let rest = rest.trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with(['\n', ';', '|', '&', ')', '}', '#'])
    }

    /// Whether each command that names the path mounts it in a container: `-v PATH:INSIDE`, `--volume=PATH:INSIDE`.
    fn is_mounted(&self) -> bool {
        let is_volume = |at: &usize| {
            let before = self
                .before(*at)
                .trim_end_matches(['"', '\'', '=', '\\', ' ', '\n']);
            let flag = before.split_whitespace().next_back();
            let after = self.text.get(at + self.path.len()..).unwrap_or_default();
            matches!(flag, Some("-v" | "--volume")) && after.starts_with(':')
        };
        !self.places.is_empty() && self.places.iter().all(is_volume)
    }

    /// The word after the path in the command that names it first.
    fn next_word(&self) -> Option<&'a str> {
        let rest = self.text.get(self.places.first()? + self.path.len()..)?;
        let line = rest.lines().next()?.trim_start_matches(['"', '\'']);
        let is_apart = line.starts_with(char::is_whitespace);
        let word = line.split_whitespace().next().filter(|_| is_apart)?;
        let word = word.trim_matches(['"', '\'', ';']);
        (!word.starts_with('-')).then_some(word)
    }

    /// Whether each command that names the path makes a link to it: `ln -s`, `cp -s`.
    fn is_linked(&self) -> bool {
        let links = |words: Vec<&str>| {
            let mut words = words.into_iter();
            let program = words.find_map(|word| {
                let program = word.rsplit('/').next();
                program.filter(|it| matches!(*it, "ln" | "cp"))
            });
            match program {
                Some("cp") => words.any(|word| matches!(word, "-s" | "--symbolic-link")),
                program => program.is_some(),
            }
        };
        let mut commands = self.commands().peekable();
        commands.peek().is_some() && commands.all(links)
    }

    /// Whether a test asks whether the file at the path can be read: `[ -r PATH ]`.
    fn is_asked_for(&self) -> bool {
        self.places.iter().any(|at| {
            let before = self.before(*at);
            before.trim_end_matches(['"', '\'']).ends_with("-r ")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_line_is_read() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        let long = "ä".repeat(MAX_LINE);
        assert!(line_before(&long).len() <= MAX_LINE);
        assert_eq!(line_before("a\nb \\\nc"), "b \\\nc");
        let text = format!("{}; rm /run/secrets/x", "a ".repeat(MAX_LINE));
        assert!(named(&text));
        // What is left of a word that was cut is no program.
        let text = format!(
            "{}rm{}/run/secrets/x",
            "ä".repeat(9),
            " ".repeat(MAX_LINE - 2)
        );
        assert!(!named(&text));
    }

    #[test]
    fn a_command_that_links_to_a_path_does_not_open_it() {
        let linked = |text: &str| Named::find(text, "/run/secrets/x").is_linked();
        assert!(linked("mkdir y; ln -sf /run/secrets/x y"));
        assert!(linked("/bin/ln \\\n  --symbolic \\\n  /run/secrets/x y"));
        assert!(linked("cp -s /run/secrets/x y && ln -s /run/secrets/x z"));
        assert!(!linked("cp /run/secrets/x y"));
        assert!(!linked("ln -s /run/secrets/x y; cat /run/secrets/x"));
        assert!(!linked("ln -s a b\ncat /run/secrets/x"));
        assert!(!linked("ln -s a b && cat /run/secrets/x"));
        assert!(!linked("/run/secrets/x"));
    }

    #[test]
    fn a_command_that_makes_a_file() {
        let made = |text: &str| Named::find(text, "/run/secrets/x").is_made();
        for text in [
            "sops -d a | grep -v b > /run/secrets/x\nchmod 400 /run/secrets/x",
            ": > \"/run/secrets/x\"",
            "printf '%s' \"$K\" >>\"/run/secrets/x\"",
            "/bin/mkdir -p /run/secrets/x",
            "echo a | sudo tee -a /run/secrets/x >/dev/null",
            "install -m 0400 /dev/stdin /run/secrets/x",
            "cp \"$src\" /run/secrets/x && true",
            "ln -sfn /persist/x /run/secrets/x",
            "age -d -o /run/secrets/x a.age",
            "dd if=/dev/zero of=/run/secrets/x",
            "curl --output '/run/secrets/x' https://example.org",
        ] {
            assert!(made(text), "{text}");
        }
        for text in [
            "cat /run/secrets/x > /etc/y",
            "cp /run/secrets/x /etc/y",
            "ln -s /run/secrets/x",
            "chmod 400 /run/secrets/x",
            "app --token-file /run/secrets/x",
            "test -f /run/secrets/x",
            "install -m 0400 /run/secrets/x /etc/y",
            "cat < /run/secrets/x",
        ] {
            assert!(!made(text), "{text}");
        }
    }

    #[test]
    fn a_volume_is_opened_inside_the_container() {
        let mounted = |text: &str| Named::find(text, "/run/secrets/x").is_mounted();
        assert!(mounted(
            "docker run \\\n  --volume /run/secrets/x:/run/x:ro \\\n  image"
        ));
        assert!(mounted("podman run -v \"/run/secrets/x:/x\" image"));
        assert!(mounted("podman run --volume=/run/secrets/x:/x image"));
        assert!(!mounted("grep -v /run/secrets/x"));
        assert!(!mounted(
            "docker run -v /run/secrets/x:/x i; cat /run/secrets/x"
        ));
        assert!(!mounted("docker run --env-file /run/secrets/x i"));
    }

    #[test]
    fn a_command_that_only_names_a_path_does_not_open_it() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        assert!(named("/bin/wait4path /run/secrets/x; rm -f /run/secrets/x"));
        assert!(named(
            "chown a:b \"/run/secrets/x\" || true\nchmod 0400 /run/secrets/x"
        ));
        assert!(!named("chown a /run/secrets/x; cat /run/secrets/x"));
        assert!(named("echo \"no /run/secrets/x\" >&2"));
        assert!(named(" \\\n  /run -type f ! -path /run/secrets/x"));
        assert!(!named("echo $(cat /run/secrets/x)"));
        assert!(!named("echo x; cat /run/secrets/x"));
        assert!(!named("echo made > /run/secrets/x"));
        assert!(!named("printf '%s' \"$K\" >\"/run/secrets/x\""));
        assert!(!named("/run/secrets/x"));
    }

    #[test]
    fn places_that_overlap_are_one() {
        let text = "a/a/a/a /a/a";
        let known = Named::at(text, "/a/a", &[1, 3, 8]);
        assert_eq!(known.places, Named::find(text, "/a/a").places);
    }

    #[test]
    fn a_script_looks_whether_it_can_read() {
        assert!(asks_for_a_variable(
            "f=x; if [ -r \"$f\" ]; then cat \"$f\"; fi"
        ));
        assert!(!asks_for_a_variable("[ -f \"$f\" ] && cat \"$f\""));
        let asks = |text: &str| Named::find(text, "/run/secrets/x").is_asked_for();
        assert!(asks("test -r /run/secrets/x && cat it"));
        assert!(!asks("jq -r . /run/secrets/x"));
    }
}
