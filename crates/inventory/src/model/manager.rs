//! A secret manager: what extraction, lints and outputs ask of it, as plain data. A new one is a static
//! [`Manager`] in `crates/extract/src/managers`.

use std::cmp::Ordering;

/// A secret manager. Two are the same if their names are.
#[derive(Debug)]
pub struct Manager {
    /// Its name in findings: `sops-nix`, `agenix`.
    pub name: &'static str,
    /// The set of all its options: `sops`, `age`.
    pub root: &'static str,
    /// The option that declares secrets: `sops.secrets`, `age.secrets`.
    pub secrets: &'static str,
    /// Files that it renders from several secrets; `None` if it renders none.
    pub templates: Option<Templates>,
    /// Secrets that it installs before users are created; `None` if it installs none that early.
    pub early: Option<Early>,
    /// The directory in which secrets of the system land: `/run/secrets`. Like all directories here it
    /// has no slash at its end.
    pub directory: &'static str,
    /// The directories of the system that hold what it links to.
    pub generations: &'static [&'static str],
    /// Where secrets of a Home Manager configuration land; `None` if that is no fixed directory.
    pub home: Option<HomeDirectory>,
    /// What installs the secrets.
    pub installer: Installer,
    /// What else it makes on a machine.
    pub deployment: Deployment,
    /// The options that name keys, the most recommended one first.
    pub keys: &'static [KeyOption],
    /// Its encrypted files.
    pub files: EncryptedFiles,
    /// The file mode creation mask with which it writes secrets without changing their mode afterwards,
    /// which also drops the first octal digit; `None` if they get the mode as it is written.
    pub umask: Option<u32>,
    /// What it appends to the name of a file while it writes that: `.tmp`.
    pub temporary_suffix: Option<&'static str>,
    /// What the installer of a user expands at the start of a path, and nobody else does: `%r`.
    pub runtime_prefix: Option<&'static str>,
    /// The tool that encrypts its files again for each host.
    pub rekeying: Option<Rekeying>,
    /// Options that exist in some kinds of configuration only; the first one that fits counts.
    pub limited: &'static [LimitedOption],
    /// What it does that others do not.
    pub capabilities: &'static [Capability],
}

/// What some managers do and others do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// A file holds several values: `format` and `key` choose one of them.
    HasFormats,
    /// `uid` and `gid` take numbers; `owner` and `group` are names, never numbers.
    HasNumericOwners,
    /// The file is named by the option `name`. Otherwise another attribute takes the old `key`.
    RenamesByName,
    /// `restartUnits` and `reloadUnits` name units of the system.
    RestartsUnits,
    /// A mode that is no octal number is refused.
    RequiresOctalModes,
    /// One secret that cannot be decrypted or given away keeps all others from being installed.
    InstallsAllOrNone,
    /// A key that cannot be read is passed over, and the next one tried.
    SkipsUnreadableKeys,
    /// The path of a key is written into a file of the build.
    WritesKeyPaths,
    /// A file that is missing ends the evaluation, in a flake or not.
    ChecksFiles,
    /// Every secret names its file: there is no default for it.
    NamesEachFile,
    /// The unit that installs secrets waits for the file systems that hold the keys.
    WaitsForKeyMounts,
    /// The option `path` makes a link to the secret in [`Manager::directory`], which stays there under its
    /// name.
    LinksToDirectory,
}

/// Files rendered from several secrets.
#[derive(Debug)]
pub struct Templates {
    /// The option that declares them: `sops.templates`.
    pub option: &'static str,
    /// The option of each that holds its text.
    pub content: &'static str,
    /// The directory of the system in which they land.
    pub directory: &'static str,
    /// The option with the texts that stand for secrets: `sops.placeholder`.
    pub placeholders: &'static str,
    /// Such a text, shortened for people: `<SOPS:…:PLACEHOLDER>`.
    pub placeholder: &'static str,
    /// What every such text contains.
    pub mark: &'static str,
    /// Whether a secret is looked up by its option `name`, while its placeholder is made for the attribute.
    pub looks_up_by_name: bool,
}

/// Secrets that are installed before users are created, as root.
#[derive(Debug)]
pub struct Early {
    /// The option of a secret that asks for it: `neededForUsers`.
    pub option: &'static str,
    /// The directory in which they land.
    pub directory: &'static str,
    /// The activation scripts whose end means that they are there, the one to name first.
    pub scripts: &'static [&'static str],
}

/// A directory in the home of a user.
#[derive(Debug)]
pub struct HomeDirectory {
    /// The path below the home directory: `/.config/sops-nix/secrets`.
    pub path: &'static str,
    /// The option that holds it.
    pub option: &'static str,
}

/// What installs secrets.
#[derive(Debug)]
pub struct Installer {
    /// The activation scripts of the system whose end means that secrets are there, the one to name first.
    pub scripts: &'static [&'static str],
    /// When it is a unit of the system and no activation script.
    pub unit: InstallerUnit,
    /// The name of that unit, where there is one: `sops-install-secrets.service`.
    pub unit_name: &'static str,
    /// The activation script of a Home Manager configuration whose end means that secrets are there; `None` if
    /// none waits for them.
    pub home_script: Option<&'static str>,
    /// The unit of a user: `sops-nix.service`.
    pub user_unit: &'static str,
    /// The mode of the directory, less the umask of the scripts that ran before; `None` if the umask does
    /// not matter.
    pub directory_mode: Option<u32>,
}

/// What a manager makes on a machine, beside secrets.
#[derive(Debug)]
pub struct Deployment {
    /// The unit that installs the secrets of the system, where one does: `sops-install-secrets.service`.
    pub unit: &'static str,
    /// The unit that installs those that are there before users are; the same if it has none of its own.
    pub early_unit: &'static str,
    /// A user's directory of generations, below the runtime directory.
    pub user_generations: &'static str,
    /// A user's link to the current generation, below the runtime directory; `None` if that is
    /// [`Manager::home`].
    pub user_link: Option<&'static str>,
    /// The file beside the generations with the private keys that it decrypts with; `None` if it leaves none.
    pub keys: Option<&'static str>,
    /// Where people keep the key of a system, and below the home directory that of a user.
    pub usual_keys: Option<[&'static str; 2]>,
    /// The options of its mount.
    pub mount_options: &'static [&'static str],
    /// A definition that keeps no old generation; `None` if there is no option for it.
    pub keep_one: Option<&'static str>,
}

impl Deployment {
    /// That of a manager of which nothing is known.
    pub const UNKNOWN: Self = Self {
        unit: "",
        early_unit: "",
        user_generations: "",
        user_link: None,
        keys: None,
        usual_keys: None,
        mount_options: &[],
        keep_one: None,
    };
}

/// When a unit of the system installs secrets.
#[derive(Debug, Clone, Copy)]
pub enum InstallerUnit {
    /// Never: an activation script does.
    Never,
    /// Where this option is true.
    Option(&'static str),
    /// Where a unit creates the users: `services.userborn.enable` or `systemd.sysusers.enable`.
    WithUsers,
}

/// An option that names one key or several.
#[derive(Debug)]
pub struct KeyOption {
    /// `sops.age.keyFile`
    pub option: &'static str,
    /// What the keys are.
    pub kind: KeyKind,
    /// Whether a key that is missing cannot be replaced by another one.
    pub must_exist: bool,
    /// Whether it takes a list of absolute paths, and refuses others; `false` if it takes one text, whatever that is.
    pub is_list_of_paths: bool,
    /// A definition to recommend, with a key that only root can read.
    pub example: &'static str,
}

/// What a key is, or is made into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// An age identity, or what age takes for one: an SSH key as it is.
    Age,
    /// An SSH key that is converted into an age identity.
    SshAsAge,
    /// An OpenPGP key.
    Pgp,
    /// An SSH key that is converted into an OpenPGP key.
    SshAsPgp,
}

/// How a manager's files are encrypted.
#[derive(Debug)]
pub struct EncryptedFiles {
    /// By which tool.
    pub encryption: Encryption,
    /// The file that says whom files are encrypted to: `.sops.yaml`, `secrets.nix`.
    pub rules: &'static str,
    /// The command that edits a file, without the file: `sops edit`.
    pub edit: &'static str,
    /// The command that encrypts files again to the keys of their rules.
    pub update: &'static str,
}

/// The tool that encrypts files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Values with their keys in clear, or whole files.
    Sops,
    /// Whole files.
    Age,
}

impl Encryption {
    /// The name of the tool.
    #[must_use]
    pub const fn tool(self) -> &'static str {
        match self {
            Self::Sops => "sops",
            Self::Age => "age",
        }
    }
}

/// A tool that keeps files encrypted to master keys, and encrypts them again for each host.
#[derive(Debug)]
pub struct Rekeying {
    /// Its name.
    pub name: &'static str,
    /// The set of its options.
    pub option: &'static str,
    /// Its options that name the master keys, for people.
    pub master_keys: &'static str,
    /// The command that encrypts the files again to the master keys.
    pub update: &'static str,
}

/// Options that a kind of configuration does not have.
#[derive(Debug)]
pub struct LimitedOption {
    /// Their names.
    pub names: &'static [&'static str],
    /// Whether they are options of each secret and template, not of the manager.
    pub of_secrets: bool,
    /// Where they do not exist.
    pub missing_in: MissingIn,
    /// Why they do not exist there.
    pub why: &'static str,
    /// What to do.
    pub advice: Advice,
}

/// Where an option does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingIn {
    /// In Home Manager.
    HomeManager,
    /// On nix-darwin.
    Darwin,
    /// In the configuration of a system.
    System,
}

/// What to do with an option that does not exist.
#[derive(Debug, Clone, Copy)]
pub enum Advice {
    /// Remove it.
    Remove,
    /// Something else, in words.
    Other(&'static str),
}

impl Manager {
    /// A manager of which nothing is known, for those to rest on that fill in a part.
    pub const UNKNOWN: Self = Self {
        name: "",
        root: "",
        secrets: "",
        templates: None,
        early: None,
        directory: "",
        generations: &[],
        home: None,
        installer: Installer {
            scripts: &[],
            unit: InstallerUnit::Never,
            unit_name: "",
            home_script: None,
            user_unit: "",
            directory_mode: None,
        },
        deployment: Deployment::UNKNOWN,
        keys: &[],
        files: EncryptedFiles {
            encryption: Encryption::Age,
            rules: "",
            edit: "",
            update: "",
        },
        umask: None,
        temporary_suffix: None,
        runtime_prefix: None,
        rekeying: None,
        limited: &[],
        capabilities: &[],
    };

    /// The names that lead to the set of all its options: `sops`.
    pub fn root_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.root.split('.')
    }

    /// Whether it does this.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// The directories of the system in which it installs secrets by itself.
    pub fn landing_directories(&self) -> impl Iterator<Item = &'static str> + use<> {
        let early = self.early.as_ref().map(|early| early.directory);
        std::iter::once(self.directory).chain(early)
    }

    /// All its directories of the system.
    pub fn directories(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.landing_directories()
            .chain(self.generations.iter().copied())
    }

    /// Its options whose attributes are secrets or templates.
    pub fn declaring_options(&self) -> impl Iterator<Item = &'static str> + use<> {
        let templates = self.templates.as_ref().map(|templates| templates.option);
        std::iter::once(self.secrets).chain(templates)
    }

    /// The sets whose attributes name secrets or templates, each with the option that declares them:
    /// `sops.placeholder` names those of `sops.secrets`.
    pub fn naming_options(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let placeholders = self.templates.as_ref().map(|it| it.placeholders);
        let secrets = self.secrets;
        self.declaring_options()
            .map(|option| (option, option))
            .chain(placeholders.map(|placeholders| (placeholders, secrets)))
    }

    /// A definition of a key to recommend.
    #[must_use]
    pub fn key_example(&self) -> &'static str {
        self.keys.first().map_or("", |key| key.example)
    }
}

impl PartialEq for Manager {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Manager {}

impl PartialOrd for Manager {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Manager {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}
