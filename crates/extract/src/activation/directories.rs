//! Directories that the configuration itself gives to a user: tmpfiles rules, `chown` in activation
//! scripts.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use super::tmpfiles::{Rule, Rules};
use crate::search::holes::with_holes;
use crate::values::Options;
use inventory::model::{OwnedDirectory, Unknown};

/// The types of tmpfiles rules that set the owner of a directory; the capital `Z` of all below it.
const TYPES: [&str; 8] = ["d", "D", "e", "v", "q", "Q", "z", "Z"];

/// What the configuration gives away.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The directories, sorted.
    pub(crate) directories: Vec<OwnedDirectory>,
    /// Why there may be more, if so.
    pub(crate) open: Option<Unknown>,
}

/// Finds them.
pub(crate) fn find(evaluator: &mut Evaluator, config: Options, tmpfiles: &Rules) -> Given {
    let mut found = Given {
        directories: tmpfiles.rules.iter().filter_map(owned).collect(),
        open: tmpfiles.open.clone(),
    };
    if let Ok(scripts) = config.path(evaluator, &["system", "activationScripts"]) {
        for (_, entry) in scripts.entries(evaluator) {
            let script = script_text(evaluator, entry);
            found.directories.extend(script.lines().filter_map(chown));
        }
    }
    found.directories.sort();
    found.directories.dedup();
    found
}

/// The directory that a rule gives to another user than root; one who is not known is somebody.
fn owned(rule: &Rule) -> Option<OwnedDirectory> {
    let is_roots = matches!(rule.user.as_deref(), Some("-" | "root" | "0"));
    let is_owned = TYPES.contains(&rule.kind.as_str()) && !is_roots;
    (is_owned && rule.path.starts_with('/')).then(|| OwnedDirectory {
        path: rule.path.trim_end_matches('/').to_owned(),
        recursive: rule.kind == "Z",
    })
}

/// The text of an activation script; what is not known of it is left out.
fn script_text(evaluator: &mut Evaluator, entry: Entry) -> String {
    let value = match evaluator.force(entry.value) {
        Ok(Value::Attrs(set)) => {
            let text = (Options { set }).entry(evaluator, "text");
            text.map(|text| evaluator.force(text.value))
        }
        value => Some(value),
    };
    let Some(Ok(Value::String(id))) = value else {
        return String::new();
    };
    with_holes(evaluator.string_parts(id)).into_owned()
}

/// `chown -R alice:users /home/alice/.config`, `install -d -o alice /home/alice/.config`
fn chown(line: &str) -> Option<OwnedDirectory> {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| !matches!(word.rsplit('/').next(), Some("chown" | "install")));
    let command = words.next()?.rsplit('/').next()?;
    let words: Vec<&str> = words.collect();
    let has = |flag: &str| words.contains(&flag);
    let gives_away = match command {
        "chown" => words
            .iter()
            .find(|word| !word.starts_with('-'))
            .is_some_and(|owner| !owner.starts_with("root") && !owner.starts_with(':')),
        _ => {
            has("-d")
                && words
                    .iter()
                    .any(|word| word.starts_with("-o") || word.starts_with("--owner"))
        }
    };
    let path = words.last()?.trim_matches(['"', '\'', ';']);
    (gives_away && path.starts_with('/')).then(|| OwnedDirectory {
        path: path.trim_end_matches('/').to_owned(),
        recursive: command == "chown" && (has("-R") || has("--recursive")),
    })
}

#[cfg(test)]
mod tests {
    use super::{chown, owned};
    use crate::activation::tmpfiles::of_line;

    #[test]
    fn rules_of_tmpfiles() {
        let path = |rule| {
            let found = of_line(rule).as_ref().and_then(owned)?;
            Some((found.path, found.recursive))
        };
        let secrets = || "/home/alice/.secrets".to_owned();
        assert_eq!(
            path("d /home/alice/.secrets 0700 alice users -"),
            Some((secrets(), false))
        );
        assert_eq!(
            path("Z /home/alice/.secrets - alice users"),
            Some((secrets(), true))
        );
        assert_eq!(
            path("d! /home/alice/.secrets/ 0700 alice users"),
            Some((secrets(), false))
        );
        for rule in [
            "d /home/alice/.secrets 0700 root root",
            "d /home/alice/.secrets",
            "f /x 0600 alice users",
            "",
        ] {
            assert_eq!(path(rule), None, "{rule}");
        }
    }

    #[test]
    fn scripts_that_give_a_directory_away() {
        let path = |line| chown(line).map(|found| (found.path, found.recursive));
        let config = || "/home/alice/.config".to_owned();
        assert_eq!(
            path("  chown -R alice:users /home/alice/.config"),
            Some((config(), true))
        );
        assert_eq!(
            path("/bin/chown alice \"/home/alice/.config\""),
            Some((config(), false))
        );
        assert_eq!(
            path("install -d -m 0700 -o alice /home/alice/.config"),
            Some((config(), false))
        );
        for line in [
            "chown root:root /etc/x",
            "mkdir -p /home/alice/.config",
            "chown alice $HOME",
            "install -d /x",
        ] {
            assert_eq!(path(line), None, "{line}");
        }
    }
}
