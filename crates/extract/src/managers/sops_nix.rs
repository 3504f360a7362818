//! sops-nix on NixOS, nix-darwin and Home Manager.

use nix_eval::Evaluator;
use nix_eval::value::{StringPart, Value};

use crate::managers::declared::{
    Found, Place, declarations, effective_mode, key_sources, secret, secret_problems,
    user_principals,
};
use crate::managers::descriptor::{Descriptor, schema};
use crate::values::Options;
use inventory::model::{
    Advice, Capability, Early, EncryptedFiles, Encryption, Fact, HomeDirectory, Installer,
    InstallerUnit, KeyKind, KeyOption, LimitedOption, Manager, MissingIn, Principal, Scope,
    SecretKind, SopsSettings, Templates,
};

/// The definition of a key that only root can read.
const KEY_FILE: &str = "sops.age.keyFile = \"/var/lib/sops-nix/key.txt\";";

/// What others ask of it: sops-nix 56b2406.
pub(crate) static SOPS_NIX: Manager = Manager {
    name: "sops-nix",
    root: "sops",
    secrets: "sops.secrets",
    templates: Some(Templates {
        option: "sops.templates",
        content: "content",
        directory: "/run/secrets/rendered",
        placeholders: "sops.placeholder",
        placeholder: "<SOPS:…:PLACEHOLDER>",
        mark: ":PLACEHOLDER>",
        looks_up_by_name: true,
    }),
    early: Some(Early {
        option: "neededForUsers",
        directory: "/run/secrets-for-users",
        // Users are made after the secrets for users.
        scripts: &["setupSecretsForUsers", "users", "setupSecrets"],
    }),
    directory: "/run/secrets",
    generations: &["/run/secrets.d", "/run/secrets-for-users.d"],
    home: Some(HomeDirectory {
        path: "/.config/sops-nix/secrets",
        option: "sops.defaultSymlinkPath",
    }),
    installer: Installer {
        scripts: &["setupSecrets"],
        unit: InstallerUnit::Option("sops.useSystemdActivation"),
        user_unit: "sops-nix.service",
        directory_mode: Some(0o751),
    },
    keys: &[
        KeyOption {
            option: "sops.age.keyFile",
            kind: KeyKind::Age,
            must_exist: true,
            example: KEY_FILE,
        },
        KeyOption {
            option: "sops.age.sshKeyPaths",
            kind: KeyKind::SshAsAge,
            must_exist: false,
            example: "sops.age.sshKeyPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ];",
        },
        KeyOption {
            option: "sops.gnupg.home",
            kind: KeyKind::Pgp,
            must_exist: false,
            example: KEY_FILE,
        },
        KeyOption {
            option: "sops.gnupg.sshKeyPaths",
            kind: KeyKind::SshAsPgp,
            must_exist: false,
            example: KEY_FILE,
        },
    ],
    files: EncryptedFiles {
        encryption: Encryption::Sops,
        rules: ".sops.yaml",
        edit: "sops edit",
        update: "sops updatekeys",
    },
    // main.go: `os.WriteFile`, no chmod.
    umask: Some(0o022),
    temporary_suffix: None,
    runtime_prefix: Some("%r"),
    rekeying: None,
    limited: &[
        LimitedOption {
            names: &["owner", "group", "uid", "gid"],
            of_secrets: true,
            missing_in: MissingIn::HomeManager,
            why: "its secrets are installed by the user, and belong to that user",
            advice: Advice::Remove,
        },
        LimitedOption {
            names: &["neededForUsers"],
            of_secrets: true,
            missing_in: MissingIn::HomeManager,
            why: "it installs secrets after login, long after users were made",
            advice: Advice::Other("declare the secret in the system's configuration"),
        },
        LimitedOption {
            names: &["restartUnits", "reloadUnits"],
            of_secrets: true,
            missing_in: MissingIn::HomeManager,
            why: "its installer restarts nothing",
            advice: Advice::Other(
                "remove it, and restart the unit by hand or order it after sops-nix.service",
            ),
        },
        LimitedOption {
            names: &["restartUnits", "reloadUnits"],
            of_secrets: true,
            missing_in: MissingIn::Darwin,
            why: "there is no systemd",
            advice: Advice::Remove,
        },
        LimitedOption {
            names: &["useTmpfs", "useSystemdActivation"],
            of_secrets: false,
            missing_in: MissingIn::HomeManager,
            why: "it concerns the installation by root",
            advice: Advice::Other("set it in the system's configuration"),
        },
        LimitedOption {
            names: &["useTmpfs", "useSystemdActivation", "defaultSopsKey"],
            of_secrets: false,
            missing_in: MissingIn::Darwin,
            why: "sops-nix has it on NixOS only",
            advice: Advice::Remove,
        },
        LimitedOption {
            names: &["defaultSymlinkPath", "defaultSecretsMountPoint"],
            of_secrets: false,
            missing_in: MissingIn::System,
            why: "secrets of the system always land in /run/secrets",
            advice: Advice::Other(
                "set it in the Home Manager configuration, or give the secret a `path`",
            ),
        },
    ],
    capabilities: &[
        Capability::HasFormats,
        Capability::HasNumericOwners,
        Capability::RestartsUnits,
        Capability::RequiresOctalModes,
        Capability::InstallsAllOrNone,
        Capability::WritesKeyPaths,
        Capability::ChecksFiles,
        Capability::WaitsForKeyMounts,
        Capability::LinksToDirectory,
    ],
};

/// Its registration.
pub(crate) const DESCRIPTOR: Descriptor = Descriptor {
    manager: &SOPS_NIX,
    inputs: &["sops-nix", "sops"],
    nixos: schema!("sops-nix/nixos.nix"),
    darwin: schema!("sops-nix/darwin.nix"),
    home_manager: schema!("sops-nix/home-manager.nix"),
    common: None,
    common_options: &[&["sops", "defaultSopsFile"], &["sops", "defaultSopsFormat"]],
    extract,
};

pub(crate) fn extract(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    for (attribute, entry) in declarations(evaluator, place, SOPS_NIX.secrets, found) {
        let mut secret = secret(
            evaluator,
            place,
            &SOPS_NIX,
            SecretKind::Secret,
            (&attribute, entry),
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
        let umask = SOPS_NIX.umask.unwrap_or(0);
        common(evaluator, place, options, &mut secret, umask);
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
    let templates = SOPS_NIX.templates.as_ref();
    let templates = templates.map_or("", |templates| templates.option);
    for (attribute, entry) in declarations(evaluator, place, templates, found) {
        let mut template = secret(
            evaluator,
            place,
            &SOPS_NIX,
            SecretKind::Template,
            (&attribute, entry),
        );
        if let Ok(set) = evaluator.force_attrs(entry.value) {
            // Templates are chmod-ed: no umask.
            common(evaluator, place, Options { set }, &mut template, 0);
            template.is_secret = holds_a_placeholder(evaluator, Options { set });
        }
        found.secrets.push(template);
    }
    for option in SOPS_NIX.keys {
        let sources = key_sources(evaluator, place, &SOPS_NIX, option);
        found.keys.extend(sources);
    }
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
    for part in evaluator.string_parts(id).parts() {
        match part {
            StringPart::Text(part) => text.push_str(&part),
            StringPart::Hole(_) => is_whole = false,
        }
    }
    let templates = SOPS_NIX.templates.as_ref()?;
    match text.contains(templates.mark) {
        true => Some(true),
        false => (is_whole && !text.is_empty()).then_some(false),
    }
}

/// Settings other than secrets, where there are any secrets.
fn settings(evaluator: &mut Evaluator, place: Place<'_>, found: &mut Found) {
    if !found
        .secrets
        .iter()
        .any(|secret| secret.manager == &SOPS_NIX && secret.scope == *place.scope)
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
        manager: &SOPS_NIX,
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
