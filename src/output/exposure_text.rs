//! Who else can read a secret, and what would decide its readers, for people.

use inventory::{Other, SourceMap, Span, Who, Why};

use super::place::place;
use crate::display::escape;
use crate::report::Names;

/// How many names one group shows.
const MOST: usize = 6;

/// The place of something in words that follow it: ` (default.nix:423)`.
pub(crate) type Place<'a> = &'a dyn Fn(Option<Span>) -> String;

/// Shows places of the project.
pub(super) fn place_of<'a>(
    sources: &'a SourceMap,
    names: &'a Names,
) -> impl Fn(Option<Span>) -> String + 'a {
    move |at| {
        let at = at.and_then(|at| place(sources, names, at));
        at.map_or_else(String::new, |at| {
            format!(" ({}:{})", escape(&at.file), at.line)
        })
    }
}

/// Who else can read a secret, those for the same reason together: `group hermes: martin (default.nix:423)`.
pub(crate) fn others(others: &[Other], place: Place<'_>) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for other in others {
        let (title, name) = in_group(other);
        let name = format!("{name}{}", place(other.at));
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, names)) if !title.is_empty() => names.push(name),
            _ => groups.push((title, vec![name])),
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|(title, names)| {
            let shown = shortened(names.iter().map(String::as_str));
            if title.is_empty() {
                shown
            } else {
                format!("{title}: {shown}")
            }
        })
        .collect()
}

/// The group that somebody is shown in, and the name there.
fn in_group(other: &Other) -> (String, String) {
    let who = escape(&other.who.to_string());
    match (&other.who, &other.why) {
        (Who::Root, Why::IsRoot) => (String::new(), who),
        (Who::User(_), Why::Owner) => (String::new(), format!("{who}, who owns it")),
        (Who::User(_), Why::Member(group)) => (format!("group {}", escape(group)), who),
        (Who::Unit(name), Why::RunsAs(user)) => {
            (format!("units that run as {}", escape(user)), escape(name))
        }
        (Who::Unit(name), Why::HasGroup(group)) => {
            (format!("units with group {}", escape(group)), escape(name))
        }
        (Who::Unit(name), Why::Capability(capability)) => {
            (format!("units with {}", escape(capability)), escape(name))
        }
        (_, Why::Template { name, why }) => (
            format!("template {}", escape(name)),
            format!("{who}, {}", escape(&why.to_string())),
        ),
        (_, why) => (
            String::new(),
            format!("{who}, {}", escape(&why.to_string())),
        ),
    }
}

/// Names with commas; of many the first ones.
pub(crate) fn shortened<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown: Vec<&str> = all.iter().take(MOST).copied().collect();
    match all.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
