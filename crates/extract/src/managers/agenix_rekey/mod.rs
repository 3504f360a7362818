//! agenix-rekey: `age.rekey` (modules/agenix-rekey.nix, 8b9c179).

pub(crate) mod keys;

use nix_eval::value::{Entry, Hole, StringPart, Value};
use nix_eval::{Eval, Evaluator, Workspace};

use crate::values::{Options, entry_fact, items, text};
use inventory::model::{Fact, FilePath, Host, HostKey, MasterIdentity, Rekey, Rekeying, Secret};

/// What lints ask of it.
pub(crate) const REKEYING: Rekeying = Rekeying {
    name: "agenix-rekey",
    option: "age.rekey",
    master_keys: "masterIdentities and extraEncryptionPubkeys",
    update: "agenix update-masterkeys",
};

/// Its settings, where a secret of the system has a `rekeyFile` or is intermediary.
pub(crate) fn find(
    evaluator: &mut Evaluator,
    config: Options,
    secrets: &[Secret],
) -> Option<Rekey> {
    let declared = config.path(evaluator, &["age", "secrets"]).ok()?;
    let mut intermediary = Vec::new();
    let mut rekeyed = Vec::new();
    for (name, entry) in declared.entries(evaluator) {
        let index = secrets.iter().position(|secret| {
            let rekeying = secret.manager.rekeying.as_ref();
            rekeying.is_some_and(|it| it.name == REKEYING.name)
                && secret.scope == inventory::model::Scope::System
                && secret.attribute == name
        });
        let (Some(index), Ok(set)) = (index, evaluator.force_attrs(entry.value)) else {
            continue;
        };
        let options = Options { set };
        let fact = options.boolean(evaluator, "intermediary");
        let is_intermediary = fact.known() == Some(&true);
        if is_intermediary {
            intermediary.push((index, fact));
        }
        let file = options.file(evaluator, "rekeyFile");
        let has_file =
            matches!(file.value, Ok(Some(_))) || (file.value.is_err() && file.is_defined());
        if has_file && !is_intermediary {
            rekeyed.push(index);
        }
    }
    if intermediary.is_empty() && rekeyed.is_empty() {
        return None;
    }
    let options = config.path(evaluator, &["age", "rekey"]).ok()?;
    let host_key = match options.entry(evaluator, "hostPubkey") {
        Some(entry) => host_key(evaluator, entry),
        None => Fact::default_value(HostKey::Missing),
    };
    Some(Rekey {
        host_key,
        storage_mode: options.optional_text(evaluator, "storageMode"),
        local_storage: options.file(evaluator, "localStorageDir"),
        master_identities: master_identities(evaluator, options),
        encrypted_to: crate::managers::agenix_rekey::keys::recipients(evaluator, options),
        intermediary,
        rekeyed,
        missing: Vec::new(),
    })
}

/// A path value is read; a string is the key itself.
fn host_key(evaluator: &mut Evaluator, entry: Entry) -> Fact<HostKey> {
    entry_fact(evaluator, entry, |evaluator, value| match value {
        Value::Null => Ok(HostKey::Missing),
        Value::Path(path) => {
            let absolute = std::path::PathBuf::from(&*evaluator.path_text(path));
            let display = evaluator.sources.workspace().display(&absolute);
            Ok(HostKey::File(FilePath { absolute, display }))
        }
        Value::String(id) => {
            let parts = evaluator.string_parts(id).parts();
            if let [StringPart::Hole(Hole::Source(path)), rest @ ..] = parts.as_slice() {
                let mut shown = evaluator.path_text(*path).to_string();
                if let [StringPart::Text(rest)] = rest {
                    shown.push_str(rest);
                }
                let shown = evaluator
                    .sources
                    .workspace()
                    .display(std::path::Path::new(&shown));
                return Ok(HostKey::PathAsText(shown));
            }
            let key = text(evaluator, value)?;
            Ok(match key.trim() {
                "" => HostKey::Missing,
                key if key == secret_files::REKEY_DUMMY_PUBLIC_KEY => HostKey::Missing,
                trimmed if trimmed.starts_with(['/', '.']) => {
                    HostKey::PathAsText(trimmed.to_owned())
                }
                // As it is written, line feed and all: the names of the rekeyed files are made of it.
                _ => HostKey::Key(key.to_string()),
            })
        }
        other => Err(evaluator.type_error(other, "a string")),
    })
}

fn master_identities(evaluator: &mut Evaluator, options: Options) -> Vec<MasterIdentity> {
    let Some(entry) = options.entry(evaluator, "masterIdentities") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (item, _) in items(evaluator, entry.value) {
        let path = identity_path(evaluator, item);
        let written = crate::values::written(evaluator, entry);
        let at = evaluator
            .origin_span(item)
            .filter(|at| crate::values::is_users(*at))
            .or(written.at);
        found.push(MasterIdentity {
            file: Fact {
                value: path.map_err(|why| crate::values::unknown(evaluator, why)),
                at,
                binding: written.binding,
                origin: written.origin,
            },
            is_in_clear: false,
            is_public: false,
        });
    }
    found
}

/// Whether a file holds public keys and no identity: plugins write both into one file.
fn is_public(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let lines = text.lines().map(str::trim);
    let mut lines = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let is_public_key = |line: &str| {
        let is_ssh = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
        is_ssh.iter().any(|kind| line.starts_with(kind)) || line.starts_with("age1")
    };
    lines.peek().is_some() && lines.all(is_public_key)
}

/// A path, or a set with the path in `identity`.
fn identity_path(evaluator: &mut Evaluator, item: nix_eval::Thunk) -> Eval<FilePath> {
    let mut value = evaluator.force(item)?;
    if let Value::Attrs(set) = value {
        let name = evaluator.symbol("identity");
        value = evaluator.select_attribute(set, name)?;
    }
    let path = evaluator.coerce_to_path(value)?;
    let absolute = std::path::PathBuf::from(&*evaluator.path_text(path));
    let display = evaluator.sources.workspace().display(&absolute);
    Ok(FilePath { absolute, display })
}

/// Which of the files that agenix-rekey needs are not there, and which identities are in clear.
pub(crate) fn files(host: &mut Host, project: &Workspace) {
    let secrets = &host.secrets;
    let Some(rekey) = &mut host.settings.rekey else {
        return;
    };
    for identity in &mut rekey.master_identities {
        let Some(path) = identity.file.known() else {
            continue;
        };
        let Ok(bytes) = project.read(&path.absolute) else {
            continue;
        };
        let facts = secret_files::describe(&path.display, &bytes);
        identity.is_in_clear =
            facts.format.is_private_key() && facts.state == secret_files::State::Plaintext;
        identity.is_public = is_public(&bytes);
    }
    let is_local = rekey
        .storage_mode
        .known()
        .is_some_and(|mode| mode.as_deref() == Some("local"));
    let key = match rekey.host_key.known() {
        Some(HostKey::Key(key)) => Some(key.clone()),
        Some(HostKey::File(file)) => project
            .read(&file.absolute)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()),
        _ => None,
    };
    let (true, Some(key), Some(Some(storage))) = (is_local, key, rekey.local_storage.known())
    else {
        return;
    };
    for index in &rekey.rekeyed {
        let Some(secret) = secrets.get(*index) else {
            continue;
        };
        let (Some(Some(file)), Some(name)) = (secret.file.known(), secret.name.known()) else {
            continue;
        };
        let Ok(bytes) = project.read(&file.absolute) else {
            continue;
        };
        let identifier = secret_files::rekey_identifier(&key, &bytes);
        let absolute = storage.absolute.join(format!("{identifier}-{name}.age"));
        if matches!(project.read(&absolute), Err(nix_source::ReadError::Missing)) {
            let display = project.display(&absolute);
            rekey.missing.push((*index, FilePath { absolute, display }));
        }
    }
}
