//! A secret that a configuration declares.

use std::path::{Path, PathBuf};

use nix_syntax::source::Span;

use super::{Capability, Certainty, Exposure, Fact, Manager};

/// A secret of its own, or a file rendered from several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// One decrypted value or file.
    Secret,
    /// A rendered template.
    Template,
}

/// Who declares a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The system configuration: installed by root.
    System,
    /// The Home Manager configuration of this user: installed as that user.
    User(String),
}

/// A user or group, by name, by number, or both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// Its name, where one is known.
    pub name: Option<String>,
    /// Its number, where one is known.
    pub id: Option<u32>,
}

impl Principal {
    /// root, the user and the group.
    #[must_use]
    pub fn root() -> Self {
        Self {
            name: Some("root".to_owned()),
            id: Some(0),
        }
    }

    /// A principal known by name. `root` is number 0.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            id: (name == "root").then_some(0),
        }
    }

    /// A principal known by number. 0 is `root`.
    #[must_use]
    pub fn numbered(id: u32) -> Self {
        Self {
            name: (id == 0).then(|| "root".to_owned()),
            id: Some(id),
        }
    }

    /// Whether this is root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.id == Some(0) || self.name.as_deref() == Some("root")
    }

    /// Whether both are the same; `None` where names and numbers cannot be compared.
    #[must_use]
    pub fn same(&self, other: &Self) -> Option<bool> {
        match (&self.name, &other.name, self.id, other.id) {
            (Some(a), Some(b), _, _) => Some(a == b),
            (_, _, Some(a), Some(b)) => Some(a == b),
            _ => None,
        }
    }
}

impl std::fmt::Display for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.name, self.id) {
            (Some(name), _) => f.write_str(name),
            (None, Some(id)) => write!(f, "{id}"),
            (None, None) => f.write_str("?"),
        }
    }
}

/// A file that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath {
    /// Absolute; the file may not exist.
    pub absolute: PathBuf,
    /// Relative to the project root with `/`, or the absolute path outside it.
    pub display: String,
}

/// The name of a file for the user: below `root` relative to it, in a directory above `root` with `../`, so
/// that it is the same wherever the repository lies; all of the path elsewhere. With `/` between its parts.
#[must_use]
pub fn name_from(root: &Path, file: &Path) -> String {
    let text = |path: &Path| {
        let text = path.to_string_lossy().into_owned();
        match std::path::MAIN_SEPARATOR {
            '/' => text,
            other => text.replace(other, "/"),
        }
    };
    let above = file
        .parent()
        .and_then(|above| root.strip_prefix(above).ok());
    match (file.strip_prefix(root), above) {
        (Ok(below), _) => text(below),
        (Err(_), Some(down)) => {
            let name = file.file_name().unwrap_or_default();
            "../".repeat(down.components().count()) + &text(Path::new(name))
        }
        (Err(_), None) => text(file),
    }
}

/// A declared secret and where it ends up on the machine.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Who manages it.
    pub manager: &'static Manager,
    /// Secret or template.
    pub kind: SecretKind,
    /// System or user.
    pub scope: Scope,
    /// The attribute: `github_token`.
    pub attribute: String,
    /// The option path ready to paste: `sops.secrets.github_token`, names quoted where Nix needs it.
    pub option: String,
    /// The name of the attribute in each definition, the first one first; empty if none is in the project.
    pub declared_at: Vec<Span>,
    /// Whether the declaration certainly exists.
    pub certainty: Certainty,
    /// The file name below the manager's directory.
    pub name: Fact<String>,
    /// Where readers find it: `/run/secrets/github_token`. May hold shell text (agenix under Home
    /// Manager): see [`Secret::path_is_shell_text`].
    pub path: Fact<String>,
    /// Whether `path` only means something to a shell.
    pub path_is_shell_text: bool,
    /// The option `owner` as written.
    pub owner: Fact<Option<String>>,
    /// The option `uid`.
    pub uid: Fact<Option<i64>>,
    /// The option `group` as written or derived.
    pub group: Fact<Option<String>>,
    /// The option `gid`.
    pub gid: Fact<Option<i64>>,
    /// Who owns the file on the machine, as the manager decides it.
    pub effective_owner: Fact<Principal>,
    /// Its group on the machine.
    pub effective_group: Fact<Principal>,
    /// The option `mode` as written.
    pub mode: Fact<String>,
    /// Its permission bits (at most 0o7777) on the machine; unknown where `mode` is unknown or
    /// means nothing to the manager.
    pub effective_mode: Fact<u32>,
    /// The encrypted file in the repository.
    pub file: Fact<Option<FilePath>>,
    /// Whether that file is encrypted to the master keys of agenix-rekey, which encrypts it again for the
    /// host.
    pub is_rekeyed: bool,
    /// The key inside that file; empty for the whole file.
    pub key: Fact<Option<String>>,
    /// `yaml`, `json`, `dotenv`, `ini`, `binary`; nothing where the manager has no formats.
    pub format: Fact<Option<String>>,
    /// Installed before users exist, always as root (sops-nix).
    pub needed_for_users: Fact<bool>,
    /// Whether `path` is a link to the installed file (sops-nix; agenix with `symlink = true`).
    pub symlink: Fact<bool>,
    /// Units restarted or reloaded when it changes.
    pub restart_units: Fact<Vec<String>>,
    /// Where the file that a template is made of holds an expression of Nix that names a placeholder, which
    /// nobody evaluates there.
    pub unrendered: Option<Span>,
    /// Whether there is something secret in it. A template without a placeholder holds nothing secret;
    /// `None` where its text is not known.
    pub is_secret: Option<bool>,
    /// Whether it is known who reads it, and who else can; as nothing is known until the whole project is.
    pub exposure: Exposure,
}

impl Secret {
    /// The option whose attribute it is: `sops.secrets`, `sops.templates`.
    #[must_use]
    pub fn declaring_option(&self) -> &'static str {
        match (self.kind, &self.manager.templates) {
            (SecretKind::Template, Some(templates)) => templates.option,
            _ => self.manager.secrets,
        }
    }

    /// Its option in the configuration that declares it: without `home-manager.users.alice.`.
    #[must_use]
    pub fn option_in_scope(&self) -> &str {
        let start = self.option.rfind(self.declaring_option());
        start
            .and_then(|start| self.option.get(start..))
            .unwrap_or(&self.option)
    }

    /// The option whose attribute it is, ready to paste: `home-manager.users.alice.sops.secrets`.
    #[must_use]
    pub fn declaring_option_path(&self) -> &str {
        let declaring = self.declaring_option();
        let start = self.option.rfind(declaring);
        start
            .and_then(|start| self.option.get(..start + declaring.len()))
            .unwrap_or(declaring)
    }

    /// Whether its file can hold several values, of which `key` chooses one.
    #[must_use]
    pub fn has_formats(&self) -> bool {
        self.kind == SecretKind::Secret && self.manager.has(Capability::HasFormats)
    }

    /// Whether the last part of its path follows the option `name`.
    #[must_use]
    pub fn renames_by_name(&self) -> bool {
        self.kind == SecretKind::Template || self.manager.has(Capability::RenamesByName)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::name_from;

    #[test]
    fn a_file_is_named_from_the_root() {
        let name = |root: &str, file: &str| name_from(Path::new(root), Path::new(file));
        assert_eq!(name("/a/b", "/a/b/c/d"), "c/d");
        assert_eq!(name("/a/b/c", "/a/.sops.yaml"), "../../.sops.yaml");
        assert_eq!(name("/a", "/a/.sops.yaml"), ".sops.yaml");
        assert_eq!(name("/a/b", "/a/c/d"), "/a/c/d");
    }
}
