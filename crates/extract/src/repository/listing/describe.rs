//! Whether a file is a secret file, by its content first and by its name last.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::defects::{guarded, undescribed};
use inventory::mcp_modules::is_client_file;
use secret_files::{
    FileFacts, Format, State, TokenClass, describe, describe_age, has_secret_name,
    is_marked_by_sops,
};

/// Larger files are not read whole: 64 MiB.
const MAX_READ: u64 = 64 << 20;
/// Larger files are looked at only if their name or first bytes say that they are secret: 16 MiB.
const MAX_PLAIN: u64 = secret_files::MAX_PARSED_BYTES as u64;
/// So much of a large file decides.
const HEAD: u64 = 4 << 10;

/// What a file turned out to be.
pub(crate) enum Look {
    /// A secret file: its bytes and what they are.
    Secret(Vec<u8>, FileFacts),
    /// One that cannot be looked at.
    Unreadable(FileFacts),
    /// Something else.
    Other,
}

/// Text that may show sops files without being one.
const PROSE: [&str; 22] = [
    "nix", "md", "mdx", "rst", "adoc", "org", "tex", "html", "rs", "go", "py", "sh", "bash", "zsh",
    "fish", "lua", "el", "ts", "js", "css", "svg", "patch",
];
/// What lies beside secrets and is none.
const BESIDE: [&str; 6] = [
    ".sops.yaml",
    ".sops.yml",
    "secrets.nix",
    "README.md",
    ".gitignore",
    ".gitattributes",
];

/// Looks at a file. `is_meant`: the user or a rule says that it is a secret file.
pub(crate) fn look(path: &Path, shown: &str, is_meant: bool) -> Look {
    let is_named = is_meant || has_secret_name(path, shown);
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Look::Other;
    };
    // A link was listed as a link, or is what the user named.
    let metadata = if metadata.is_symlink() {
        match fs::metadata(path) {
            Ok(metadata) if is_meant => metadata,
            _ => return Look::Other,
        }
    } else {
        metadata
    };
    if !metadata.is_file() {
        return if is_named {
            Look::Unreadable(unreadable(path))
        } else {
            Look::Other
        };
    }
    let limit = match metadata.len() {
        0..=MAX_PLAIN => MAX_PLAIN,
        _ if is_named || head_is_age(path) => MAX_READ,
        _ => return Look::Other,
    };
    if metadata.len() > limit {
        return Look::Unreadable(broken(&format!(
            "larger than {} MiB: not looked at",
            limit >> 20
        )));
    }
    if !is_named && metadata.len() <= MAX_PLAIN && is_none_by_name(path) {
        return Look::Other;
    }
    let bytes = match read(path, limit) {
        Ok(bytes) => bytes,
        Err(error) if is_named => return Look::Unreadable(broken(&error.to_string())),
        Err(_) => return Look::Other,
    };
    let facts = guarded(|| classify(path, &bytes, is_named));
    match facts.unwrap_or_else(|panic| Some(undescribed(&panic))) {
        Some(facts) => Look::Secret(bytes, facts),
        None => Look::Other,
    }
}

fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn head_is_age(path: &Path) -> bool {
    read(path, HEAD).is_ok_and(|head| head.starts_with(b"age-encryption.org/"))
}

fn classify(path: &Path, bytes: &[u8], is_named: bool) -> Option<FileFacts> {
    let extension = extension(path);
    if extension == "age" {
        return Some(describe_age(bytes));
    }
    if is_named || holds_a_token(path, bytes) {
        return Some(describe(path, bytes));
    }
    if is_beside_or_prose(path) {
        return None;
    }
    let begins = |starts: &[&str]| {
        starts
            .iter()
            .any(|start| bytes.starts_with(start.as_bytes()))
    };
    let is_marked = begins(&[
        "age-encryption.org/",
        "-----BEGIN ",
        "AGE-",
        "\0GITCRYPT",
        "Salted__",
        "U2FsdGVkX1",
    ]) || begins(&[
        "$ANSIBLE_VAULT",
        "PuTTY-User-Key-File-",
        "---- BEGIN SSH2",
        "# created: ",
    ]);
    if !is_marked && !is_marked_by_sops(bytes) {
        return None;
    }
    let facts = describe(path, bytes);
    let is_encrypted =
        facts.sops.is_some() || facts.age.is_some() || facts.state == State::OtherEncrypted;
    let is_damaged = facts.state == State::Broken && facts.format != Format::Text;
    // The only thing that a file begins with these lines and is not secret for is a certificate.
    (is_encrypted || is_damaged || facts.format.is_private_key()).then_some(facts)
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}

fn is_beside_or_prose(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    BESIDE.contains(&&*name) || PROSE.contains(&extension(path).as_str())
}

/// Whether no content makes a file that is not meant a secret file: it need not be read.
fn is_none_by_name(path: &Path) -> bool {
    is_beside_or_prose(path) && !is_client_file(&path.to_string_lossy())
}

/// Whether it is the file of an MCP client with a credential in it.
fn holds_a_token(path: &Path, bytes: &[u8]) -> bool {
    is_client_file(&path.to_string_lossy())
        && secret_files::scan(bytes)
            .iter()
            .any(|found| found.class == TokenClass::Credential)
}

/// What is said of a file that is none: a pipe, a device, a link out of the project.
pub(crate) fn unreadable(path: &Path) -> FileFacts {
    let kind = fs::symlink_metadata(path).map(|metadata| metadata.file_type());
    let message = match kind {
        Ok(kind) if kind.is_symlink() => "a symbolic link that is not followed",
        Ok(_) => "not a regular file",
        Err(_) => "it cannot be looked at",
    };
    broken(message)
}

/// A file that could not be read.
pub(crate) fn broken(message: &str) -> FileFacts {
    FileFacts::unreadable(message)
}
