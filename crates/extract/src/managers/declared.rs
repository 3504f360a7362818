//! What the extractors of all managers share: the root of their options, and the secrets and keys that
//! they declare.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Thunk, Value};
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

use crate::values::{Options, certainty, definitions};
use inventory::model::{
    Exposure, Fact, FilePath, KeyOption, KeySource, Manager, Principal, Problem, RefusedKey, Scope,
    Secret, SecretKind, SopsSettings, Unknown, User,
};

/// The configuration that a manager's options are in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptionRoot<'a> {
    /// `config` of the system, or of a Home Manager user.
    pub(crate) config: Options,
    /// System or user.
    pub(crate) scope: &'a Scope,
    /// What precedes the option in the user's files: `home-manager.users.alice.`; empty for the system.
    pub(crate) prefix: &'a str,
    /// The system's users.
    pub(crate) users: &'a [User],
    /// Whether it is nix-darwin.
    pub(crate) is_darwin: bool,
}

/// The facts that managers extract from a configuration.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    pub(crate) secrets: Vec<Secret>,
    pub(crate) keys: Vec<KeySource>,
    pub(crate) refused_keys: Vec<RefusedKey>,
    pub(crate) sops: Vec<SopsSettings>,
    pub(crate) problems: Vec<Problem>,
    /// Why there may be more secrets, if so.
    pub(crate) open: Option<Unknown>,
}

/// What the options of a secret say, as its manager reads them.
pub(super) struct SecretFacts {
    pub(super) name: Fact<String>,
    pub(super) path: Fact<String>,
    pub(super) path_is_shell_text: bool,
    pub(super) mode: Fact<String>,
    pub(super) effective_mode: Fact<u32>,
    pub(super) ownership: Ownership,
    pub(super) file: Fact<Option<FilePath>>,
    pub(super) is_rekeyed: bool,
    pub(super) key: Fact<Option<String>>,
    pub(super) format: Fact<Option<String>>,
    pub(super) needed_for_users: Fact<bool>,
    pub(super) symlink: Fact<bool>,
    pub(super) restart_units: Fact<Vec<String>>,
    pub(super) unrendered: Option<Span>,
    pub(super) is_secret: Option<bool>,
}

/// Whom the file of a secret belongs to: what the options say, and what becomes of it.
pub(super) struct Ownership {
    pub(super) owner: Fact<Option<String>>,
    pub(super) uid: Fact<Option<i64>>,
    pub(super) group: Fact<Option<String>>,
    pub(super) gid: Fact<Option<i64>>,
    pub(super) effective_owner: Fact<Principal>,
    pub(super) effective_group: Fact<Principal>,
}

impl SecretFacts {
    /// The facts of a secret whose options cannot be evaluated.
    fn unknown(why: &Unknown, kind: SecretKind) -> Self {
        fn unknown<T>(why: &Unknown) -> Fact<T> {
            Fact::unknown(why.clone())
        }
        Self {
            name: unknown(why),
            path: unknown(why),
            path_is_shell_text: false,
            mode: unknown(why),
            effective_mode: unknown(why),
            ownership: Ownership {
                owner: unknown(why),
                uid: unknown(why),
                group: unknown(why),
                gid: unknown(why),
                effective_owner: unknown(why),
                effective_group: unknown(why),
            },
            file: unknown(why),
            is_rekeyed: false,
            key: unknown(why),
            format: unknown(why),
            needed_for_users: unknown(why),
            symlink: unknown(why),
            restart_units: unknown(why),
            unrendered: None,
            is_secret: (kind == SecretKind::Secret).then_some(true),
        }
    }
}

/// Adds the secrets or templates that `option` declares, with the facts that `read` finds in the options of
/// each.
pub(super) fn secrets(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    manager: &'static Manager,
    (kind, option): (SecretKind, &str),
    extracted: &mut Extracted,
    read: fn(&mut Evaluator, OptionRoot<'_>, Options, &mut Extracted) -> SecretFacts,
) {
    for (attribute, entry) in declarations(evaluator, root, option, extracted) {
        // Each would be kept with nothing but unknown facts.
        if let Some(why) = evaluator.limit_reached() {
            let why = crate::values::unknown(evaluator, why);
            extracted.open.get_or_insert(why);
            break;
        }
        let facts = match evaluator.force_attrs(entry.value) {
            Ok(set) => read(evaluator, root, Options { set }, extracted),
            Err(why) => {
                if evaluator.is_error(why) {
                    let problem = crate::values::problem(evaluator, why);
                    extracted.problems.push(problem);
                }
                SecretFacts::unknown(&crate::values::unknown(evaluator, why), kind)
            }
        };
        let option = format!("{}{option}.{}", root.prefix, attribute_name(&attribute));
        let ownership = facts.ownership;
        extracted.secrets.push(Secret {
            manager,
            kind,
            scope: root.scope.clone(),
            attribute,
            option,
            declared_at: definitions(evaluator, entry),
            certainty: certainty(evaluator, entry.maybe),
            name: facts.name,
            path: facts.path,
            path_is_shell_text: facts.path_is_shell_text,
            owner: ownership.owner,
            uid: ownership.uid,
            group: ownership.group,
            gid: ownership.gid,
            effective_owner: ownership.effective_owner,
            effective_group: ownership.effective_group,
            mode: facts.mode,
            effective_mode: facts.effective_mode,
            file: facts.file,
            is_rekeyed: facts.is_rekeyed,
            key: facts.key,
            format: facts.format,
            needed_for_users: facts.needed_for_users,
            symlink: facts.symlink,
            restart_units: facts.restart_units,
            unrendered: facts.unrendered,
            is_secret: facts.is_secret,
            exposure: Exposure::default(),
        });
    }
}

/// The attributes that an option declares.
fn declarations(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    option: &str,
    extracted: &mut Extracted,
) -> Vec<(String, Entry)> {
    let path: Vec<&str> = option.split('.').collect();
    let options = match root.config.path(evaluator, &path) {
        Ok(options) => options,
        Err(why) => {
            if evaluator.is_error(why) {
                let problem = crate::values::problem(evaluator, why);
                extracted.problems.push(problem);
            }
            extracted
                .open
                .get_or_insert_with(|| crate::values::unknown(evaluator, why));
            return Vec::new();
        }
    };
    if let Some(why) = evaluator.open_reason(options.set) {
        extracted
            .open
            .get_or_insert_with(|| crate::values::unknown(evaluator, why));
    }
    options.entries(evaluator)
}

/// Whom a secret of a Home Manager user belongs to: that user; `None` for one of the system.
pub(super) fn of_user(root: OptionRoot<'_>) -> Option<Ownership> {
    let Scope::User(name) = root.scope else {
        return None;
    };
    let group = User::named(root.users, name).and_then(|user| {
        let group = user.group.known()?.clone()?;
        Some(Fact::default_value(Principal::named(&group)))
    });
    let group = group.unwrap_or_else(|| {
        let reason = format!("the primary group of `{name}`");
        Fact::unknown(Unknown::because(reason))
    });
    Some(Ownership {
        owner: Fact::default_value(None),
        uid: Fact::default_value(None),
        group: Fact::default_value(None),
        gid: Fact::default_value(None),
        effective_owner: Fact::default_value(Principal::named(name)),
        effective_group: group,
    })
}

/// The evaluation errors among a secret's options.
pub(super) fn secret_problems(
    evaluator: &mut Evaluator,
    options: Options,
    names: &[&str],
    extracted: &mut Extracted,
) {
    for name in names {
        let Some(entry) = options.entry(evaluator, name) else {
            continue;
        };
        if let Err(why) = evaluator.force(entry.value)
            && evaluator.is_error(why)
        {
            extracted
                .problems
                .push(crate::values::problem(evaluator, why));
        }
    }
}

/// Extracts the keys that the options of a manager name, and the definitions that their types refuse.
pub(super) fn keys(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    manager: &'static Manager,
    extracted: &mut Extracted,
) {
    for option in manager.keys {
        let path: Vec<&str> = option.option.split('.').collect();
        let entry = path.split_last().and_then(|(last, above)| {
            let options = root.config.path(evaluator, above).ok()?;
            options.entry(evaluator, last)
        });
        let Some(entry) = entry else { continue };
        let sources = key_source(evaluator, root, manager, option, entry);
        extracted.keys.extend(sources);
        if entry.maybe.is_none() {
            let refused = refused_keys(evaluator, manager, option, entry);
            extracted.refused_keys.extend(refused);
        }
    }
}

/// The definitions of such an option that are no absolute path, which its type refuses.
fn refused_keys(
    evaluator: &mut Evaluator,
    manager: &'static Manager,
    option: &'static KeyOption,
    entry: Entry,
) -> Vec<RefusedKey> {
    let _ = evaluator.force(entry.value);
    let record = evaluator.option_record(entry.value);
    let winners: Vec<Thunk> = record.map_or_else(Vec::new, |record| {
        record
            .winners()
            .map(|definition| definition.value)
            .collect()
    });
    let mut found = Vec::new();
    for winner in winners {
        let elements: Vec<Thunk> = match evaluator.force(winner) {
            Ok(Value::List(_)) => crate::values::items(evaluator, winner)
                .into_iter()
                .filter_map(|(item, maybe)| maybe.is_none().then_some(item))
                .collect(),
            Ok(Value::String(_)) => vec![winner],
            _ => Vec::new(),
        };
        for element in elements {
            let value = evaluator.force(element);
            let Ok(value @ Value::String(_)) = value else {
                continue;
            };
            let text = crate::values::text(evaluator, value);
            let at = evaluator.origin_span(element);
            let at = at.filter(|at| crate::values::is_users(*at));
            if let Ok(path) = text
                && !path.starts_with('/')
            {
                found.push(RefusedKey {
                    manager,
                    option,
                    path,
                    at,
                });
            }
        }
    }
    found
}

fn key_source(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    manager: &'static Manager,
    option: &'static KeyOption,
    entry: Entry,
) -> Vec<KeySource> {
    let source = |path: Fact<String>, is_path_literal| KeySource {
        manager,
        scope: root.scope.clone(),
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
                .map(|(item, maybe)| {
                    let value = evaluator.force(item);
                    let literal = matches!(value, Ok(Value::Path(_)));
                    let text = value.and_then(|value| crate::values::text(evaluator, value));
                    let at = evaluator
                        .origin_span(item)
                        .filter(|at| crate::values::is_users(*at))
                        .or(written.at);
                    // One that may not be in the list is no key to rely on, nor to warn of.
                    let text = maybe.map_or(text, Err);
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
        Ok(text) => octal(text).map(|bits| bits & !mask).ok_or_else(|| Unknown {
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
