//! Directories that the configuration itself gives to a user: tmpfiles rules, `chown` in activation
//! scripts.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Thunk, UnknownId, Value};

use crate::search::holes::{HOLE, with_holes};
use crate::values::{Options, items, possible_values, unknown};
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

impl Given {
    fn may_have_more(&mut self, evaluator: &Evaluator, why: UnknownId) {
        self.open.get_or_insert_with(|| unknown(evaluator, why));
    }
}

/// Finds them.
pub(crate) fn find(evaluator: &mut Evaluator, config: Options) -> Given {
    let mut found = Given::default();
    if let Ok(tmpfiles) = config.path(evaluator, &["systemd", "tmpfiles"]) {
        rules(evaluator, tmpfiles, &mut found);
        settings(evaluator, tmpfiles, &mut found);
    }
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

/// `systemd.tmpfiles.rules = [ "d /home/alice/.secrets 0700 alice users -" ];`
fn rules(evaluator: &mut Evaluator, tmpfiles: Options, found: &mut Given) {
    let Some(rules) = tmpfiles.entry(evaluator, "rules") else {
        return;
    };
    match evaluator.force_list(rules.value) {
        Ok(_) => each_rule(evaluator, rules.value, found),
        Err(why) => {
            found.may_have_more(evaluator, why);
            // One definition that is not known hides no other.
            for value in possible_values(evaluator, rules.value) {
                each_rule(evaluator, value, found);
            }
        }
    }
}

fn each_rule(evaluator: &mut Evaluator, rules: Thunk, found: &mut Given) {
    let list = evaluator.force_list(rules);
    if let Some(why) = list.ok().and_then(|list| evaluator.list_uncertainty(list)) {
        found.may_have_more(evaluator, why);
    }
    for (item, _) in items(evaluator, rules) {
        match evaluator.force(item) {
            Ok(Value::String(id)) => {
                let rule = with_holes(evaluator.string_parts(id)).into_owned();
                found.directories.extend(of_rule(&rule));
                if rule
                    .split_whitespace()
                    .nth(1)
                    .is_none_or(|path| path.contains(HOLE))
                {
                    let why = Unknown::because("a path in systemd.tmpfiles.rules is not known");
                    found.open.get_or_insert(why);
                }
            }
            Ok(_) => {}
            Err(why) => found.may_have_more(evaluator, why),
        }
    }
}

fn of_rule(rule: &str) -> Option<OwnedDirectory> {
    let mut words = rule.split_whitespace().map(|word| word.trim_matches('"'));
    let kind = words
        .next()?
        .trim_end_matches(['!', '-', '=', '~', '^', '$', '+']);
    let path = words.next()?;
    let user = words.nth(1)?;
    owned(kind, path, user)
}

fn owned(kind: &str, path: &str, user: &str) -> Option<OwnedDirectory> {
    let is_owned = TYPES.contains(&kind) && !matches!(user, "-" | "root" | "0");
    (is_owned && path.starts_with('/')).then(|| OwnedDirectory {
        path: path.trim_end_matches('/').to_owned(),
        recursive: kind == "Z",
    })
}

/// `systemd.tmpfiles.settings.secrets."/home/alice/.secrets".d.user = "alice";`
fn settings(evaluator: &mut Evaluator, tmpfiles: Options, found: &mut Given) {
    let Ok(settings) = tmpfiles.set(evaluator, "settings") else {
        return;
    };
    let set = |evaluator: &mut Evaluator, entry: Entry| {
        let set = evaluator.force_attrs(entry.value).ok();
        set.map(|set| (Options { set }).entries(evaluator))
            .unwrap_or_default()
    };
    for (_, file) in settings.entries(evaluator) {
        for (path, rules) in set(evaluator, file) {
            for (kind, rule) in set(evaluator, rules) {
                let Ok(options) = evaluator.force_attrs(rule.value) else {
                    continue;
                };
                let user = (Options { set: options }).text(evaluator, "user");
                // A user that is not known is somebody.
                let user = user.known().map_or("?", String::as_str);
                found.directories.extend(owned(&kind, &path, user));
            }
        }
    }
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
    use super::{chown, of_rule};

    #[test]
    fn rules_of_tmpfiles() {
        let path = |rule| of_rule(rule).map(|found| (found.path, found.recursive));
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
