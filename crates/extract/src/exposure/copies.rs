//! Copies of secrets' files that a system makes: rules of tmpfiles, commands of activation scripts.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::activation::tmpfiles::{Rule, Rules};
use crate::host_view::HostView;
use crate::values::{Options, is_users, text};
use inventory::model::FileCopy;

/// The copies of declared secrets, sorted.
pub(crate) fn copies(
    evaluator: &mut Evaluator,
    system: Options,
    tmpfiles: &Rules,
    view: &HostView<'_>,
) -> Vec<FileCopy> {
    let mut found: Vec<FileCopy> = tmpfiles.rules.iter().filter_map(of_rule).collect();
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

/// The copy that a rule makes: one of type `C`.
fn of_rule(rule: &Rule) -> Option<FileCopy> {
    let from = rule.argument.as_ref()?;
    let mode = rule.mode.as_deref().unwrap_or_default();
    let mode = u32::from_str_radix(mode.trim_start_matches([':', '~']), 8).ok();
    (rule.kind == "C" && rule.certain).then(|| FileCopy {
        from: from.clone(),
        to: rule.path.clone(),
        by: rule.option.to_owned(),
        owner: { rule.user.as_deref() }.map(|user| match user.trim_start_matches(':') {
            "-" | "" | "0" => "root".to_owned(),
            user => user.to_owned(),
        }),
        mode: mode.filter(|it| *it <= 0o7777),
        at: rule.at,
        is_certain: true,
    })
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
    // How many blocks are open: what is in one runs only if its condition holds.
    let mut open = 0_usize;
    for line in script.lines() {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let is_conditional = ["||", "&&"].iter().any(|it| line.contains(it));
        match first.trim_end_matches(';') {
            "if" | "for" | "while" | "until" | "case" => open += 1,
            "fi" | "done" | "esac" | "}" => open = open.saturating_sub(1),
            _ if line.trim_end().ends_with('{') => open += 1,
            _ => {}
        }
        found.extend(command(line).map(|(from, to, mode)| FileCopy {
            from: from.to_owned(),
            to: to.to_owned(),
            by: by.clone(),
            owner: None,
            mode,
            at,
            // What else the script does with the copy may close it, or take it away.
            is_certain: open == 0 && !is_conditional && script.matches(to).count() == 1,
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
    use crate::activation::tmpfiles::of_line;

    #[test]
    fn rules_that_copy() {
        let found = |rule| {
            let copy = of_line(rule).as_ref().and_then(of_rule)?;
            Some((copy.from, copy.to, copy.owner, copy.mode))
        };
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
