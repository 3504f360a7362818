//! sops-nix on NixOS, nix-darwin and Home Manager.

use nix_eval::Evaluator;
use nix_eval::value::{StringPart, Value};
use nix_syntax::source::Span;

use crate::managers::declared::{
    Extracted, OptionRoot, Ownership, SecretFacts, effective_mode, keys, of_user, secret_problems,
    secrets,
};
use crate::managers::descriptor::{Descriptor, schema};
use crate::values::Options;
use inventory::model::{
    Advice, Capability, Deployment, Early, EncryptedFiles, Encryption, Fact, HomeDirectory,
    Installer, InstallerUnit, KeyKind, KeyOption, LimitedOption, Manager, MissingIn, Origin,
    Principal, Scope, SecretKind, SopsSettings, Templates,
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
        unit_name: "sops-install-secrets.service",
        home_script: Some("sops-nix"),
        user_unit: "sops-nix.service",
        directory_mode: Some(0o751),
    },
    deployment: Deployment {
        unit: "sops-install-secrets.service",
        early_unit: "sops-install-secrets-for-users.service",
        user_generations: "secrets.d",
        user_link: None,
        keys: Some("age-keys.txt"),
        usual_keys: Some(["/var/lib/sops-nix/key.txt", ".config/sops/age/keys.txt"]),
        mount_options: &["nodev", "nosuid", "noexec"],
        keep_one: Some("sops.keepGenerations = 1;"),
    },
    keys: &[
        KeyOption {
            option: "sops.age.keyFile",
            kind: KeyKind::Age,
            must_exist: true,
            is_list_of_paths: false,
            example: KEY_FILE,
        },
        KeyOption {
            option: "sops.age.sshKeyPaths",
            kind: KeyKind::SshAsAge,
            must_exist: false,
            is_list_of_paths: true,
            example: "sops.age.sshKeyPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ];",
        },
        KeyOption {
            option: "sops.gnupg.home",
            kind: KeyKind::Pgp,
            must_exist: false,
            is_list_of_paths: false,
            example: KEY_FILE,
        },
        KeyOption {
            option: "sops.gnupg.sshKeyPaths",
            kind: KeyKind::SshAsPgp,
            must_exist: false,
            is_list_of_paths: true,
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
    common: Some(("sopsNix", schema!("sops-nix/common.nix"))),
    common_options: &[&["sops", "defaultSopsFile"], &["sops", "defaultSopsFormat"]],
    extract,
};

pub(crate) fn extract(evaluator: &mut Evaluator, root: OptionRoot<'_>, extracted: &mut Extracted) {
    let declared = (SecretKind::Secret, SOPS_NIX.secrets);
    secrets(evaluator, root, &SOPS_NIX, declared, extracted, secret);
    if let Some(templates) = &SOPS_NIX.templates {
        let declared = (SecretKind::Template, templates.option);
        secrets(evaluator, root, &SOPS_NIX, declared, extracted, template);
    }
    keys(evaluator, root, &SOPS_NIX, extracted);
    settings(evaluator, root, extracted);
}

fn secret(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    options: Options,
    extracted: &mut Extracted,
) -> SecretFacts {
    let umask = SOPS_NIX.umask.unwrap_or(0);
    let mut facts = SecretFacts {
        file: options.file(evaluator, "sopsFile"),
        key: options.optional_text(evaluator, "key"),
        format: options.optional_text(evaluator, "format"),
        ..template_or_secret(evaluator, root, options, umask)
    };
    if matches!(root.scope, Scope::System) {
        facts.needed_for_users = options.boolean(evaluator, "neededForUsers");
        if facts.needed_for_users.known() == Some(&true) {
            // `-ignore-passwd`: owner and group are root, whatever they say.
            facts.ownership.effective_owner = Fact::default_value(Principal::root());
            facts.ownership.effective_group = Fact::default_value(Principal::root());
        }
    }
    let names = [
        "path", "mode", "owner", "uid", "gid", "format", "key", "sopsFile", "group",
    ];
    secret_problems(evaluator, options, &names, extracted);
    facts
}

fn template(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    options: Options,
    _: &mut Extracted,
) -> SecretFacts {
    SecretFacts {
        is_secret: holds_a_placeholder(evaluator, options),
        unrendered: unrendered(evaluator, options),
        // Templates are chmod-ed: no umask.
        ..template_or_secret(evaluator, root, options, 0)
    }
}

/// What secrets and templates have both. Their modes lose the bits of `mask`.
fn template_or_secret(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    options: Options,
    mask: u32,
) -> SecretFacts {
    let mode = options.mode(evaluator, "mode");
    SecretFacts {
        name: options.text(evaluator, "name"),
        path: options.text(evaluator, "path"),
        path_is_shell_text: false,
        effective_mode: effective_mode(&mode, mask),
        mode,
        ownership: of_user(root).unwrap_or_else(|| of_system(evaluator, options)),
        file: Fact::default_value(None),
        is_rekeyed: false,
        key: Fact::default_value(None),
        format: Fact::default_value(None),
        needed_for_users: Fact::default_value(false),
        symlink: Fact::default_value(true),
        restart_units: restarted(evaluator, root, options),
        unrendered: None,
        is_secret: Some(true),
    }
}

/// Whom a secret of the system belongs to.
fn of_system(evaluator: &mut Evaluator, options: Options) -> Ownership {
    let owner = options.account(evaluator, "owner");
    let uid = options.optional_int(evaluator, "uid");
    let group = options.account(evaluator, "group");
    let gid = options.optional_int(evaluator, "gid");
    Ownership {
        effective_owner: principal(&owner, &uid),
        effective_group: principal(&group, &gid),
        owner,
        uid,
        group,
        gid,
    }
}

/// The units that are restarted or reloaded when a secret changes: on NixOS only.
fn restarted(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    options: Options,
) -> Fact<Vec<String>> {
    if root.is_darwin || *root.scope != Scope::System {
        return Fact::default_value(Vec::new());
    }
    let mut units = options.texts(evaluator, "restartUnits");
    let reloaded = options.texts(evaluator, "reloadUnits");
    if let (Ok(units), Ok(more)) = (&mut units.value, reloaded.value) {
        units.extend(more);
    }
    units
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
    if text.contains(templates.mark) {
        return Some(true);
    }
    (is_whole && !text.is_empty()).then_some(false)
}

/// Where the project's file that a template is made of names a placeholder in an expression of Nix.
fn unrendered(evaluator: &mut Evaluator, options: Options) -> Option<Span> {
    let entry = options.entry(evaluator, "file")?;
    let written = crate::values::written(evaluator, entry);
    if entry.maybe.is_some() || written.origin == Origin::Default {
        return None;
    }
    let Ok(Value::Path(path)) = evaluator.force(entry.value) else {
        return None;
    };
    let path = std::path::PathBuf::from(&*evaluator.path_text(path));
    let (file, text) = evaluator.sources.read_source(&path).ok()?;
    let templates = SOPS_NIX.templates.as_ref()?;
    // `${config.sops.placeholder.token}`, `${config.sops.placeholder."a/b"}`
    let named = format!("{}.", templates.placeholders);
    let name = text.find(&named)?;
    let start = text.get(..name)?.rfind("${")?;
    let inside = text.get(start + 2..name)?;
    let is_path = inside
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let end = name + text.get(name..)?.find('}')? + 1;
    let span = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
    is_path.then_some(Span {
        file,
        start: span.0,
        end: span.1,
    })
}

/// Settings other than secrets, where there are any secrets.
fn settings(evaluator: &mut Evaluator, root: OptionRoot<'_>, extracted: &mut Extracted) {
    if !extracted
        .secrets
        .iter()
        .any(|secret| secret.manager == &SOPS_NIX && secret.scope == *root.scope)
    {
        return;
    }
    let Ok(options) = root.config.path(evaluator, &["sops"]) else {
        return;
    };
    let Ok(age) = options.set(evaluator, "age") else {
        return;
    };
    let has_gnupg = match options.set(evaluator, "gnupg") {
        Ok(gnupg) => {
            let home = gnupg.optional_text(evaluator, "home");
            let keys = gnupg.texts(evaluator, "sshKeyPaths");
            let qubes = gnupg.path(evaluator, &["qubes-split-gpg"]).ok();
            let by_another_machine = qubes.is_some_and(|qubes| {
                qubes.entry(evaluator, "enable").is_some()
                    && qubes.boolean(evaluator, "enable").known() != Some(&false)
            });
            match (home.known(), &keys.value) {
                _ if by_another_machine => Fact::default_value(true),
                (Some(Some(_)), _) => Fact::default_value(true),
                (Some(None), Ok(keys)) => Fact::default_value(!keys.is_empty()),
                (None, _) => home.map(|home| home.is_some()),
                (_, Err(_)) => keys.map(|keys| !keys.is_empty()),
            }
        }
        Err(why) => Fact::unknown(crate::values::unknown(evaluator, why)),
    };
    let has_gnupg = match of_another_version(evaluator, age) {
        Some(name) => Fact::unknown(inventory::model::Unknown::because(format!(
            "keys by `sops.age.{name}`, an option of another version of sops-nix"
        ))),
        None => has_gnupg,
    };
    extracted.sops.push(SopsSettings {
        manager: &SOPS_NIX,
        scope: root.scope.clone(),
        option: format!("{}sops", root.prefix),
        validate_files: options.boolean(evaluator, "validateSopsFiles"),
        generate_key: age.boolean(evaluator, "generateKey"),
        has_gnupg,
    });
}

/// An option of `sops.age` that the schema does not have: it may name keys.
fn of_another_version(evaluator: &mut Evaluator, age: Options) -> Option<String> {
    const OF_SCHEMA: [&str; 4] = ["generateKey", "keyFile", "plugins", "sshKeyPaths"];
    let names = age.entries(evaluator).into_iter().map(|(name, _)| name);
    { names }.find(|name| !OF_SCHEMA.contains(&name.as_str()))
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
