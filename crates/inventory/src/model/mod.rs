//! The data.

mod container;
mod declaration;
mod directive;
mod exposure;
mod fact;
mod file;
mod gap;
mod given;
mod host;
mod input;
mod manager;
mod mcp;
mod option_path;
mod problem;
mod reader;
mod reason;
mod reference;
mod repository;
mod secret;
mod settings;
mod via;

pub use container::below;
pub use container::{Backing, BindMount, Container, HostSecret};
pub use declaration::Declaration;
pub use directive::Directive;
pub use exposure::{Answer, Exposure, FileCopy, Membership, Other, UnitProcess, Who, Why};
pub use fact::{Certainty, Fact, Origin};
pub use file::{FileProblem, FileState, SecretFile};
pub use gap::{Configurations, Gap, GapKind};
pub use given::{GivenCredential, GivenFrom};
pub use host::{
    Group, Host, HostClass, KeySource, RefusedKey, SopsSettings, UndeclaredSecret, User,
};
pub use input::{FlakeInput, InputSource};
pub use manager::{
    Advice, Capability, Deployment, Early, EncryptedFiles, Encryption, HomeDirectory, Installer,
    InstallerUnit, KeyKind, KeyOption, LimitedOption, Manager, MissingIn, Rekeying, Templates,
};
pub use mcp::{Fault, McpConfiguration, McpServer, McpStatus, ServerValue, VALUES, ValueKind};
pub use option_path::OptionPath;
pub use problem::{Problem, ProblemKind};
pub use reader::{ContentUse, Moment, Need, Readable, Reader, ReaderOrigin, Verdict, sort_readers};
pub use reason::{EvaluationError, Reason, Unknown};
pub use reference::{Form, Reference, ReferenceKind, UNIT_SCRIPTS, nix_option};
pub use repository::{
    AgeRule, AgeRuleDefect, AgeRuleDefectKind, AgeRulesFile, Credential, CredentialKind,
    FileEvaluated, GenerationPath, LiteralTarget, NamedRecipient, PathLiteral, PlainFile,
    PrivateKey, PublicKeyFile, Repository, SopsConfigFile,
};
pub use secret::{FilePath, Principal, Scope, Secret, SecretKind, name_from};
pub use settings::{
    ActivationScript, EARLY_MOUNTS, HostKey, MasterIdentity, Mount, OciContainer, OwnedDirectory,
    Rekey, Settings, Unit,
};
pub use via::Via;

use std::collections::BTreeSet;
use std::path::PathBuf;

/// Everything that one run found out.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The project root: absolute, without symbolic links.
    pub root: PathBuf,
    /// The evaluated hosts, sorted by attribute.
    pub hosts: Vec<Host>,
    /// The files that the hosts' secrets name, sorted by path.
    pub files: Vec<SecretFile>,
    /// What else lies in the repository.
    pub repository: Repository,
    /// What could not be read or evaluated, not tied to one host: sorted by place.
    pub problems: Vec<Problem>,
    /// What could not be read of the files that no configuration loads, sorted by place.
    pub unloaded_problems: Vec<Problem>,
    /// The Nix files of the project that were inspected and that no configuration loads; empty if that is not known.
    pub unloaded_files: BTreeSet<PathBuf>,
    /// What of the project was not inspected, not tied to one host, sorted.
    pub gaps: Vec<Gap>,
    /// The secret managers that were looked for, used or not, sorted by name.
    pub managers: &'static [&'static Manager],
    /// Directories that belong to a secret manager, beyond those that the configuration tells.
    pub managed_directories: Vec<String>,
    /// Whether hosts were left out because only some were asked for.
    pub is_partial: bool,
    /// Comments for this program, sorted by file and place.
    pub directives: Vec<Directive>,
    /// How many Nix files were read.
    pub files_read: usize,
    /// The declarations that are written out in the project's files, reached or not, by place.
    pub declarations: Vec<Declaration>,
    /// The Nix files of the project that a host loads as a module, sorted.
    pub modules: Vec<PathBuf>,
    /// The inputs of the project's flake, sorted by depth and name.
    pub inputs: Vec<FlakeInput>,
}
