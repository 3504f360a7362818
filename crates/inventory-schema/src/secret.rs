//! A secret and a process that reads it.

use serde::{Deserialize, Serialize};

use crate::{Place, Unknowns};

/// A declared secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// The secret manager: `sops-nix`, `agenix`.
    pub manager: Option<String>,
    /// The kind: `secret`, `template`.
    pub kind: String,
    /// The scope: `system`, `user`.
    pub scope: Option<String>,
    /// The user, for the scope `user`.
    pub user: Option<String>,
    /// The attribute that declares it.
    pub attribute: Option<String>,
    /// The file's name.
    pub name: Option<String>,
    /// The path where it lands.
    pub path: Option<String>,
    /// The owner, as the option says; `None` with the number 0 is root.
    pub owner: Option<String>,
    /// The owner's number.
    pub uid: Option<i64>,
    /// The group, as the option says.
    pub group: Option<String>,
    /// The group's number.
    pub gid: Option<i64>,
    /// The mode, in octal: `0400`.
    pub mode: Option<String>,
    /// The encrypted file, relative to the root.
    pub file: Option<String>,
    /// The key in the encrypted file.
    pub key: Option<String>,
    /// The format of the encrypted file: `yaml`.
    pub format: Option<String>,
    /// To whom the file is encrypted, sorted: recipients of sops, stanzas of age as `ssh-ed25519 TAG`.
    pub recipients: Option<Vec<String>>,
    /// Whether it is installed before users are created.
    pub needed_for_users: Option<bool>,
    /// Where it is declared first.
    pub declared_at: Option<Place>,
    /// Whether it is known who reads it: `decided`, `undecided`, `nobody`, `not-found`; `None` from a writer
    /// that does not know.
    pub answer: Option<String>,
    /// The attributes of the templates that contain it, whose readers are its own.
    pub templates: Vec<String>,
    /// Who else can read it, sorted.
    pub others: Vec<Other>,
    /// Why more may be able to.
    pub others_unknown: Vec<String>,
    /// Why fields are `None`; `declared` if it is not certain that it is declared.
    pub unknown: Unknowns,
}

/// Somebody who can read a secret, whether or not it does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Other {
    /// Who: `alice`, `backup.service`, `containers.web`, `root`, `everybody`.
    pub who: String,
    /// Why it can, for a person.
    pub why: String,
    /// Where the configuration says so.
    pub at: Option<Place>,
}

/// What would decide whether a reader can read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Need {
    /// The kind: `input`, `reader`, `value`.
    pub kind: String,
    /// What it is, for a person.
    pub what: String,
    /// What to paste: an argument, a table of `mcp-lint.toml`; `None` if the configuration has to say it.
    pub paste: Option<String>,
    /// Where it is needed.
    pub at: Option<Place>,
}

/// A process that opens a secret's file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reader {
    /// The attribute of the secret; `None` if no declared one lands at the path.
    pub secret: Option<String>,
    /// The path that is opened.
    pub path: Option<String>,
    /// The user's name or number.
    pub user: Option<String>,
    /// What reads, for a person: `services.mcp github`, `postgresql.service ExecStartPost`.
    pub via: Option<String>,
    /// What it takes the content for: `value`, `variable`, `environment-file`, `password-hash`; `None` from a
    /// writer that does not know.
    pub content: Option<String>,
    /// When: `evaluation`, `before-users`, `activation`, `service-manager`, `service`, `user-service`,
    /// `session`.
    pub moment: Option<String>,
    /// Where the configuration says so.
    pub at: Option<Place>,
    /// Whether it can: `yes`, `no`, `unknown`.
    pub readable: String,
    /// Why, for a person.
    pub reason: String,
    /// How it is known who opens it: `user` (a `[[reader]]`), `module`, `table`, `mechanism`; `None` from a
    /// writer that does not know.
    pub from: Option<String>,
    /// What would decide whether it can; `None` if that is decided.
    pub needs: Option<Need>,
    /// The container in which it runs, with users of its own; the field is left out for a process of the
    /// host itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}
