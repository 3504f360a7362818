//! One evaluated configuration.

use nix_syntax::source::Span;

use super::{
    Container, Fact, FileCopy, Gap, GivenCredential, KeyOption, Manager, McpConfiguration,
    Membership, Mount, OptionPath, Problem, Reader, Reference, Scope, Secret, Settings,
    UnitProcess, Unknown,
};

/// What kind of configuration it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostClass {
    /// NixOS.
    Nixos,
    /// nix-darwin.
    Darwin,
    /// Home Manager on its own.
    HomeManager,
    /// system-manager, on another Linux.
    SystemManager,
    /// A module that no output reaches, evaluated alone.
    Module,
}

impl HostClass {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nixos => "nixos",
            Self::Darwin => "darwin",
            Self::HomeManager => "home-manager",
            Self::SystemManager => "system-manager",
            Self::Module => "module",
        }
    }
}

/// A user that the configuration declares or that always exists.
#[derive(Debug, Clone)]
pub struct User {
    /// `alice`
    pub name: String,
    /// Its number, where fixed.
    pub uid: Fact<Option<i64>>,
    /// Its primary group; nothing where none is set.
    pub group: Fact<Option<String>>,
    /// All its groups, `users.groups.*.members` and `extraGroups` included, without the primary one.
    pub groups: Fact<Vec<String>>,
    /// Its home directory.
    pub home: Fact<Option<String>>,
    /// `isNormalUser`
    pub is_normal_user: Fact<bool>,
    /// `linger`: whether its service manager starts with the system.
    pub lingers: Fact<bool>,
    /// Where the user's files declare it; empty for one that always exists.
    pub declared_at: Vec<Span>,
}

impl User {
    /// The user of that name among users that are sorted by name, as those of a host are.
    #[must_use]
    pub fn named<'a>(users: &'a [Self], name: &str) -> Option<&'a Self> {
        let at = users.partition_point(|user| user.name.as_str() < name);
        users.get(at).filter(|user| user.name == name)
    }
}

/// A group that the configuration declares or that always exists.
#[derive(Debug, Clone)]
pub struct Group {
    /// `wheel`
    pub name: String,
    /// Its number, where fixed.
    pub gid: Fact<Option<i64>>,
    /// Where the user's files declare it; empty for one that always exists.
    pub declared_at: Vec<Span>,
}

/// A key that decrypts the secrets of one manager and scope.
#[derive(Debug, Clone)]
pub struct KeySource {
    /// The manager that decrypts with it.
    pub manager: &'static Manager,
    /// System or user.
    pub scope: Scope,
    /// The option that names it.
    pub option: &'static KeyOption,
    /// The file.
    pub path: Fact<String>,
    /// Whether the value is a Nix path literal, which is copied to the store.
    pub is_path_literal: bool,
    /// The file system that holds it, where the configuration shows that.
    pub mount: Option<Mount>,
}

/// A secret that an option takes by its name, and that no module declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UndeclaredSecret {
    /// Where it is taken.
    pub at: Span,
    /// The set in which it is looked up: `sops.secrets`, `home-manager.users.alice.sops.templates`.
    pub set: String,
    /// The names that the set has, sorted.
    pub declared: Vec<String>,
    /// The name that it lacks.
    pub name: String,
    /// The option that takes it.
    pub option: OptionPath,
}

/// A definition of an option for keys that its type refuses: no absolute path.
#[derive(Debug, Clone)]
pub struct RefusedKey {
    /// The manager whose option it is.
    pub manager: &'static Manager,
    /// The option that names it.
    pub option: &'static KeyOption,
    /// The text.
    pub path: String,
    /// Where it is written.
    pub at: Option<Span>,
}

/// Settings of sops-nix other than secrets, for one scope of a host.
#[derive(Debug, Clone)]
pub struct SopsSettings {
    /// The manager whose settings they are.
    pub manager: &'static Manager,
    /// System or user.
    pub scope: Scope,
    /// The options' prefix, ready to paste: `sops`, `home-manager.users.alice.sops`.
    pub option: String,
    /// `sops.validateSopsFiles`
    pub validate_files: Fact<bool>,
    /// `sops.age.generateKey`
    pub generate_key: Fact<bool>,
    /// Whether `sops.gnupg.home` or `sops.gnupg.sshKeyPaths` give other keys.
    pub has_gnupg: Fact<bool>,
}

/// One configuration and what was found in it.
#[derive(Debug, Clone)]
pub struct Host {
    /// `desk`; of a container `desk/web`.
    pub name: String,
    /// Its kind.
    pub class: HostClass,
    /// Whether it is a module that no configuration loads of those that are known.
    pub is_unloaded: bool,
    /// Whether no other file of the project names the module that it is, and none is loaded without being named.
    pub is_unnamed: bool,
    /// Whether it is in another one: a container or a virtual machine.
    pub is_inner: bool,
    /// `nixosConfigurations.desk`, `nixosConfigurations.desk.config.containers.web.config`; for a module
    /// its relative path.
    pub attribute: String,
    /// Where it is defined.
    pub at: Option<Span>,
    /// For a container of another host: how it hangs on that.
    pub container: Option<Container>,
    /// Why it could not be evaluated at all, if so.
    pub failed: Option<Unknown>,
    /// What of it was not inspected, sorted; of one that failed that it did.
    pub gaps: Vec<Gap>,
    /// Why it may have modules, secrets or users that are not here, sorted, each reason once.
    pub open: Vec<Unknown>,
    /// Its secrets, sorted by manager, scope, kind, attribute.
    pub secrets: Vec<Secret>,
    /// What its options take as a secret, and nothing declares: it cannot be evaluated. Sorted.
    pub undeclared: Vec<UndeclaredSecret>,
    /// Why there may be more secrets than these, if so: a module that could declare some is not in
    /// this repository.
    pub secrets_open: Option<Unknown>,
    /// Why any secret may have a reader that no option of it names, if so: a module that could name some is not in
    /// this repository.
    pub readers_open: Option<Unknown>,
    /// Its readers, sorted by secret, via, place.
    pub readers: Vec<Reader>,
    /// Where its options hold the path or placeholder of a secret, sorted.
    pub references: Vec<Reference>,
    /// What decides when its secrets are installed and used.
    pub settings: Settings,
    /// Its MCP configurations, sorted by user.
    pub mcp: Vec<McpConfiguration>,
    /// Its users, sorted by name, `root` and the others that every system has included.
    pub users: Vec<User>,
    /// Its groups, likewise.
    pub groups: Vec<Group>,
    /// Why there may be more users or groups than these, if so.
    pub users_open: Option<Unknown>,
    /// Whether the user's files declare any user at all; without one the configuration is an excerpt.
    pub declares_users: bool,
    /// Services that it sets, does not switch off, and that no module here declares, sorted: nixpkgs' module
    /// for one may create users.
    pub services_of_nixpkgs: Vec<String>,
    /// Who is in which group beside the primary one, sorted.
    pub memberships: Vec<Membership>,
    /// Who the units of the system run as that the configuration has, sorted by name; none if it has no
    /// secrets.
    pub processes: Vec<UnitProcess>,
    /// The copies of files that the configuration makes, sorted.
    pub copies: Vec<FileCopy>,
    /// Credentials that its options are given, sorted.
    pub given: Vec<GivenCredential>,
    /// The keys that decrypt its secrets.
    pub key_sources: Vec<KeySource>,
    /// Definitions of options for keys that are no absolute path, which ends the evaluation.
    pub refused_keys: Vec<RefusedKey>,
    /// Whether it loads modules of nixpkgs by their path, which are not read here.
    pub loads_nixpkgs_modules: bool,
    /// What sops-nix is told, for the system and for each user that has secrets of it.
    pub sops: Vec<SopsSettings>,
    /// Evaluation problems of this host, sorted by place.
    pub problems: Vec<Problem>,
}

impl Host {
    /// The readers of one of its secrets, by the index of the secret.
    #[must_use]
    pub fn readers_of(&self, secret: usize) -> &[Reader] {
        let start = self.readers.partition_point(|it| it.secret < Some(secret));
        let rest = self.readers.get(start..).unwrap_or_default();
        let count = rest.partition_point(|it| it.secret == Some(secret));
        rest.get(..count).unwrap_or_default()
    }
}
