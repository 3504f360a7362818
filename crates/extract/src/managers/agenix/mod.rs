//! agenix (and ragenix, agenix-rekey) on NixOS, nix-darwin and Home Manager.

pub(crate) mod rules;

use nix_eval::Evaluator;
use nix_eval::value::Value;

use crate::managers::agenix_rekey;
use crate::managers::declared::{
    Extracted, OptionRoot, Ownership, SecretFacts, effective_mode, keys, of_user, secret_problems,
    secrets,
};
use crate::managers::descriptor::{Descriptor, schema};
use crate::values::{Options, file_path};
use inventory::model::{
    Advice, Capability, Deployment, EncryptedFiles, Encryption, Fact, FilePath, Installer,
    InstallerUnit, KeyKind, KeyOption, LimitedOption, Manager, MissingIn, Principal, SecretKind,
    Unknown,
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
        unit_name: "agenix-install-secrets.service",
        home_script: None,
        user_unit: "agenix.service",
        directory_mode: None,
    },
    deployment: Deployment {
        unit: "agenix-install-secrets.service",
        early_unit: "agenix-install-secrets.service",
        user_generations: "agenix.d",
        user_link: Some("agenix"),
        mount_options: &["nodev", "nosuid"],
        ..Deployment::UNKNOWN
    },
    keys: &[KeyOption {
        option: "age.identityPaths",
        kind: KeyKind::Age,
        must_exist: false,
        is_list_of_paths: true,
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
    common: Some(("agenix", schema!("agenix/common.nix"))),
    common_options: &[],
    extract,
};

pub(crate) fn extract(evaluator: &mut Evaluator, root: OptionRoot<'_>, extracted: &mut Extracted) {
    let declared = (SecretKind::Secret, AGENIX.secrets);
    secrets(evaluator, root, &AGENIX, declared, extracted, secret);
    keys(evaluator, root, &AGENIX, extracted);
}

fn secret(
    evaluator: &mut Evaluator,
    root: OptionRoot<'_>,
    options: Options,
    extracted: &mut Extracted,
) -> SecretFacts {
    let path = options.text(evaluator, "path");
    let mode = options.mode(evaluator, "mode");
    // agenix-rekey sets `file` itself, from the file that the master key encrypts.
    let rekeyed = options.file(evaluator, "rekeyFile");
    let default = default_file(evaluator, root.config, options);
    let default = default.filter(|_| matches!(rekeyed.value, Ok(None)));
    let is_rekeyed =
        matches!(rekeyed.value, Ok(Some(_))) || rekeyed.is_defined() || default.is_some();
    let rekeyed = default.unwrap_or(rekeyed);
    let (file, problems): (_, &[&str]) = if is_rekeyed {
        (rekeyed, &["path", "mode"])
    } else {
        (options.file(evaluator, "file"), &["path", "mode", "file"])
    };
    secret_problems(evaluator, options, problems, extracted);
    SecretFacts {
        name: options.text(evaluator, "name"),
        path_is_shell_text: path.known().is_some_and(|path| path.contains('$')),
        path,
        // `chmod`, not masked.
        effective_mode: effective_mode(&mode, 0),
        mode,
        ownership: of_user(root).unwrap_or_else(|| of_system(evaluator, options)),
        file,
        is_rekeyed,
        key: Fact::default_value(None),
        format: Fact::default_value(None),
        needed_for_users: Fact::default_value(false),
        symlink: options.boolean(evaluator, "symlink"),
        restart_units: Fact::default_value(Vec::new()),
        unrendered: None,
        is_secret: Some(true),
    }
}

/// Whom a secret of the system belongs to.
fn of_system(evaluator: &mut Evaluator, options: Options) -> Ownership {
    let owner = options.account(evaluator, "owner");
    let group = options.account(evaluator, "group");
    Ownership {
        effective_owner: principal(&owner),
        effective_group: principal(&group),
        owner,
        uid: Fact::default_value(None),
        group,
        gid: Fact::default_value(None),
    }
}

/// The `rekeyFile` that agenix-rekey gives a secret without one: of a generator's output, or below the directory of
/// all secrets; `None` if there is no default, or agenix's own `file` is given.
fn default_file(
    evaluator: &mut Evaluator,
    config: Options,
    options: Options,
) -> Option<Fact<Option<FilePath>>> {
    let generator = options.entry(evaluator, "generator");
    let is_generated =
        generator.is_some_and(|entry| evaluator.force(entry.value) != Ok(Value::Null));
    let rekey = config.path(evaluator, &["age", "rekey"]).ok()?;
    if is_generated {
        let directory = rekey.file(evaluator, "generatedSecretsDir");
        let id = options.text(evaluator, "id");
        if let (Some(Some(directory)), Some(id)) = (directory.known(), id.known()) {
            let absolute = directory.absolute.join(format!("{id}.age"));
            let file = file_path(evaluator.sources.workspace(), &absolute);
            return Some(Fact::default_value(Some(file)));
        }
    }
    let of_all = rekey.file(evaluator, "secretsDir");
    let has_own = options.entry(evaluator, "file");
    let has_own = has_own.is_some_and(|entry| evaluator.force(entry.value).is_ok());
    let is_given = is_generated || !matches!(of_all.value, Ok(None));
    (is_given && !has_own)
        .then(|| Fact::unknown(Unknown::because("the file that agenix-rekey gives it")))
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
