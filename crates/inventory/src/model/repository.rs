//! What lies in the repository beside the files that secrets name: who should be able to decrypt them,
//! and what should not be there at all.

use std::path::Path;

use nix_syntax::source::{FileId, Span};
use secret_files::{Confidence, Recipient, SopsConfig, SshPublicKey, TokenClass};

use super::{FilePath, Manager, OptionPath, SecretFile};

/// The repository as far as secrets are concerned. No field holds a secret's value.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    /// Whether the project is a flake: Nix then sees only what Git tracks, and copies all of it to the
    /// store.
    pub is_flake: bool,
    /// Whether it is known which files Git tracks.
    pub is_git: bool,
    /// Every `.sops.yaml`, sorted by path.
    pub sops_configs: Vec<SopsConfigFile>,
    /// Files that have nearly the name of a `.sops.yaml`, and that sops does not read.
    pub misnamed_sops_configs: Vec<FilePath>,
    /// Places of Nix files that write out a directory that each switch of the system names anew.
    pub generation_paths: Vec<GenerationPath>,
    /// Every `secrets.nix` of agenix, sorted by path.
    pub age_rules: Vec<AgeRulesFile>,
    /// Encrypted files that no secret names and whose recipients can be judged, sorted by path.
    pub unnamed_files: Vec<SecretFile>,
    /// Files that a rule says are encrypted, that are in clear, and that no secret names, sorted by path.
    pub plain_files: Vec<PlainFile>,
    /// Public SSH keys in files of their own, sorted by path.
    pub public_keys: Vec<PublicKeyFile>,
    /// Private keys, sorted by path and place.
    pub private_keys: Vec<PrivateKey>,
    /// Credentials that are written into Nix, sorted by path and place.
    pub credentials: Vec<Credential>,
    /// Files that are given by path to an option that names a secret, sorted by place.
    pub path_literals: Vec<PathLiteral>,
    /// Files of secrets whose content is taken while Nix evaluates, sorted by path and place.
    pub files_evaluated: Vec<FileEvaluated>,
    /// Where MCP servers are declared for a package or a shell, neither of which is evaluated: the option or function,
    /// and the place.
    pub unevaluated_servers: Vec<(&'static str, Span)>,
}

/// A `.sops.yaml`.
#[derive(Debug, Clone)]
pub struct SopsConfigFile {
    /// Which.
    pub path: FilePath,
    /// Whether it lies above the project, which is one part of a repository.
    pub is_beyond: bool,
    /// Its id in the source map; nothing if it is not text.
    pub id: Option<FileId>,
    /// What it says.
    pub config: SopsConfig,
}

/// The rules file of agenix and ragenix, `secrets.nix`.
#[derive(Debug, Clone)]
pub struct AgeRulesFile {
    /// The manager whose rules they are.
    pub manager: &'static Manager,
    /// Which.
    pub path: FilePath,
    /// Its rules, sorted by the file that they are for.
    pub rules: Vec<AgeRule>,
    /// Whether these are all its rules.
    pub is_complete: bool,
    /// The public keys to which names are bound in it, used or not.
    pub named_keys: Vec<NamedRecipient>,
}

/// `/run/secrets.d/11/token`, written out in a Nix file.
#[derive(Debug, Clone)]
pub struct GenerationPath {
    /// The manager whose directory it is.
    pub manager: &'static Manager,
    /// The file in which it is written.
    pub file: FilePath,
    /// Where.
    pub at: Span,
    /// The path, as it is written.
    pub path: String,
    /// Whether it is of a test, an example or the like, by its path.
    pub is_fixture: bool,
}

/// `"token.age".publicKeys = [ … ];`
#[derive(Debug, Clone)]
pub struct AgeRule {
    /// The encrypted file.
    pub file: FilePath,
    /// Where the rule stands.
    pub at: Option<Span>,
    /// Who shall be able to decrypt it; nothing where that is not known completely.
    pub public_keys: Option<Vec<NamedRecipient>>,
    /// The elements of `publicKeys` to which age cannot encrypt.
    pub defects: Vec<AgeRuleDefect>,
}

/// An element of `publicKeys` to which age cannot encrypt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeRuleDefect {
    /// Why not.
    pub kind: AgeRuleDefectKind,
    /// The element.
    pub at: Option<Span>,
}

/// Why age cannot encrypt to an element of `publicKeys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgeRuleDefectKind {
    /// It is a list.
    NestedList,
    /// It is text that is no recipient: why, and the text as far as it may be shown.
    Recipient(&'static str, String),
}

/// A public key with the name that the user gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRecipient {
    /// The key.
    pub recipient: Recipient,
    /// The name of the variable or anchor that holds it.
    pub name: Option<String>,
}

/// A file in clear that a rule says is encrypted.
#[derive(Debug, Clone)]
pub struct PlainFile {
    /// Which.
    pub path: FilePath,
    /// Its id in the source map; `None` if it is not text.
    pub id: Option<FileId>,
    /// The file with the rule: a `.sops.yaml`, a `secrets.nix`.
    pub rule: FilePath,
    /// Whether Git tracks it; `None` if that is not known.
    pub tracked: Option<bool>,
}

/// A file that holds one public SSH key.
#[derive(Debug, Clone)]
pub struct PublicKeyFile {
    /// Which.
    pub path: FilePath,
    /// The key.
    pub key: SshPublicKey,
    /// The age recipient that `ssh-to-age` makes of it, if it can.
    pub age_recipient: Option<String>,
}

/// A private key in a file of the repository.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    /// The file.
    pub path: FilePath,
    /// Where in it; nothing if the file is not text.
    pub at: Option<Span>,
    /// What it is, for a sentence: `OpenSSH private key`.
    pub what: &'static str,
    /// Unencrypted, encrypted, or a handle of a hardware key.
    pub class: TokenClass,
    /// How sure that is.
    pub confidence: Confidence,
    /// Whether Git tracks the file; nothing where that is not known.
    pub tracked: Option<bool>,
    /// Whether it is of a test, an example or the like, by its path.
    pub is_fixture: bool,
}

/// A credential that is written into a Nix file.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The file.
    pub path: FilePath,
    /// Where: the characters of the literal or token.
    pub at: Span,
    /// What it is, for a sentence: `a GitHub token`, or where it is rendered.
    pub kind: CredentialKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether Git tracks the file; nothing where that is not known.
    pub tracked: Option<bool>,
    /// Whether it is of a test, an example or the like, by its path.
    pub is_fixture: bool,
}

/// By what a credential is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// By its shape.
    Token {
        /// Who issues it.
        provider: &'static str,
        /// What it is: `GitHub personal access token`.
        what: &'static str,
    },
    /// By its name, in a place that is rendered into the store.
    Named {
        /// The attribute path as far as it is written: `programs.mcp.servers.github.env.GITHUB_TOKEN`.
        attribute: OptionPath,
        /// How many characters it has.
        length: usize,
    },
}

/// `services.x.passwordFile = ./password;`
#[derive(Debug, Clone)]
pub struct PathLiteral {
    /// The attribute path as far as it is written.
    pub attribute: OptionPath,
    /// Where the path is written.
    pub at: Span,
    /// The file that it names; nothing for text that is written to the store in place.
    pub file: Option<FilePath>,
    /// What lies there.
    pub target: LiteralTarget,
    /// Whether it is of a test, an example or the like, by its path.
    pub is_fixture: bool,
}

/// `builtins.readFile ./secrets.json`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEvaluated {
    /// The file.
    pub path: FilePath,
    /// The call that reads it.
    pub at: Span,
    /// The filter of Git that encrypts it in the repository; `None` if it is in clear there.
    pub filter: Option<&'static str>,
    /// The option that is given what is in it; `None` if it is only known that the file is read.
    pub option: Option<OptionPath>,
}

/// What a path literal leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiteralTarget {
    /// A file of the project that is not encrypted.
    Plaintext,
    /// A path outside of the project.
    Outside,
    /// Text in the Nix file itself, `builtins.toFile` or `pkgs.writeText`.
    Inline,
}

impl Repository {
    /// The `.sops.yaml` files that can be meant for a file, the nearest first, each with the path of the
    /// file relative to it.
    pub fn sops_configs_above<'a>(
        &'a self,
        file: &'a Path,
    ) -> impl Iterator<Item = (&'a SopsConfigFile, String)> {
        let above = self.sops_configs.iter().filter_map(move |config| {
            let directory = config.path.absolute.parent()?;
            let relative = file.strip_prefix(directory).ok()?;
            Some((config, relative.to_string_lossy().into_owned()))
        });
        let mut above: Vec<_> = above.collect();
        above.sort_by_key(|(_, relative)| relative.len());
        above.into_iter()
    }

    /// The rule of agenix for a file, with the file that it stands in.
    #[must_use]
    pub fn age_rule(&self, file: &Path) -> Option<(&AgeRulesFile, &AgeRule)> {
        let mut rules = self.age_rules.iter().flat_map(|rules| {
            let of_file = rules.rules.iter().filter(|rule| rule.file.absolute == file);
            of_file.map(move |rule| (rules, rule))
        });
        let found = rules.next();
        // Two rules for one file: which one counts depends on where agenix is started.
        found.filter(|_| rules.next().is_none())
    }

    /// The file of a public SSH key that this recipient stands for, be it converted for age or not.
    #[must_use]
    pub fn public_key_of(&self, recipient: &Recipient) -> Option<&PublicKeyFile> {
        let wanted = recipient.key();
        self.public_keys.iter().find(|file| {
            file.age_recipient.as_deref() == Some(wanted.as_str())
                || file.key.without_comment() == wanted
        })
    }
}
