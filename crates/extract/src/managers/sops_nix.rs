//! sops-nix on NixOS, nix-darwin and Home Manager.

use nix_eval::Evaluator;
use nix_eval::value::{StringPart, Value};

use crate::managers::{
    Found, Place, declarations, effective_mode, key_source, secret, secret_problems,
    user_principals,
};
use crate::values::Options;
use inventory::model::{Fact, Manager, Principal, Scope, SecretKind, SopsSettings};

/// The directories that the installer makes (linux.go, darwin.go).
const DIRECTORIES: &[&str] = &[
    "/run/secrets",
    "/run/secrets-for-users",
    "/run/secrets.d",
    "/run/secrets-for-users.d",
];

static SECRETS: Manager = Manager {
    name: "sops-nix",
    option: "sops.secrets",
    directories: DIRECTORIES,
    rename_with_name: false,
};

static TEMPLATES: Manager = Manager {
    name: "sops-nix",
    option: "sops.templates",
    directories: DIRECTORIES,
    rename_with_name: true,
};

/// What a file is masked with when sops-install-secrets writes it (main.go: `os.WriteFile`, no chmod).
const UMASK: u32 = 0o022;

pub(crate) fn extract(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    for (attribute, entry) in declarations(evaluator, place, &["sops", "secrets"], found) {
        let mut secret = secret(
            evaluator,
            place,
            &SECRETS,
            SecretKind::Secret,
            (&attribute, entry),
            SECRETS.option,
        );
        let set = match evaluator.force_attrs(entry.value) {
            Ok(set) => set,
            Err(why) => {
                if evaluator.is_error(why) {
                    found.problems.push(crate::values::problem(evaluator, why));
                }
                let unknown = crate::values::unknown(evaluator, why);
                secret.path = Fact::unknown(unknown.clone());
                secret.mode = Fact::unknown(unknown.clone());
                secret.file = Fact::unknown(unknown);
                found.secrets.push(secret);
                continue;
            }
        };
        let options = Options { set };
        common(evaluator, place, options, &mut secret, UMASK);
        secret.file = options.file(evaluator, "sopsFile");
        secret.key = options.optional_text(evaluator, "key");
        secret.format = options.optional_text(evaluator, "format");
        if matches!(place.scope, Scope::System) {
            secret.needed_for_users = options.boolean(evaluator, "neededForUsers");
            if secret.needed_for_users.known() == Some(&true) {
                // `-ignore-passwd`: owner and group are root, whatever they say.
                secret.effective_owner = Fact::default_value(Principal::root());
                secret.effective_group = Fact::default_value(Principal::root());
            }
        }
        let names = [
            "path", "mode", "owner", "uid", "gid", "format", "key", "sopsFile", "group",
        ];
        secret_problems(evaluator, options, &names, found);
        found.secrets.push(secret);
    }
    for (attribute, entry) in declarations(evaluator, place, &["sops", "templates"], found) {
        let mut template = secret(
            evaluator,
            place,
            &TEMPLATES,
            SecretKind::Template,
            (&attribute, entry),
            TEMPLATES.option,
        );
        if let Ok(set) = evaluator.force_attrs(entry.value) {
            // Templates are chmod-ed: no umask.
            common(evaluator, place, Options { set }, &mut template, 0);
            template.is_secret = holds_a_placeholder(evaluator, Options { set });
        }
        found.secrets.push(template);
    }
    keys(evaluator, place, found);
    settings(evaluator, place, found);
}

/// Whether the text of a template holds a placeholder; `None` where parts that are not known may. An
/// empty one is a template whose `file` is given.
fn holds_a_placeholder(evaluator: &mut Evaluator, options: Options) -> Option<bool> {
    let content = options.entry(evaluator, "content")?;
    let Ok(Value::String(id)) = evaluator.force(content.value) else {
        return None;
    };
    let mut is_whole = true;
    let mut text = String::new();
    for part in evaluator.arena.string_parts(id).parts() {
        match part {
            StringPart::Text(part) => text.push_str(&part),
            StringPart::Hole(_) => is_whole = false,
        }
    }
    match text.contains(":PLACEHOLDER>") {
        true => Some(true),
        false => (is_whole && !text.is_empty()).then_some(false),
    }
}

/// What is told beside the secrets, where there are any.
fn settings(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    if !found
        .secrets
        .iter()
        .any(|secret| secret.manager.name == SECRETS.name && secret.scope == *place.scope)
    {
        return;
    }
    let Ok(options) = place.config.path(evaluator, &["sops"]) else {
        return;
    };
    let Ok(age) = options.set(evaluator, "age") else {
        return;
    };
    let has_gnupg = match options.set(evaluator, "gnupg") {
        Ok(gnupg) => {
            let home = gnupg.optional_text(evaluator, "home");
            let keys = gnupg.texts(evaluator, "sshKeyPaths");
            match (home.known(), &keys.value) {
                (Some(Some(_)), _) => Fact::default_value(true),
                (Some(None), Ok(keys)) => Fact::default_value(!keys.is_empty()),
                (None, _) => home.map(|home| home.is_some()),
                (_, Err(_)) => keys.map(|keys| !keys.is_empty()),
            }
        }
        Err(why) => Fact::unknown(crate::values::unknown(evaluator, why)),
    };
    found.sops.push(SopsSettings {
        scope: place.scope.clone(),
        option: format!("{}sops", place.prefix),
        validate_files: options.boolean(evaluator, "validateSopsFiles"),
        generate_key: age.boolean(evaluator, "generateKey"),
        has_gnupg,
    });
}

fn common(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    options: Options,
    secret: &mut inventory::model::Secret,
    mask: u32,
) {
    secret.name = options.text(evaluator, "name");
    secret.path = options.text(evaluator, "path");
    secret.mode = options.text(evaluator, "mode");
    secret.effective_mode = effective_mode(&secret.mode, mask);
    if let Some((owner, group)) = user_principals(place) {
        secret.effective_owner = owner;
        secret.effective_group = group;
        return;
    }
    secret.owner = options.optional_text(evaluator, "owner");
    secret.uid = options.optional_int(evaluator, "uid");
    secret.group = options.optional_text(evaluator, "group");
    secret.gid = options.optional_int(evaluator, "gid");
    secret.effective_owner = principal(&secret.owner, &secret.uid);
    secret.effective_group = principal(&secret.group, &secret.gid);
    if !place.is_darwin {
        secret.restart_units = options.texts(evaluator, "restartUnits");
        let reloaded = options.texts(evaluator, "reloadUnits");
        if let (Ok(units), Ok(more)) = (&mut secret.restart_units.value, reloaded.value) {
            units.extend(more);
        }
    }
}

/// The name decides; without one the number does, and no number is 0 (Go's zero value).
fn principal(name: &Fact<Option<String>>, number: &Fact<Option<i64>>) -> Fact<Principal> {
    match &name.value {
        Ok(Some(text)) => {
            let principal = Principal::named(text);
            Fact {
                value: Ok(principal),
                at: name.at,
                binding: name.binding,
                origin: name.origin,
            }
        }
        Ok(None) => number
            .clone()
            .map(|number| Principal::numbered(u32::try_from(number.unwrap_or(0)).unwrap_or(0))),
        Err(unknown) => Fact {
            value: Err(unknown.clone()),
            at: name.at,
            binding: name.binding,
            origin: name.origin,
        },
    }
}

fn keys(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    const KEYS: [(&str, &str, &str); 4] = [
        ("age", "keyFile", "sops.age.keyFile"),
        ("age", "sshKeyPaths", "sops.age.sshKeyPaths"),
        ("gnupg", "home", "sops.gnupg.home"),
        ("gnupg", "sshKeyPaths", "sops.gnupg.sshKeyPaths"),
    ];
    for (section, name, option) in KEYS {
        let Ok(options) = place.config.path(evaluator, &["sops", section]) else {
            continue;
        };
        if let Some(entry) = options.entry(evaluator, name) {
            let sources = key_source(evaluator, place, &SECRETS, option, entry);
            found.keys.extend(sources);
        }
    }
}
