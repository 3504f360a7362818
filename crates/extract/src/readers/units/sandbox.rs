//! What a unit's settings take from its processes: capabilities, and files that they do not see (systemd.exec(5)).

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::HostView;
use crate::readers::units::unit::Unit;
use crate::values::{Options, items, text};
use inventory::access::{Groups, by_permissions};
use inventory::model::{Need, Principal, Readable, Reader, Unknown, Verdict};

/// Capabilities by which root reads what permissions close to it (capabilities(7)).
const READ_ALL: [&str; 2] = ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"];

/// Settings after which the whole file system is another.
const ROOTS: [&str; 2] = ["RootDirectory", "RootImage"];

/// Settings whose paths are not seen, or seen empty.
const HIDES: [&str; 2] = ["InaccessiblePaths", "TemporaryFileSystem"];

/// Settings whose paths are seen again.
const SHOWS: [&str; 2] = ["BindPaths", "BindReadOnlyPaths"];

/// What `ProtectHome=` hides.
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// What a unit's settings take from its processes.
#[derive(Debug, Default)]
pub(super) struct Sandbox {
    /// Whether root keeps a capability by which it reads every file; `None` if that is not known.
    keeps_privilege: Option<bool>,
    /// The setting that gives it another root.
    root: Option<&'static str>,
    /// Paths that it does not see, each with the setting.
    hidden: Vec<(String, &'static str)>,
    /// Paths that are seen for all that.
    shown: Vec<String>,
}

impl Sandbox {
    pub(super) fn of(evaluator: &mut Evaluator, unit: &Unit<'_>) -> Self {
        let bounds = unit.setting(evaluator, "CapabilityBoundingSet");
        let keeps_privilege = match bounds.map(|entry| texts(evaluator, entry)) {
            None => Some(true),
            Some(Ok(values)) => Some(keeps_privilege(&values)),
            Some(Err(())) => None,
        };
        let mut found = Self {
            keeps_privilege,
            ..Self::default()
        };
        for name in ROOTS {
            let values = unit
                .setting(evaluator, name)
                .map(|entry| texts(evaluator, entry));
            // Of one that is not known it is not known either what is in it.
            let is_another = |values: Result<Vec<String>, ()>| {
                values.map_or(true, |values| {
                    values.iter().any(|it| !matches!(it.as_str(), "" | "/"))
                })
            };
            if values.is_some_and(is_another) {
                found.root = Some(name);
            }
        }
        let confinement = unit.options.path(evaluator, &["confinement"]).ok();
        if let Some(confinement) = confinement
            && confinement.entry(evaluator, "enable").is_some()
            && confinement.boolean(evaluator, "enable").known() == Some(&true)
        {
            found.root = Some("confinement");
        }
        for name in HIDES {
            let paths = paths(evaluator, unit, name);
            found
                .hidden
                .extend(paths.into_iter().map(|path| (path, name)));
        }
        if hides_homes(evaluator, unit) {
            found
                .hidden
                .extend(HOMES.map(|path| (path.to_owned(), "ProtectHome")));
        }
        for name in SHOWS {
            found.shown.extend(paths(evaluator, unit, name));
        }
        found
    }

    /// Takes back a verdict that does not hold in the sandbox.
    pub(super) fn narrow(&self, view: &HostView<'_>, reader: &mut Reader) {
        let Some(path) = reader.path.known() else {
            return;
        };
        let is_shown = self.shown.iter().any(|shown| is_below(path, shown));
        let hidden = self
            .hidden
            .iter()
            .find(|(hidden, _)| is_below(path, hidden));
        let by = self
            .root
            .or_else(|| hidden.map(|(_, setting)| *setting))
            .filter(|_| !is_shown);
        if let Some(setting) = by {
            undecide(
                reader,
                &format!("`{setting}` of the unit may hide the file from it"),
            );
            return;
        }
        let is_root = reader.user.known().is_some_and(Principal::is_root);
        let secret = reader.secret.and_then(|index| view.secrets.get(index));
        let (true, Some(secret)) = (is_root && reader.verdict.readable == Readable::Yes, secret)
        else {
            return;
        };
        if self.keeps_privilege == Some(true) {
            return;
        }
        let groups = reader.groups.known().cloned().unwrap_or_default();
        let mut groups = Groups::only(groups);
        groups.names.push("root".to_owned());
        let verdict = by_permissions(secret, &Principal::root(), &groups);
        match (verdict.readable, self.keeps_privilege) {
            (Readable::Yes, _) => {}
            (Readable::No, Some(false)) => {
                let reason = format!(
                    "root has no CAP_DAC_OVERRIDE there (`CapabilityBoundingSet`), and {}",
                    verdict.reason
                );
                reader.verdict = Verdict { reason, ..verdict };
            }
            (_, Some(_)) => undecide(
                reader,
                "root has no CAP_DAC_OVERRIDE there (`CapabilityBoundingSet`)",
            ),
            (_, None) => undecide(reader, "`CapabilityBoundingSet` of the unit is not known"),
        }
    }
}

fn undecide(reader: &mut Reader, reason: &str) {
    reader.verdict = Verdict {
        readable: Readable::Unknown,
        reason: reason.to_owned(),
    };
    reader.needs = Some(Need::Value(Unknown::because(reason)));
}

/// Whether a bounding set keeps a capability by which root reads every file. An empty setting empties it, one
/// that begins with `~` takes from it, another gives to it (systemd.exec(5)).
fn keeps_privilege(settings: &[String]) -> bool {
    let mut kept: Option<Vec<&str>> = None;
    for setting in settings {
        let setting = setting.trim();
        let (names, is_taken) = match setting.strip_prefix('~') {
            Some(names) => (names, true),
            None => (setting, false),
        };
        let has = |name: &str| {
            let mut words = names.split_whitespace();
            words.any(|word| word.eq_ignore_ascii_case(name))
        };
        let before = kept.take();
        kept = Some(if setting.is_empty() {
            Vec::new()
        } else if is_taken {
            let mut rest = before.unwrap_or_else(|| READ_ALL.to_vec());
            rest.retain(|name| !has(name));
            rest
        } else {
            let mut more = before.unwrap_or_default();
            more.extend(READ_ALL.into_iter().filter(|name| has(name)));
            more
        });
    }
    kept.is_none_or(|kept| !kept.is_empty())
}

/// The texts of a setting, one or a list of them; `Err` if one is not known, or may be there.
fn texts(evaluator: &mut Evaluator, entry: Entry) -> Result<Vec<String>, ()> {
    if entry.maybe.is_some() {
        return Err(());
    }
    match evaluator.force(entry.value).map_err(|_| ())? {
        Value::Null => Ok(Vec::new()),
        Value::List(list) => {
            if evaluator.list_uncertainty(list).is_some() {
                return Err(());
            }
            let items = items(evaluator, entry.value);
            let each = items.into_iter().map(|(item, maybe)| {
                let value = evaluator.force(item).map_err(|_| ())?;
                let text = text(evaluator, value).map_err(|_| ())?;
                if maybe.is_some() { Err(()) } else { Ok(text) }
            });
            each.collect()
        }
        value => Ok(vec![text(evaluator, value).map_err(|_| ())?]),
    }
}

/// The paths of a setting inside the unit, without signs and options: `-/run:ro`, `/host:/inside`.
fn paths(evaluator: &mut Evaluator, unit: &Unit<'_>, setting: &str) -> Vec<String> {
    let Some(entry) = unit.setting(evaluator, setting) else {
        return Vec::new();
    };
    let values = texts(evaluator, entry).unwrap_or_default();
    let words = values.iter().flat_map(|value| value.split_whitespace());
    let paths = words.filter_map(|word| {
        let mut parts = word.trim_start_matches(['-', '+']).split(':');
        let first = parts.next()?;
        let inside = parts
            .next()
            .filter(|it| SHOWS.contains(&setting) && it.starts_with('/'));
        Some(inside.unwrap_or(first).to_owned())
    });
    paths.collect()
}

fn hides_homes(evaluator: &mut Evaluator, unit: &Unit<'_>) -> bool {
    let options = unit.service;
    let is_tmpfs = |options: Options, evaluator: &mut Evaluator| {
        options.entry(evaluator, "ProtectHome").is_some()
            && options
                .text(evaluator, "ProtectHome")
                .known()
                .is_some_and(|text| text == "tmpfs")
    };
    unit.flag(evaluator, "ProtectHome") == Ok(true)
        || options.is_some_and(|options| is_tmpfs(options, evaluator))
}

/// Whether a path is another, or lies in it. A manager's directory is a link to one beside it: `/run/agenix.d`.
fn is_below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let is_in = |directory: &str| {
        let rest = path.strip_prefix(directory);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_in(directory) || directory.strip_suffix(".d").is_some_and(is_in)
}

#[cfg(test)]
mod tests {
    use super::{is_below, keeps_privilege};

    #[test]
    fn a_bounding_set_takes_the_privilege_of_root() {
        let keeps = |settings: &[&str]| {
            let owned: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
            keeps_privilege(&owned)
        };
        assert!(keeps(&[]));
        assert!(!keeps(&[""]));
        assert!(!keeps(&["CAP_NET_BIND_SERVICE"]));
        assert!(keeps(&["CAP_NET_RAW cap_dac_override"]));
        assert!(keeps(&["CAP_DAC_READ_SEARCH", "CAP_NET_RAW"]));
        assert!(keeps(&["~CAP_SYS_ADMIN"]));
        assert!(keeps(&["~CAP_DAC_OVERRIDE"]));
        assert!(!keeps(&["~CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH"]));
        assert!(!keeps(&["~CAP_DAC_OVERRIDE", "~CAP_DAC_READ_SEARCH"]));
        assert!(!keeps(&["CAP_DAC_OVERRIDE", ""]));
        assert!(keeps(&["", "CAP_DAC_OVERRIDE"]));
    }

    #[test]
    fn a_directory_hides_what_lies_in_it() {
        assert!(is_below("/run/agenix/a", "/run"));
        assert!(is_below("/run/agenix/a", "/run/agenix/"));
        assert!(is_below("/run/agenix/a", "/run/agenix.d"));
        assert!(is_below("/run/agenix/a", "/run/agenix/a"));
        assert!(is_below("/run/agenix/a", "/"));
        assert!(!is_below("/run/agenix/ab", "/run/agenix/a"));
        assert!(!is_below("/run/agenix", "/run/secrets.d"));
    }
}
