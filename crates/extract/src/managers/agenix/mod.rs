//! agenix (and ragenix, agenix-rekey) on NixOS, nix-darwin and Home Manager.

pub(crate) mod rules;

use nix_eval::Evaluator;

use crate::managers::{
    Found, Place, declarations, effective_mode, key_source, secret, secret_problems,
    user_principals,
};
use crate::values::Options;
use inventory::model::{Fact, Manager, Principal, Secret, SecretKind};

static SECRETS: Manager = Manager {
    name: "agenix",
    option: "age.secrets",
    directories: &["/run/agenix", "/run/agenix.d"],
    rename_with_name: true,
};

pub(crate) fn extract(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    for (attribute, entry) in declarations(evaluator, place, &["age", "secrets"], found) {
        let mut secret = secret(
            evaluator,
            place,
            &SECRETS,
            SecretKind::Secret,
            (&attribute, entry),
            SECRETS.option,
        );
        match evaluator.force_attrs(entry.value) {
            Ok(set) => fill(evaluator, place, Options { set }, &mut secret, found),
            Err(why) => {
                if evaluator.is_error(why) {
                    found.problems.push(crate::values::problem(evaluator, why));
                }
            }
        }
        found.secrets.push(secret);
    }
    if let Ok(options) = place.config.path(evaluator, &["age"])
        && let Some(entry) = options.entry(evaluator, "identityPaths")
    {
        let sources = key_source(evaluator, place, &SECRETS, "age.identityPaths", entry);
        found.keys.extend(sources);
    }
}

fn fill(
    evaluator: &mut Evaluator,
    place: Place<'_>,
    options: Options,
    secret: &mut Secret,
    found: &mut Found,
) {
    secret.name = options.text(evaluator, "name");
    secret.path = options.text(evaluator, "path");
    secret.path_is_shell_text = secret.path.known().is_some_and(|path| path.contains('$'));
    secret.mode = options.text(evaluator, "mode");
    // `chmod`, not masked.
    secret.effective_mode = effective_mode(&secret.mode, 0);
    secret.symlink = options.boolean(evaluator, "symlink");
    // agenix-rekey sets `file` itself, from the file that the master key encrypts.
    let rekey = options.file(evaluator, "rekeyFile");
    let is_rekeyed = matches!(rekey.value, Ok(Some(_))) || rekey.is_defined();
    secret.is_rekeyed = is_rekeyed;
    if is_rekeyed {
        secret.file = rekey;
        secret_problems(evaluator, options, &["path", "mode"], found);
    } else {
        secret.file = options.file(evaluator, "file");
        secret_problems(evaluator, options, &["path", "mode", "file"], found);
    }
    if let Some((owner, group)) = user_principals(place) {
        secret.effective_owner = owner;
        secret.effective_group = group;
        return;
    }
    secret.owner = options.optional_text(evaluator, "owner");
    secret.group = options.optional_text(evaluator, "group");
    secret.effective_owner = principal(&secret.owner);
    secret.effective_group = principal(&secret.group);
}

/// `chown` takes a name or a number.
fn principal(text: &Fact<Option<String>>) -> Fact<Principal> {
    text.clone().map(|text| match text {
        Some(text) => match text.parse::<u32>() {
            Ok(number) => Principal::numbered(number),
            Err(_) => Principal::named(&text),
        },
        None => Principal::root(),
    })
}
