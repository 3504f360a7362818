//! `creation-rule-defect`: a rule in `.sops.yaml` does not do what it says, or no rule is for a file.

mod age_rules;

use std::path::Path;

use inventory::secret_files::{Code, Problem, RuleMatch, Weight, looks_like_placeholder};
use inventory::{FilePath, SecretFile, SopsConfigFile, Span};

use crate::context::{span_in, uses};
use crate::one_cause::{Caused, once};
use crate::{Check, Diagnostic, Fixable, Group, Label, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "creation-rule-defect",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a rule in .sops.yaml does not do what it says, or no rule is for a file",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let of_sops = |file: &SecretFile| {
        file.facts
            .as_ref()
            .is_some_and(|facts| facts.sops.is_some())
    };
    let has_files = cx.inventory.files.iter().any(of_sops);
    for config in &cx.inventory.repository.sops_configs {
        // That of a whole repository concerns a project in it only if it is for its files.
        if config.is_beyond && !has_files {
            continue;
        }
        let first = out.len();
        for problem in &config.config.problems {
            let mut found = defect(config, problem);
            if !has_files && matches!(problem.code, Code::BadRecipient | Code::ConfigDeadRule) {
                found = found.severity(Severity::Info);
            }
            if problem.code == Code::BadRecipient && stands_for_a_key(cx, &found) {
                found = found.severity(Severity::Info);
            }
            let mut told = out.iter_mut().skip(first);
            // An alias repeats the key with its mistake.
            match told.find(|told| is_same(told, &found)) {
                Some(told) if problem.code == Code::BadRecipient => {
                    told.secondary.extend(found.primary.map(|label| Label {
                        text: "here too".to_owned(),
                        ..label
                    }));
                }
                _ => out.push(found),
            }
        }
    }
    let files = cx.inventory.files.iter();
    out.extend(once(
        files.filter_map(|file| without_rule(cx, file)).collect(),
    ));
    for file in &cx.inventory.files {
        out.extend(age_rules::without_rule(cx, file));
    }
    if has_files {
        out.extend(
            cx.inventory
                .repository
                .misnamed_sops_configs
                .iter()
                .filter_map(|file| misnamed(cx, file)),
        );
    }
    for rules in &cx.inventory.repository.age_rules {
        out.extend(
            rules
                .rules
                .iter()
                .filter_map(|rule| age_rules::defect(rules, rule)),
        );
    }
}

/// Whether two findings differ by their place alone.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (&a.message, &a.subject, a.severity) == (&b.message, &b.subject, b.severity)
}

/// Whether what is no key is there until there is one: `age1PLACEHOLDER_desk`.
fn stands_for_a_key(cx: &ProjectContext<'_>, found: &Diagnostic) -> bool {
    let Some(at) = found.primary.as_ref().map(|label| label.at) else {
        return false;
    };
    let source = cx.sources.get(at.file);
    source.is_some_and(|source| {
        let text = { source.text() }.get(at.start as usize..at.end as usize);
        text.is_some_and(looks_like_placeholder)
    })
}

/// A file with rules that sops does not look for, where there is no other.
fn misnamed(cx: &ProjectContext<'_>, file: &FilePath) -> Option<Diagnostic> {
    let directory = file.absolute.parent()?;
    let rules = inventory::secret_files::SOPS_CONFIG_NAME;
    let configs = &cx.inventory.repository.sops_configs;
    let is_above = |config: &SopsConfigFile| {
        let above = config.path.absolute.parent();
        above.is_some_and(|above| directory.starts_with(above))
    };
    if configs.iter().any(is_above) {
        return None;
    }
    let path = &file.display;
    let message = format!("{path} is not read: sops looks for {rules}");
    let (before, _) = path
        .rsplit_once('/')
        .map_or(("", ""), |(before, name)| (before, name));
    let right = if before.is_empty() {
        rules.to_owned()
    } else {
        format!("{before}/{rules}")
    };
    Some(
        Diagnostic::new(&LINT, path, message)
            .note("sops creates and updates files as if there were no rules: \"config file not found\"")
            .help("", format!("git mv {path} {right}")),
    )
}

fn defect(config: &SopsConfigFile, problem: &Problem) -> Diagnostic {
    let path = &config.path.display;
    let severity = match problem.code.weight() {
        Weight::Note => Severity::Info,
        Weight::Doubtful | Weight::Broken | Weight::Exposed => Severity::Warning,
    };
    let at = span_in(config.id, problem.span).map(nonempty);
    let found = Diagnostic::new(
        &LINT,
        format!("{path}: {}", problem.code),
        format!("{path}: {}", problem.message),
    )
    .severity(severity)
    .primary(at, label(problem.code));
    let found = match note(problem.code) {
        Some(note) => found.note(note),
        None => found,
    };
    match advice(problem.code) {
        Some(advice) => found.advice(advice),
        None => found,
    }
}

/// What to do about it, where the message does not say that already.
const fn advice(code: Code) -> Option<&'static str> {
    match code {
        Code::ConfigBadRegex | Code::BadRuleRegex => Some(
            "write the pattern without it: two rules often say what one with a lookaround does",
        ),
        Code::ConfigDeadRule => Some("put the rule for fewer files first, or remove this one"),
        Code::ConfigNoRecipients => {
            Some("name the keys of those who may decrypt: `age`, `pgp` or `key_groups`")
        }
        Code::BadRecipient => {
            Some("copy the whole public key: `age1…` from age-keygen -y, or a line of ssh-to-age")
        }
        Code::ConfigUnescapedDot => Some("write `\\.` for a dot"),
        Code::ConfigUndefinedAlias => Some("define it once with `&name` above, under `keys`"),
        _ => None,
    }
}

/// A place of no width is shown as one character.
const fn nonempty(at: Span) -> Span {
    if at.end > at.start {
        at
    } else {
        Span {
            end: at.start + 1,
            ..at
        }
    }
}

const fn label(code: Code) -> &'static str {
    match code {
        Code::ConfigBadRegex | Code::BadRuleRegex => "no pattern that sops can use",
        Code::ConfigDeadRule => "never reached",
        Code::ConfigUnknownKey => "ignored",
        Code::ConfigNoRecipients => "nobody to encrypt to",
        Code::BadRecipient => "no key",
        _ => "here",
    }
}

const fn note(code: Code) -> Option<&'static str> {
    match code {
        Code::ConfigBadRegex => {
            Some("sops compiles the patterns in order and stops at the first that it cannot use")
        }
        Code::ConfigDeadRule => {
            Some("the first rule whose path_regex matches counts, in the order of the file")
        }
        Code::BadRuleRegex => {
            Some("sops ignores the error: values that should be encrypted may stay in clear")
        }
        Code::BadRecipient => Some("sops refuses to encrypt any file that the rule is for"),
        Code::ConfigUnescapedDot => Some("in a regular expression a dot stands for any character"),
        _ => None,
    }
}

/// A sops file that every `.sops.yaml` above it passes over.
fn without_rule(cx: &ProjectContext<'_>, file: &SecretFile) -> Option<Caused> {
    file.facts.as_ref()?.sops.as_ref()?;
    if is_of_clan(&file.path.absolute) {
        return None;
    }
    let mut nearest: Option<(&SopsConfigFile, String)> = None;
    for (config, relative) in cx
        .inventory
        .repository
        .sops_configs_above(&file.path.absolute)
    {
        match config.config.rule_for(&relative) {
            // A file without any rule is a placeholder: the real one is made elsewhere.
            RuleMatch::NoMatch if config.config.rules.as_ref().is_none_or(Vec::is_empty) => {
                return None;
            }
            RuleMatch::NoMatch => {
                nearest.get_or_insert((config, relative));
            }
            // Something else is wrong, or a rule is found.
            RuleMatch::Rule(..) | RuleMatch::BadRegex(..) => return None,
            RuleMatch::NoRules => {}
        }
    }
    let (config, relative) = nearest?;
    let uses = uses(cx.inventory, file);
    let (path, rules) = (&file.path.display, &config.path.display);
    let at = uses.iter().find_map(|(at, ..)| *at);
    let mut found = Diagnostic::new(&LINT, path, format!("no rule in {rules} is for {path}"))
        .primary(at, format!("no path_regex matches {relative}"))
        .note("sops updatekeys and sops rotate cannot bring its keys up to date: \"no matching creation rules found\"");
    found.hosts = uses
        .iter()
        .map(|(.., host)| host.attribute.clone())
        .collect();
    let finding = cx.unless_loaded(found.help(
        format!("add a rule to {rules}"),
        format!("- path_regex: ^{}$\n  age: …", escaped(&relative)),
    ));
    // A directory that was moved, or added: one rule is for all of its files.
    let directory = relative
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let top = directory.split('/').next().unwrap_or_default();
    Some(Caused {
        cause: Some(format!("{rules}\n{top}")),
        finding,
    })
}

/// Whether clan keeps a file: it encrypts `sops/secrets/NAME/secret` and `vars/…/secret` to the keys of
/// the users, machines and groups that are named beside it, and asks no rule.
fn is_of_clan(path: &Path) -> bool {
    let mut folders = path.ancestors().skip(2);
    path.file_name().is_some_and(|name| name == "secret")
        && (folders
            .next()
            .is_some_and(|folder| folder.ends_with("sops/secrets"))
            || folders.any(|folder| folder.ends_with("vars")))
}

/// A path as a regular expression that matches it alone.
fn escaped(path: &str) -> String {
    let mut pattern = String::new();
    for character in path.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
