//! Where values use the paths of secrets: the visitor that finds what processes open.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Entry, StringData, StringPart, Symbol, Value};
use nix_syntax::source::Span;

use crate::host_view::HostView;
use crate::host_view::secret_paths::StandsFor;
use crate::readers::option_pattern::ELEMENT;
use crate::search::managed_paths::{Ends, written_from_home, written_paths};
use crate::search::narrow_span::path_span;
use crate::search::walk::{Here, Step, Visitor, Way, walk};

/// Attributes of a derivation of which it is not made.
const ABOUT_A_DERIVATION: [&str; 6] = ["all", "meta", "out", "outPath", "passthru", "tests"];

/// How much of a line before a path is kept, in characters: the command, not what is generated before it.
const MAX_BEFORE: usize = 300;

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
    /// Whether it is certainly there.
    pub(crate) certain: bool,
    /// Whether a module of the project declares the option: who uses it is seen elsewhere.
    pub(crate) in_own_option: bool,
}

impl PathUse {
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
}

/// A path in a text.
struct Written<'a> {
    /// The text, or the part of one between two interpolations.
    text: &'a str,
    /// Which ends of the whole text that part reaches.
    ends: Ends,
    /// The path as it is written there.
    written: &'a str,
    path: &'a str,
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
        self.text(evaluator, path, Ends::BOTH, way, here);
    }
}

impl Search<'_> {
    fn text(&mut self, evaluator: &mut Evaluator, text: &str, ends: Ends, way: &Way, here: Here) {
        let view = self.view;
        let matches = view.secret_texts.find(text);
        for (known, _) in matches.secrets {
            if let StandsFor::Path(path) = &known.stands_for {
                let written = &known.text;
                let found = Written {
                    text,
                    ends,
                    written,
                    path,
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
                        path,
                    };
                    self.add(evaluator, found, way, here);
                }
            }
            let more = view.managed_directories;
            for path in written_paths(text, ends, matches.managed, more) {
                let found = Written {
                    text,
                    ends,
                    written: path,
                    path,
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
            path,
        } = found;
        let names = way.option.iter();
        let option: Vec<&str> = names
            .map(|step| match step {
                Step::Attribute(name) => evaluator.name_ref(*name),
                Step::Element => ELEMENT,
            })
            .collect();
        let is_known = |known: &PathUse| known.path == path && known.option == option;
        if self.found.iter().any(is_known) {
            return;
        }
        let option = option.into_iter().map(str::to_owned).collect();
        let before = text
            .find(written)
            .and_then(|at| text.get(..at))
            .unwrap_or_default();
        let line = line_before(before);
        let cut = line
            .char_indices()
            .rev()
            .nth(MAX_BEFORE)
            .map_or(0, |(at, _)| at);
        let secret = self.view.secret_at(path, None);
        let secret = secret.and_then(|index| self.view.secrets.get(index));
        let attribute = secret.map(|secret| secret.attribute.as_str());
        let at = path_span(evaluator, &way.anchors, path, attribute);
        self.found.push(PathUse {
            path: path.to_owned(),
            at,
            option,
            before: line.get(cut..).unwrap_or_default().to_owned(),
            is_whole: ends == Ends::BOTH && text.trim() == written,
            in_a_call: here.in_a_call,
            privileged: here.privileged,
            is_linked: is_linked(text, written),
            certain: here.certain,
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

/// The end of a text from the beginning of its last line on; a line that ends in a backslash goes on.
fn line_before(text: &str) -> &str {
    let mut breaks = text.rmatch_indices('\n').map(|(at, _)| at);
    let start = breaks.find(|at| {
        let line = text.get(..*at).unwrap_or_default();
        !line.ends_with('\\')
    });
    start.and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

/// Whether each command of a text that names a path makes a link to it: `ln -s`, `cp -s`.
fn is_linked(text: &str, path: &str) -> bool {
    let mut places = text.match_indices(path).peekable();
    places.peek().is_some()
        && places.all(|(at, _)| {
            let line = line_before(text.get(..at).unwrap_or_default());
            let command = line.rsplit([';', '|', '&', '(', '`', '{']).next();
            let mut words = command.unwrap_or_default().split_whitespace();
            let links = |word: &str| matches!(word, "-s" | "--symbolic-link");
            match words.find_map(|word| {
                word.rsplit('/')
                    .next()
                    .filter(|it| matches!(*it, "ln" | "cp"))
            }) {
                Some("cp") => words.any(links),
                program => program.is_some(),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_links_to_a_path_does_not_open_it() {
        let linked = |text: &str| is_linked(text, "/run/secrets/x");
        assert!(linked("mkdir y; ln -sf /run/secrets/x y"));
        assert!(linked("/bin/ln \\\n  --symbolic \\\n  /run/secrets/x y"));
        assert!(linked("cp -s /run/secrets/x y && ln -s /run/secrets/x z"));
        assert!(!linked("cp /run/secrets/x y"));
        assert!(!linked("ln -s /run/secrets/x y; cat /run/secrets/x"));
        assert!(!linked("ln -s a b\ncat /run/secrets/x"));
        assert!(!linked("ln -s a b && cat /run/secrets/x"));
        assert!(!linked("/run/secrets/x"));
    }
}
