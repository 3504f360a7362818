//! Credentials that options are given, judged by their evaluated values: however they get there, from another file,
//! through a function, out of a file that is read.

use std::path::PathBuf;

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Hole, StringData, StringPart, Symbol, UnknownId, Value};

use crate::host_view::HostView;
use crate::host_view::secret_paths::SecretMatcher;
use crate::repository::given::{judge, takes_a_credential};
use crate::search::narrow_span::written_span;
use crate::search::walk::{Anchor, Here, Step, Visitor, Way, walk};
use crate::values::{Options, file_path};
use inventory::model::{GivenCredential, GivenFrom, OptionPath};

/// The options of a system that are searched: those of the table of literal options, and environments.
const OF_SYSTEM: [&[&str]; 8] = [
    &["environment", "sessionVariables"],
    &["environment", "variables"],
    &["networking"],
    &["services"],
    &["systemd", "network", "netdevs"],
    &["systemd", "services"],
    &["users", "users"],
    &["virtualisation", "oci-containers", "containers"],
];

/// The same for Home Manager.
const OF_HOME: [&[&str]; 3] = [
    &["home", "sessionVariables"],
    &["systemd", "user", "services"],
    &["systemd", "user", "sessionVariables"],
];

/// Attributes of sets that are no settings: packages, types, configurations.
const OF_ANOTHER_KIND: [&str; 5] = ["_type", "_module", "outPath", "drvPath", "functor"];

/// What holds the name of whom a password is of, in the set of the password.
const NAMES: [&str; 7] = [
    "user", "username", "database", "dbname", "dbuser", "name", "login",
];

/// What a finding takes, in bytes.
const BYTES_OF_A_FINDING: usize = 512;

/// Finds the credentials in the options of a host, sorted.
pub(super) fn find(evaluator: &mut Evaluator, view: &HostView<'_>) -> Vec<GivenCredential> {
    let mut search = Search {
        texts: &view.secret_texts,
        found: Vec::new(),
        of_another_kind: OF_ANOTHER_KIND.map(|name| evaluator.symbol(name)),
        enable: evaluator.symbol("enable"),
    };
    if let Some(config) = view.system {
        search.configuration(evaluator, config, &OF_SYSTEM);
    }
    for home in view.homes {
        search.configuration(evaluator, home.config, &OF_HOME);
    }
    search.found.sort();
    search.found.dedup();
    search.found
}

struct Search<'a> {
    texts: &'a SecretMatcher,
    found: Vec<GivenCredential>,
    of_another_kind: [Symbol; OF_ANOTHER_KIND.len()],
    enable: Symbol,
}

impl Search<'_> {
    fn configuration(&mut self, evaluator: &mut Evaluator, config: Options, roots: &[&[&str]]) {
        for root in roots {
            let Some((last, above)) = root.split_last() else {
                continue;
            };
            let options = config.path(evaluator, above).ok();
            if let Some(entry) = options.and_then(|options| options.entry(evaluator, last)) {
                walk(evaluator, root, entry, self);
            }
        }
    }

    /// Adds a credential at the place where its option is defined by the user.
    fn add(&mut self, evaluator: &mut Evaluator, way: &Way, from: GivenFrom) {
        if let Some(at) = written_span(evaluator, &way.anchors)
            && evaluator.count_kept(BYTES_OF_A_FINDING).is_ok()
        {
            let names = names(evaluator, way);
            self.found.push(GivenCredential {
                option: OptionPath::new(names),
                at,
                from,
            });
        }
    }

    /// What a value holds of a file of secrets that is not encrypted.
    fn withheld(&mut self, evaluator: &mut Evaluator, why: UnknownId, way: &Way, here: Here) {
        if !here.certain || here.in_a_call {
            return;
        }
        let Some(file) = evaluator.withheld_file(why) else {
            return;
        };
        let file = PathBuf::from(file);
        if takes_a_credential(&names(evaluator, way)) {
            let file = file_path(evaluator.sources.workspace(), &file);
            self.add(evaluator, way, GivenFrom::File(file));
        }
    }
}

/// The attributes that lead to a value.
fn names<'a>(evaluator: &'a Evaluator, way: &'a Way) -> Vec<&'a str> {
    let steps = way.option.iter();
    let names = steps.filter_map(|step| match step {
        Step::Attribute(name) => Some(evaluator.name_ref(*name)),
        Step::Element => None,
    });
    names.collect()
}

/// Whether a text is the name of the user or database beside it: that of a local socket, or one for form's sake.
fn is_the_name_beside(evaluator: &mut Evaluator, way: &Way, text: &str) -> bool {
    let sets = way.anchors.iter().rev().filter_map(|anchor| match anchor {
        Anchor::Set(entry) => Some(entry.value),
        Anchor::Entry(_) | Anchor::Item(_) => None,
    });
    let Some(set) = sets.into_iter().next() else {
        return false;
    };
    let Ok(set) = evaluator.force_attrs(set) else {
        return false;
    };
    for entry in evaluator.entries_by_name(set) {
        let lower = evaluator.name_ref(entry.name).to_ascii_lowercase();
        let last = lower.rsplit(['_', '-']).next().unwrap_or_default();
        if NAMES.contains(&last)
            && let Ok(Value::String(id)) = evaluator.force(entry.value)
            && evaluator
                .string_parts(id)
                .text()
                .is_some_and(|it| **it == *text)
        {
            return true;
        }
    }
    false
}

impl Visitor for Search<'_> {
    // What is reported is certain.
    const VISITS_POSSIBLE: bool = false;
    const VISITS_ONCE: bool = true;

    fn enters_declared(&mut self, _: &Evaluator, _: &Way) -> bool {
        true
    }

    fn enters_set(
        &mut self,
        evaluator: &mut Evaluator,
        set: AttrsId,
        _: &Way,
        here: &mut Here,
    ) -> Option<Vec<Symbol>> {
        let has = |name: &Symbol| evaluator.attribute(set, *name).is_some();
        if here.in_a_call || self.of_another_kind.iter().any(has) {
            return None;
        }
        let enable = evaluator.attribute(set, self.enable);
        let is_off =
            enable.is_some_and(|entry| evaluator.force(entry.value) == Ok(Value::Bool(false)));
        (!is_off).then(Vec::new)
    }

    fn visit_string(
        &mut self,
        evaluator: &mut Evaluator,
        string: &StringData,
        way: &Way,
        here: &mut Here,
    ) {
        if !here.certain || here.in_a_call {
            return;
        }
        match string {
            StringData::Text(text) => {
                let Some(found) = judge(&names(evaluator, way), text) else {
                    return;
                };
                // The path of a file is no credential, whatever is before it.
                let matches = self.texts.find(text);
                let names_a_file = !matches.secrets.is_empty()
                    || !matches.managed.is_empty()
                    || text.contains("/run/");
                if !names_a_file && !is_the_name_beside(evaluator, way, text) {
                    let from = GivenFrom::Value {
                        length: found.length,
                        confidence: found.confidence,
                    };
                    self.add(evaluator, way, from);
                }
            }
            StringData::Parts(parts) => {
                for part in parts.iter() {
                    if let StringPart::Hole(Hole::Unknown(why)) = part {
                        self.withheld(evaluator, *why, way, *here);
                    }
                }
            }
        }
    }

    fn visit_path(&mut self, _: &mut Evaluator, _: &str, _: &Way, _: Here) {}

    fn visit_failed(&mut self, evaluator: &mut Evaluator, why: UnknownId, way: &Way, here: Here) {
        self.withheld(evaluator, why, way, here);
    }
}
