//! A unit as a configuration gives it, and the paths that it uses.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};
use nix_syntax::source::{Root, Span};
use rustc_hash::FxHashMap;

use crate::host_view::HostView;
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::values::{Options, possible_values};
use inventory::model::{ContentUse, UNIT_SCRIPTS};

/// Options that the service manager opens itself, before it changes to the unit's user
/// (systemd.exec(5)).
pub(crate) const BY_MANAGER: [&str; 4] = [
    "EnvironmentFile",
    "LoadCredential",
    "LoadCredentialEncrypted",
    "StandardInput",
];

/// What a setting of a unit takes the content of a file for.
pub(crate) fn content_use(setting: &str) -> ContentUse {
    match setting {
        "EnvironmentFile" => ContentUse::EnvironmentFile,
        _ => ContentUse::Value,
    }
}

/// Options of `serviceConfig` that are commands or end up in the process's environment.
const COMMANDS: [&str; 8] = [
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecCondition",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
    "Environment",
];

/// What of a unit decides who it runs as.
pub(crate) struct Unit<'a> {
    /// Without `.service`.
    pub(crate) name: &'a str,
    pub(crate) options: Options,
    /// Its `serviceConfig`, or `Service` in Home Manager.
    pub(crate) service: Option<Options>,
    pub(crate) certain: bool,
    /// Whether a module of an input defines it.
    pub(crate) is_of_input: bool,
}

impl Unit<'_> {
    /// A setting of the unit, if there is one.
    pub(crate) fn setting(&self, evaluator: &mut Evaluator, name: &str) -> Option<Entry> {
        self.service?.entry(evaluator, name)
    }

    /// A Boolean of the unit: as Nix's own or as systemd writes it. `Err` if it is not known.
    pub(crate) fn flag(&self, evaluator: &mut Evaluator, name: &str) -> Result<bool, ()> {
        let Some(entry) = self.setting(evaluator, name) else {
            return Ok(false);
        };
        match evaluator.force(entry.value) {
            Ok(Value::Bool(value)) => Ok(value),
            Ok(value @ Value::String(_)) => match evaluator.expect_text(value).as_deref() {
                Ok("yes" | "true" | "on" | "1") => Ok(true),
                Ok("no" | "false" | "off" | "0") => Ok(false),
                _ => Err(()),
            },
            _ => Err(()),
        }
    }
}

/// Whether a module of an input defines an option, or an element of one.
fn is_of_input(evaluator: &Evaluator, entry: Entry) -> bool {
    let Some(record) = evaluator.option_record(entry.value) else {
        return false;
    };
    let is_input = |at: Span| matches!(at.file.key().root, Root::Input(_));
    record.definitions.iter().any(|definition| {
        let binding = evaluator.binding_place(definition.position);
        let at = binding.map(|place| place.name);
        at.or_else(|| evaluator.origin_span(definition.value))
            .is_some_and(is_input)
    })
}

/// A unit that is not turned off.
pub(crate) fn unit<'a>(
    evaluator: &mut Evaluator,
    name: &'a str,
    entry: Entry,
    service: &str,
) -> Option<Unit<'a>> {
    let (set, is_known) = match evaluator.force_attrs(entry.value) {
        Ok(set) => (set, true),
        Err(_) => {
            let mut values = possible_values(evaluator, entry.value).into_iter();
            let set = values.find_map(|value| evaluator.force_attrs(value).ok())?;
            (set, false)
        }
    };
    let options = Options { set };
    let enable = match options.entry(evaluator, "enable") {
        None => Some(true),
        Some(entry) => match evaluator.force(entry.value) {
            Ok(Value::Bool(enable)) => Some(enable),
            _ => None,
        },
    };
    if enable == Some(false) {
        return None;
    }
    Some(Unit {
        name,
        options,
        service: options.path(evaluator, &[service]).ok(),
        certain: is_known && entry.maybe.is_none() && enable.is_some(),
        is_of_input: is_of_input(evaluator, entry),
    })
}

/// Finds the paths that the fields of a unit use. `home` is the home directory of whoever runs it.
pub(crate) fn fields(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    unit: &Unit<'_>,
    home: Option<&str>,
) -> Vec<(&'static str, PathUse)> {
    let query = Query {
        home,
        ..Query::default()
    };
    let in_service = BY_MANAGER.iter().chain(&COMMANDS);
    let mut entries: Vec<(&'static str, Option<Entry>)> = in_service
        .map(|field| (*field, unit.setting(evaluator, field)))
        .collect();
    for field in UNIT_SCRIPTS.into_iter().chain(["environment"]) {
        let entry = unit.options.entry(evaluator, field);
        entries.push((field, entry));
    }
    let mut all: Vec<(&'static str, PathUse)> = Vec::new();
    for (field, entry) in entries {
        let Some(entry) = entry else { continue };
        // One access for each field, whichever of its commands it is; the unprivileged one counts.
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        for path_use in path_uses(evaluator, view, entry, query) {
            let at = *known.entry(path_use.path.clone()).or_insert(all.len());
            match all.get_mut(at) {
                Some((_, other)) if other.privileged && !path_use.privileged => *other = path_use,
                Some(_) => {}
                None => all.push((field, path_use)),
            }
        }
    }
    all
}
