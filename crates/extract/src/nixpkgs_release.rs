//! Which releases of nixpkgs a project may be built from, by its lock.

use flake_lock::{Attribute, Lock, Locked, Node};
use nix_eval::flake::project_of_input;
use nix_eval::value::KnownProject;

/// A release as a number: 2511 for 25.11.
pub(crate) type Release = u16;

/// The releases in which something holds; both ends included, `None` for no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ReleaseRange {
    since: Option<Release>,
    until: Option<Release>,
}

impl ReleaseRange {
    /// `25.11`, `-25.11`, `26.05-`, `24.05-25.11`; `None` if it is none of these.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let end = |text: &str| match text {
            "" => Some(None),
            text => release(text).map(Some),
        };
        let (since, until) = text.split_once('-').unwrap_or((text, text));
        let range = Self {
            since: end(since)?,
            until: end(until)?,
        };
        (range != Self::default()).then_some(range)
    }

    fn holds(self, release: Release) -> bool {
        self.since.is_none_or(|since| since <= release)
            && self.until.is_none_or(|until| release <= until)
    }
}

/// `25.11`
fn release(text: &str) -> Option<Release> {
    let (year, month) = text.split_once('.')?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
        is_number.then(|| text.parse::<Release>().ok()).flatten()
    };
    Some(number(year)? * 100 + number(month)?)
}

/// The nixpkgs that a project locks, as far as that tells releases apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Releases {
    /// The first and the last release that each of them may be like; none if nothing is known.
    all: Vec<(Release, Release)>,
}

impl Releases {
    /// Those of the inputs of the project's flake.
    pub(crate) fn of(lock: &Lock) -> Self {
        let nodes = lock.input_paths().into_iter();
        let nodes = nodes.filter_map(|(id, path)| match path.as_slice() {
            [name] => Some((lock.node(id), name.to_string())),
            _ => None,
        });
        let of_nixpkgs = nodes.filter(|(node, name)| {
            let reference = node.locked.as_ref().map(ToString::to_string);
            let project = project_of_input(name, reference.as_deref().unwrap_or_default());
            project == Some(KnownProject::Nixpkgs)
        });
        let known: Option<Vec<_>> = of_nixpkgs.map(|(node, _)| of_node(node)).collect();
        Self {
            all: known.unwrap_or_default(),
        }
    }

    /// Whether a range has all of them; `None` if that is not known, or differs.
    pub(crate) fn are_in(&self, range: ReleaseRange) -> Option<bool> {
        if range == ReleaseRange::default() {
            return Some(true);
        }
        let holds =
            |(first, last): &(Release, Release)| match (range.holds(*first), range.holds(*last)) {
                (true, true) => Some(true),
                (false, false) => Some(false),
                _ => None,
            };
        let mut all = self.all.iter().map(holds);
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }
}

/// The first and the last release that a locked nixpkgs may be like.
fn of_node(node: &Node) -> Option<(Release, Release)> {
    let named = { node.original.iter().chain(&node.locked) }.find_map(named_release);
    if let Some(release) = named {
        return Some((release, release));
    }
    // A revision of its own may be one of a release's branch.
    let is_pinned = { node.original.as_ref() }.is_none_or(|it| it.revision().is_some());
    let locked = node.locked.as_ref().filter(|_| !is_pinned)?;
    let modified = locked
        .attributes()
        .find(|(name, _)| *name == "lastModified")?;
    match modified.1 {
        Attribute::Integer(seconds) => Some(between(*seconds)),
        Attribute::Text(_) | Attribute::Bool(_) => None,
    }
}

/// The release that the branch of a reference, or its channel, is named after.
fn named_release(reference: &Locked) -> Option<Release> {
    let texts = ["ref", "url", "id"].into_iter();
    texts
        .filter_map(|name| reference.text(name))
        .find_map(|text| {
            let mut parts = text.split(['-', '/']);
            parts.find_map(|part| release(part.get(..5).filter(|_| is_release(part))?))
        })
}

/// Whether a part of a name is a release's: `25.11`, `25.11pre123.abc`.
fn is_release(part: &str) -> bool {
    let rest = part.get(5..);
    rest.is_some_and(|rest| {
        !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') || rest.is_empty()
    })
}

/// Between which releases a state of the development branch is: what it has is that of the one before or that
/// of the next. Releases branch off in May and November, late in the month.
fn between(seconds: i64) -> (Release, Release) {
    // Days since the first of January 2000; the fourths of a day that years are longer even out.
    const DAY: i64 = 86_400;
    let days = seconds.div_euclid(DAY) - 10_957;
    let year = (4 * days).div_euclid(1461);
    let day = days - (1461 * year + 3).div_euclid(4);
    let year = Release::try_from(year.clamp(0, 600)).unwrap_or_default();
    let (spring, autumn) = (year * 100 + 5, year * 100 + 11);
    // In these months a release branches off, and it is open on which side of that a state is.
    match day {
        ..120 => (spring - 94, spring),
        120..152 => (spring - 94, autumn),
        152..304 => (spring, autumn),
        304..335 => (spring, spring + 100),
        _ => (autumn, spring + 100),
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use super::*;

    fn releases(nodes: &[(&str, &str, i64)]) -> Releases {
        let inputs = nodes
            .iter()
            .map(|(name, ..)| format!("\"{name}\": \"{name}\""));
        let inputs = inputs.collect::<Vec<_>>().join(",");
        let nodes = nodes.iter().map(|(name, original, modified)| {
            format!(
                "\"{name}\": {{ \"locked\": {{ \"type\": \"github\", \"owner\": \"NixOS\", \"repo\": \"nixpkgs\", \
                 \"rev\": \"0123\", \"lastModified\": {modified} }}, \"original\": {{ \"type\": \"github\", \
                 \"owner\": \"NixOS\", \"repo\": \"nixpkgs\" {original} }} }},"
            )
        });
        let nodes: String = nodes.collect();
        let text = format!(
            "{{ \"nodes\": {{ {nodes} \"root\": {{ \"inputs\": {{ {inputs} }} }} }}, \"root\": \"root\", \"version\": 7 }}"
        );
        Releases::of(&Lock::parse(&text).unwrap())
    }

    /// In days since 1970.
    const DAY: i64 = 86_400;

    #[test]
    fn a_branch_is_a_release_and_a_date_lies_between_two() {
        let old = ReleaseRange::parse("-25.11").unwrap();
        let new = ReleaseRange::parse("26.05-").unwrap();
        let of = |original: &str, modified: i64| {
            let releases = releases(&[("nixpkgs", original, modified)]);
            (releases.are_in(old), releases.are_in(new))
        };
        let (is_old, is_new) = ((Some(true), Some(false)), (Some(false), Some(true)));
        // 2025-10-01, 2026-02-01, 2026-05-20, 2026-07-01
        let [autumn, winter, spring, summer] =
            [20_362, 20_485, 20_593, 20_635].map(|day| day * DAY);
        assert_eq!(of(", \"ref\": \"nixos-25.11\"", summer), is_old);
        assert_eq!(of(", \"ref\": \"nixos-25.11-small\"", summer), is_old);
        assert_eq!(of(", \"ref\": \"nixpkgs-26.05-darwin\"", summer), is_new);
        assert_eq!(of(", \"ref\": \"nixos-unstable\"", autumn), is_old);
        assert_eq!(of(", \"ref\": \"nixos-unstable\"", winter), (None, None));
        assert_eq!(of(", \"ref\": \"nixos-unstable\"", spring), (None, None));
        assert_eq!(of("", summer), is_new);
        // The revision of a release that still gets changes.
        assert_eq!(of(", \"rev\": \"0123\"", summer), (None, None));
    }

    #[test]
    fn all_of_them_have_to_agree() {
        let new = ReleaseRange::parse("26.05-").unwrap();
        let both = [
            ("nixpkgs", ", \"ref\": \"nixos-26.05\"", 0),
            ("nixpkgs-stable", ", \"ref\": \"nixos-25.11\"", 0),
        ];
        assert_eq!(releases(&both).are_in(new), None);
        assert_eq!(releases(&[]).are_in(new), None);
        assert_eq!(releases(&[]).are_in(ReleaseRange::default()), Some(true));
    }

    #[test]
    fn dates_are_between_the_releases_around_them() {
        // 2024-01-01, 2024-05-10, 2024-06-05, 2024-11-10, 2024-12-05
        let days = [19_723, 19_853, 19_879, 20_037, 20_062].map(|day| between(day * DAY));
        assert_eq!(
            days,
            [
                (2311, 2405),
                (2311, 2411),
                (2405, 2411),
                (2405, 2505),
                (2411, 2505)
            ]
        );
    }

    #[test]
    fn ranges_are_what_they_say() {
        for text in ["", "-", "25", "25.1", "a-b", "25.11-x"] {
            assert_eq!(ReleaseRange::parse(text), None, "{text}");
        }
        let range = ReleaseRange::parse("24.05-24.11").unwrap();
        assert!(range.holds(2405) && range.holds(2411));
        assert!(!range.holds(2311) && !range.holds(2505));
    }
}
