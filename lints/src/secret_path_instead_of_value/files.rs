//! How a service that wants a value takes a file all the same.

use inventory::Reference;

use super::found;
use crate::{Confidence, Diagnostic, HostContext};

/// Settings whose service reads a file that is written so: before and after the path.
const EXPANDED: [(&[&str], &str, &str); 1] =
    [(&["services", "grafana", "settings"], "$__file{", "}")];

/// The value that makes the service read the file, whose path is this expression; `None` if it has no such syntax.
fn expanded(reference: &Reference, path: &str) -> Option<String> {
    let mut known = EXPANDED.iter();
    let (_, before, after) = known.find(|(settings, ..)| reference.is_in(settings))?;
    Some(format!("\"{before}${{{path}}}{after}\""))
}

/// The line that names the file under the name with `_FILE`, where the same set does so for another secret.
pub(super) fn of_the_file(cx: &HostContext<'_>, reference: &Reference) -> Option<(String, String)> {
    let (name, before) = reference.option.split_last()?;
    let is_upper = |name: &str| !name.contains(|c: char| c.is_ascii_lowercase());
    let known = cx.paths().find_map(|other| {
        let (name, of) = other.option.split_last()?;
        (of == before && name.ends_with("_FILE") && is_upper(name)).then_some(name)
    })?;
    let option = reference.option_path();
    let line = format!("{option}_FILE = config.{}.path;", cx.subject_of(reference));
    let help = format!("name the file, as `{known}` does");
    is_upper(name).then_some((help, line))
}

/// The finding about a setting of a service, with what it takes instead where that is known.
pub(super) fn setting(cx: &HostContext<'_>, reference: &Reference) -> Diagnostic {
    let found = found(
        cx,
        reference,
        "the service takes this text for the secret itself",
    )
    .confidence(Confidence::Medium)
    .note("settings are written to a file as they are: the service gets the text of the path");
    let option = reference.option_path();
    let path = format!("config.{}.path", cx.subject_of(reference));
    if let Some(value) = expanded(reference, &path) {
        return found.help(
            "let the service read the file",
            format!("{option} = {value};"),
        );
    }
    match of_the_file(cx, reference) {
        Some(line) => found.help(line.0, line.1),
        None => found.advice(
            "use the option or setting that names a file, or render the settings from a template",
        ),
    }
}
