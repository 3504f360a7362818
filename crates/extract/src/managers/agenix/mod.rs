//! agenix (and ragenix, agenix-rekey) on NixOS, nix-darwin and Home Manager.

pub(crate) mod rules;

use nix_eval::Evaluator;

use crate::managers::agenix_rekey;
use crate::managers::declared::{
    Found, Place, declarations, effective_mode, key_sources, secret, secret_problems,
    user_principals,
};
use crate::managers::descriptor::{Descriptor, schema};
use crate::values::Options;
use inventory::model::{
    Advice, Capability, EncryptedFiles, Encryption, Fact, Installer, InstallerUnit, KeyKind,
    KeyOption, LimitedOption, Manager, MissingIn, Principal, Secret, SecretKind,
};

/// What others ask of it: agenix b027ee2.
pub(crate) static AGENIX: Manager = Manager {
    name: "agenix",
    root: "age",
    secrets: "age.secrets",
    directory: "/run/agenix",
    generations: &["/run/agenix.d"],
    installer: Installer {
        // Users are made after it has decrypted.
        scripts: &["agenix", "agenixInstall", "agenixChown", "users", "groups"],
        unit: InstallerUnit::WithUsers,
        user_unit: "agenix.service",
        directory_mode: None,
    },
    keys: &[KeyOption {
        option: "age.identityPaths",
        kind: KeyKind::Age,
        must_exist: false,
        example: "age.identityPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ];",
    }],
    files: EncryptedFiles {
        encryption: Encryption::Age,
        rules: rules::FILE,
        edit: "agenix -e",
        update: "agenix --rekey",
    },
    temporary_suffix: Some(".tmp"),
    rekeying: Some(agenix_rekey::REKEYING),
    limited: &[LimitedOption {
        names: &["owner", "group", "uid", "gid"],
        of_secrets: true,
        missing_in: MissingIn::HomeManager,
        why: "its secrets are installed by the user, and belong to that user",
        advice: Advice::Remove,
    }],
    capabilities: &[
        Capability::RenamesByName,
        Capability::SkipsUnreadableKeys,
        Capability::NamesEachFile,
    ],
    ..Manager::UNKNOWN
};

/// Its registration.
pub(crate) const DESCRIPTOR: Descriptor = Descriptor {
    manager: &AGENIX,
    inputs: &["agenix", "ragenix", "agenix-rekey", "agenix-template"],
    nixos: schema!("agenix/system.nix"),
    darwin: schema!("agenix/system.nix"),
    home_manager: schema!("agenix/home-manager.nix"),
    common: None,
    common_options: &[],
    extract,
};

pub(crate) fn extract(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    for (attribute, entry) in declarations(evaluator, place, AGENIX.secrets, found) {
        let mut secret = secret(
            evaluator,
            place,
            &AGENIX,
            SecretKind::Secret,
            (&attribute, entry),
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
    for option in AGENIX.keys {
        found
            .keys
            .extend(key_sources(evaluator, place, &AGENIX, option));
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
