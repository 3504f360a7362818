//! What the files that secrets come from show of their content.

use secret_files::{FileFacts, Lookup, SopsFormat};

use crate::model::{FileState, Secret, SecretFile};

/// The file that a secret comes from, among these, which are sorted by path; `None` if it was not found.
fn file_of<'f>(files: &'f [SecretFile], secret: &Secret) -> Option<&'f SecretFile> {
    let path = secret.file.known()?.as_ref()?;
    let at = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
    files.get(at)
}

/// What the structure of that file shows.
#[must_use]
pub fn facts_of<'f>(
    files: &'f [SecretFile],
    secret: &Secret,
) -> Option<(&'f SecretFile, &'f FileFacts)> {
    let file = file_of(files, secret)?;
    Some((file, file.facts.as_ref()?))
}

/// The key of a sops secret, its file, and what is found at the key; `None` for secrets that are whole files, and
/// where the file cannot be decrypted anyway.
#[must_use]
pub fn lookup<'f>(
    files: &'f [SecretFile],
    secret: &'f Secret,
) -> Option<(&'f str, &'f SecretFile, Lookup<'f>)> {
    let (file, facts) = facts_of(files, secret)?;
    let is_whole = matches!(file.state, FileState::Encrypted | FileState::Partial);
    let of_sops = secret.has_formats();
    let declared = { secret.format.known()? }
        .as_deref()
        .and_then(SopsFormat::from_option)?;
    let actual = facts.format.sops()?;
    let is_that_format =
        declared == actual || (declared, actual) == (SopsFormat::Yaml, SopsFormat::Json);
    let key = secret.key.known()?.as_deref()?;
    match facts.lookup(declared, key) {
        Lookup::WholeFile | Lookup::Undetermined => None,
        found => (of_sops && is_whole && is_that_format).then_some((key, file, found)),
    }
}

/// How long the decrypted secret is, in bytes; `None` where its file does not show that.
#[must_use]
pub fn plaintext_length(files: &[SecretFile], secret: &Secret) -> Option<usize> {
    if !secret.has_formats() {
        return facts_of(files, secret)?.1.plaintext_length;
    }
    match lookup(files, secret)?.2 {
        Lookup::Found(key) => key.value.plaintext_length(),
        _ => None,
    }
}
