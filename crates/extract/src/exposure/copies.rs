//! Copies of secrets' files that a system makes: rules of tmpfiles, commands of activation scripts.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};
use nix_syntax::source::Span;

use crate::host_view::HostView;
use crate::values::{Options, is_users, items, text};
use inventory::model::FileCopy;

/// The copies of declared secrets, sorted.
pub(crate) fn copies(
    evaluator: &mut Evaluator,
    system: Options,
    view: &HostView<'_>,
) -> Vec<FileCopy> {
    let mut found = Vec::new();
    if let Ok(tmpfiles) = system.path(evaluator, &["systemd", "tmpfiles"]) {
        rules(evaluator, tmpfiles, &mut found);
        settings(evaluator, tmpfiles, &mut found);
    }
    if let Ok(scripts) = system.path(evaluator, &["system", "activationScripts"]) {
        for (name, entry) in scripts.entries(evaluator) {
            script(evaluator, &name, entry, &mut found);
        }
    }
    found.retain(|copy| view.secret_at(&copy.from, None).is_some());
    found.sort();
    found.dedup();
    found
}

/// `systemd.tmpfiles.rules = [ "C /etc/app/key 0644 root root - /run/secrets/key" ];`
fn rules(evaluator: &mut Evaluator, tmpfiles: Options, found: &mut Vec<FileCopy>) {
    let Some(rules) = tmpfiles.entry(evaluator, "rules") else {
        return;
    };
    for (item, maybe) in items(evaluator, rules.value) {
        let Ok(value @ Value::String(_)) = evaluator.force(item) else {
            continue;
        };
        if let (Ok(rule), None) = (text(evaluator, value), maybe) {
            let at = evaluator.origin_span(item).filter(|at| is_users(*at));
            found.extend(of_rule(&rule, at));
        }
    }
}

fn of_rule(rule: &str, at: Option<Span>) -> Option<FileCopy> {
    let words: Vec<&str> = rule
        .split_whitespace()
        .map(|word| word.trim_matches('"'))
        .collect();
    let [kind, to, mode, user, _, _, from, ..] = words.as_slice() else {
        return None;
    };
    is_copy(kind).then(|| copy("systemd.tmpfiles.rules", (from, to), mode, user, at))
}

/// Whether the type of a rule is that of a copy: `C`, with whatever signs.
fn is_copy(kind: &str) -> bool {
    kind.trim_end_matches(['!', '-', '=', '~', '^', '$', '+', '?']) == "C"
}

fn copy(by: &str, (from, to): (&str, &str), mode: &str, user: &str, at: Option<Span>) -> FileCopy {
    let mode = mode.trim_start_matches([':', '~']);
    FileCopy {
        from: from.to_owned(),
        to: to.to_owned(),
        by: by.to_owned(),
        owner: match user.trim_start_matches(':') {
            "-" | "" | "0" => Some("root".to_owned()),
            user => Some(user.to_owned()),
        },
        mode: u32::from_str_radix(mode, 8).ok().filter(|it| *it <= 0o7777),
        at,
    }
}

/// `systemd.tmpfiles.settings.app."/etc/app/key".C = { mode = "0644"; argument = "/run/secrets/key"; };`
fn settings(evaluator: &mut Evaluator, tmpfiles: Options, found: &mut Vec<FileCopy>) {
    let Ok(settings) = tmpfiles.set(evaluator, "settings") else {
        return;
    };
    let set = |evaluator: &mut Evaluator, entry: Entry| {
        let set = evaluator.force_attrs(entry.value).ok();
        set.filter(|_| entry.maybe.is_none())
            .map(|set| (Options { set }).entries(evaluator))
            .unwrap_or_default()
    };
    for (_, file) in settings.entries(evaluator) {
        for (path, rules) in set(evaluator, file) {
            for (kind, rule) in set(evaluator, rules) {
                let Ok(options) = evaluator.force_attrs(rule.value) else {
                    continue;
                };
                let options = Options { set: options };
                let from = options.text(evaluator, "argument");
                let Some(from) = from.known().filter(|_| is_copy(&kind)) else {
                    continue;
                };
                let value = |evaluator: &mut Evaluator, name: &str| {
                    let value = options.text(evaluator, name);
                    value.known().cloned().unwrap_or_else(|| "-".to_owned())
                };
                let (mode, user) = (value(evaluator, "mode"), value(evaluator, "user"));
                let by = "systemd.tmpfiles.settings";
                found.push(copy(by, (from, &path), &mode, &user, None));
            }
        }
    }
}

/// The commands of an activation script: `cp`, `install`, `cat … >`.
fn script(evaluator: &mut Evaluator, name: &str, entry: Entry, found: &mut Vec<FileCopy>) {
    let value = match evaluator.force(entry.value) {
        Ok(Value::Attrs(set)) => {
            let text = (Options { set }).entry(evaluator, "text");
            text.map(|text| (text.value, evaluator.force(text.value)))
        }
        value => Some((entry.value, value)),
    };
    let Some((thunk, Ok(value @ Value::String(_)))) = value else {
        return;
    };
    let Ok(script) = text(evaluator, value) else {
        return;
    };
    let at = evaluator.origin_span(thunk).filter(|at| is_users(*at));
    let by = format!("system.activationScripts.{name}");
    for line in script.lines() {
        found.extend(command(line).map(|(from, to, mode)| FileCopy {
            from: from.to_owned(),
            to: to.to_owned(),
            by: by.clone(),
            owner: None,
            mode,
            at,
        }));
    }
}

/// What a command copies where, and with what mode if it says so.
fn command(line: &str) -> Option<(&str, &str, Option<u32>)> {
    let words: Vec<&str> = line
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', ';']))
        .collect();
    let program = |word: &&&str| {
        let name = word.rsplit('/').next();
        matches!(name, Some("cp" | "install" | "cat"))
    };
    let at = words.iter().position(|word| program(&word))?;
    let (command, rest) = words.get(at..)?.split_first()?;
    if command.ends_with("cat") {
        return match rest {
            [from, ">", to] => Some((from, to, None)),
            _ => None,
        };
    }
    if rest
        .iter()
        .any(|word| matches!(*word, "-s" | "-d" | "--symbolic-link"))
    {
        return None;
    }
    let mode = rest.iter().enumerate().find_map(|(at, word)| {
        let joined = word
            .strip_prefix("--mode=")
            .or_else(|| word.strip_prefix("-m").filter(|mode| !mode.is_empty()));
        let next = || rest.get(at + 1).copied().filter(|_| *word == "-m");
        joined.or_else(next)
    });
    let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
    match rest {
        [.., from, to] if from.starts_with('/') && to.starts_with('/') => Some((from, to, mode)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{command, of_rule};

    #[test]
    fn rules_that_copy() {
        let found =
            |rule| of_rule(rule, None).map(|copy| (copy.from, copy.to, copy.owner, copy.mode));
        let of = |owner: &str, mode| {
            let owned = |text: &str| text.to_owned();
            Some((
                owned("/run/secrets/k"),
                owned("/etc/k"),
                Some(owned(owner)),
                mode,
            ))
        };
        assert_eq!(
            found("C /etc/k 0644 root root - /run/secrets/k"),
            of("root", Some(0o644))
        );
        assert_eq!(
            found("C+! /etc/k - alice - - /run/secrets/k"),
            of("alice", None)
        );
        assert_eq!(
            found("\"C+\" \"/etc/k\" \":0440\" - - - \"/run/secrets/k\""),
            of("root", Some(0o440))
        );
        assert_eq!(found("L /etc/k - - - - /run/secrets/k"), None);
        assert_eq!(found("C /etc/k"), None);
    }

    #[test]
    fn commands_that_copy() {
        assert_eq!(
            command("  /bin/install -D -m 0644 /run/secrets/k /etc/k"),
            Some(("/run/secrets/k", "/etc/k", Some(0o644)))
        );
        assert_eq!(
            command("cp '/run/secrets/k' /etc/k;"),
            Some(("/run/secrets/k", "/etc/k", None))
        );
        assert_eq!(
            command("cat /run/secrets/k > /etc/k"),
            Some(("/run/secrets/k", "/etc/k", None))
        );
        assert_eq!(
            command("install -m640 /run/secrets/k /k"),
            Some(("/run/secrets/k", "/k", Some(0o640)))
        );
        for other in [
            "cp -s /run/secrets/k /etc/k",
            "cat /run/secrets/k | sha256sum",
            "install -d /x /y",
        ] {
            assert_eq!(command(other), None, "{other}");
        }
    }
}
