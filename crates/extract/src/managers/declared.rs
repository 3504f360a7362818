//! What the extractors of all managers share: where options hang, and the secrets and keys that they declare.

use nix_eval::Evaluator;
use nix_eval::value::Entry;
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

use crate::values::{Options, certainty, definitions};
use inventory::model::{
    Fact, KeyOption, KeySource, Manager, Principal, Problem, Scope, Secret, SecretKind,
    SopsSettings, User,
};

/// Where a manager's options hang.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// `config` of the system, or of a Home Manager user.
    pub(crate) config: Options,
    /// System or user.
    pub(crate) scope: &'a Scope,
    /// What stands before the option in the user's files: `home-manager.users.alice.`, or nothing.
    pub(crate) prefix: &'a str,
    /// The system's users.
    pub(crate) users: &'a [User],
    /// Whether it is nix-darwin.
    pub(crate) is_darwin: bool,
}

/// What a manager finds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) secrets: Vec<Secret>,
    pub(crate) keys: Vec<KeySource>,
    pub(crate) sops: Vec<SopsSettings>,
    pub(crate) problems: Vec<Problem>,
    /// Why there may be more secrets, if so.
    pub(crate) open: Option<inventory::model::Unknown>,
}

/// The declared attributes of `secrets` or `templates`.
pub(super) fn declarations(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    option: &str,
    found: &mut Found,
) -> Vec<(String, Entry)> {
    let path: Vec<&str> = option.split('.').collect();
    let options = match place.config.path(evaluator, &path) {
        Ok(options) => options,
        Err(why) => {
            if evaluator.is_error(why) {
                found.problems.push(crate::values::problem(evaluator, why));
            }
            found
                .open
                .get_or_insert_with(|| crate::values::unknown(evaluator, why));
            return Vec::new();
        }
    };
    if let Some(why) = evaluator.open_reason(options.set) {
        found
            .open
            .get_or_insert_with(|| crate::values::unknown(evaluator, why));
    }
    options.entries(evaluator)
}

/// A secret of which only the name is known, with `unknown` facts.
pub(super) fn secret(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    manager: &'static Manager,
    kind: SecretKind,
    (attribute, entry): (&str, Entry),
) -> Secret {
    let option = match (kind, &manager.templates) {
        (SecretKind::Template, Some(templates)) => templates.option,
        _ => manager.secrets,
    };
    // Its definitions are known once it is evaluated; if it fails, where its options are read says why.
    let _ = evaluator.force(entry.value);
    let mut declared_at = definitions(evaluator, entry);
    if declared_at.is_empty() {
        declared_at.push(Span {
            file: evaluator.first_file(),
            start: 0,
            end: 0,
        });
    }
    let blank = || inventory::model::Unknown {
        reason: "not evaluated".into(),
        at: None,
    };
    Secret {
        manager,
        kind,
        scope: place.scope.clone(),
        attribute: attribute.to_owned(),
        option: format!("{}{option}.{}", place.prefix, attribute_name(attribute)),
        declared_at,
        certainty: certainty(evaluator, entry.maybe),
        name: Fact::unknown(blank()),
        path: Fact::unknown(blank()),
        path_is_shell_text: false,
        owner: Fact::default_value(None),
        uid: Fact::default_value(None),
        group: Fact::default_value(None),
        gid: Fact::default_value(None),
        effective_owner: Fact::unknown(blank()),
        effective_group: Fact::unknown(blank()),
        mode: Fact::unknown(blank()),
        effective_mode: Fact::unknown(blank()),
        file: Fact::default_value(None),
        is_rekeyed: false,
        key: Fact::default_value(None),
        format: Fact::default_value(None),
        needed_for_users: Fact::default_value(false),
        symlink: Fact::default_value(true),
        restart_units: Fact::default_value(Vec::new()),
        is_secret: Some(true),
    }
}

/// The user of a Home Manager scope, and that user's primary group.
pub(super) fn user_principals(place: Place<'_>) -> Option<(Fact<Principal>, Fact<Principal>)> {
    let Scope::User(name) = place.scope else {
        return None;
    };
    let owner = Fact::default_value(Principal::named(name));
    let group = place
        .users
        .iter()
        .find(|user| user.name == *name)
        .and_then(|user| {
            let group = user.group.known()?.clone()?;
            Some(Fact::default_value(Principal::named(&group)))
        });
    let group = group.unwrap_or_else(|| {
        let reason = format!("the primary group of `{name}`");
        Fact::unknown(inventory::model::Unknown::because(reason))
    });
    Some((owner, group))
}

/// The evaluation errors among a secret's options.
pub(super) fn secret_problems(
    evaluator: &mut Evaluator,
    options: Options,
    names: &[&str],
    found: &mut Found,
) {
    for name in names {
        let Some(entry) = options.entry(evaluator, name) else {
            continue;
        };
        if let Err(why) = evaluator.force(entry.value)
            && evaluator.is_error(why)
        {
            found.problems.push(crate::values::problem(evaluator, why));
        }
    }
}

/// The keys that an option of a manager names.
pub(super) fn key_sources(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    manager: &'static Manager,
    option: &'static KeyOption,
) -> Vec<KeySource> {
    let path: Vec<&str> = option.option.split('.').collect();
    let entry = path.split_last().and_then(|(last, above)| {
        let options = place.config.path(evaluator, above).ok()?;
        options.entry(evaluator, last)
    });
    entry.map_or_else(Vec::new, |entry| {
        key_source(evaluator, place, manager, option, entry)
    })
}

fn key_source(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    manager: &'static Manager,
    option: &'static KeyOption,
    entry: Entry,
) -> Vec<KeySource> {
    use nix_eval::value::Value;
    let source = |path: Fact<String>, is_path_literal| KeySource {
        manager,
        scope: place.scope.clone(),
        option,
        path,
        is_path_literal,
        mount: None,
    };
    match evaluator.force(entry.value) {
        Ok(Value::Null) => Vec::new(),
        Ok(Value::List(_)) => {
            let written = crate::values::written(evaluator, entry);
            crate::values::items(evaluator, entry.value)
                .into_iter()
                .map(|(item, _)| {
                    let value = evaluator.force(item);
                    let literal = matches!(value, Ok(Value::Path(_)));
                    let text = value.and_then(|value| crate::values::text(evaluator, value));
                    let at = evaluator
                        .origin_span(item)
                        .filter(|at| crate::values::is_users(*at))
                        .or(written.at);
                    let value = text.map_err(|why| crate::values::unknown(evaluator, why));
                    let fact = Fact {
                        value,
                        at,
                        binding: written.binding,
                        origin: written.origin,
                    };
                    source(fact, literal)
                })
                .collect()
        }
        value => {
            let literal = matches!(value, Ok(Value::Path(_)));
            let fact = crate::values::entry_fact(evaluator, entry, crate::values::text);
            vec![source(fact, literal)]
        }
    }
}

/// Permission bits of an octal string, as `strconv.ParseUint(mode, 8, 16)` and `chmod` read it.
fn octal(mode: &str) -> Option<u32> {
    let digits = !mode.is_empty() && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    if !digits {
        return None;
    }
    u32::from_str_radix(mode, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777)
}

/// The permission bits behind a mode's text, after `mask` takes some away.
pub(super) fn effective_mode(mode: &Fact<String>, mask: u32) -> Fact<u32> {
    let value = match &mode.value {
        Ok(text) => octal(text)
            .map(|bits| bits & !mask)
            .ok_or_else(|| inventory::model::Unknown {
                reason: format!("mode `{text}` is not octal").into(),
                at: mode.at,
            }),
        Err(unknown) => Err(unknown.clone()),
    };
    Fact {
        value,
        at: mode.at,
        binding: mode.binding,
        origin: mode.origin,
    }
}
