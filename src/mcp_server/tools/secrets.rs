//! What several tools say of a secret.

use inventory::{Fact, FileState, Host, Inventory, Principal, Readable, Secret};

/// A value, or why it is not known.
pub(super) fn text(fact: &Fact<String>) -> String {
    match &fact.value {
        Ok(value) => value.clone(),
        Err(why) => not_determined(&why.reason),
    }
}

/// What is written for something that is not known.
pub(super) fn not_determined(why: &dyn std::fmt::Display) -> String {
    format!("not determined: {why}")
}

fn principal(fact: &Fact<Principal>) -> String {
    match &fact.value {
        Ok(principal) => principal.to_string(),
        Err(why) => not_determined(&why.reason),
    }
}

/// `alice:users 0400`
pub(super) fn access(secret: &Secret) -> String {
    let mode = match &secret.effective_mode.value {
        Ok(mode) => format!("{mode:04o}"),
        Err(why) => not_determined(&why.reason),
    };
    let (owner, group) = (&secret.effective_owner, &secret.effective_group);
    format!("{}:{} {mode}", principal(owner), principal(group))
}

/// `secrets/desk.yaml#github/token`; `None` if no file is declared.
pub(super) fn from(secret: &Secret) -> Option<String> {
    let file = match &secret.file.value {
        Ok(file) => file.as_ref()?,
        Err(why) => return Some(not_determined(&why.reason)),
    };
    let key = secret.key.known().and_then(Option::as_deref);
    Some(match key.filter(|key| !key.is_empty()) {
        Some(key) => format!("{}#{key}", file.display),
        None => file.display.clone(),
    })
}

/// What lies in the repository; `None` if that is not known.
pub(super) fn state(inventory: &Inventory, host: usize, secret: usize) -> Option<FileState> {
    let mut files = inventory.files.iter();
    let file = files.find(|file| file.used_by.contains(&(host, secret)))?;
    Some(file.state)
}

/// Whether a reader can: `yes`, `no`, `unknown`.
pub(super) const fn readable(readable: Readable) -> &'static str {
    match readable {
        Readable::Yes => "yes",
        Readable::No => "no",
        Readable::Unknown => "unknown",
    }
}

/// The templates that contain a secret.
pub(super) fn templates(host: &Host, secret: &Secret) -> Vec<String> {
    { secret.exposure.templates.iter() }
        .filter_map(|index| host.secrets.get(*index))
        .map(|template| template.option.clone())
        .collect()
}

/// A name without what people write differently: `GITHUB_TOKEN` is `github-token`.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
