//! What of a system's configuration decides when secrets are installed and used, beside the secrets
//! themselves.

use nix_syntax::source::Span;
use secret_files::Recipient;

use super::{Fact, FilePath, Manager};

/// An activation script of the system.
#[derive(Debug, Clone)]
pub struct ActivationScript {
    /// `setupSecrets`
    pub name: String,
    /// The scripts that run before it; a script given as a string has none.
    pub after: Fact<Vec<String>>,
    /// Whether it is given as a string, which cannot depend on another one.
    pub is_string: bool,
    /// The expression that gives it.
    pub value: Option<Span>,
    /// Where its text sets the umask for itself and all later scripts, and to what.
    pub umask: Option<(Option<Span>, String)>,
    /// Where it is declared.
    pub at: Option<Span>,
}

/// The mount points that are there before secrets are installed, whatever the options say: nixpkgs'
/// `utils.pathsNeededForBoot`.
pub const EARLY_MOUNTS: [&str; 9] = [
    "/",
    "/nix",
    "/nix/store",
    "/var",
    "/var/log",
    "/var/lib",
    "/var/lib/nixos",
    "/etc",
    "/usr",
];

/// A file system that the configuration mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `/home`
    pub point: String,
    /// Whether it is mounted in the initial ramdisk, before secrets are installed; `None`: not known.
    pub early: Option<bool>,
    /// Whether only a module outside the project could still mount it early: nothing that is known does.
    pub early_only_elsewhere: bool,
    /// `fsType`, where it is known.
    pub fs_type: Option<String>,
    /// Where it is declared.
    pub at: Option<Span>,
}

/// A directory that the configuration gives to a user: by a rule for tmpfiles, or in an activation script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedDirectory {
    /// `/home/alice/.secrets`
    pub path: String,
    /// Whether all that lies in it is given away, too.
    pub recursive: bool,
}

/// A service that the configuration declares or adds to.
#[derive(Debug, Clone)]
pub struct Unit {
    /// `restic-backups-home`, without `.service`.
    pub name: String,
    /// The Home Manager user; nothing for a unit of the system.
    pub user: Option<String>,
    /// Whether the configuration says what it runs, and does not only add to a unit from elsewhere.
    pub is_whole: bool,
    /// The units after which it is started.
    pub after: Fact<Vec<String>>,
    /// The units that it pulls in: `Wants=`, `Requires=`, `BindsTo=`.
    pub pulls_in: Fact<Vec<String>>,
    /// Those without which it is not started: `Requires=`, `BindsTo=`.
    pub requires: Fact<Vec<String>>,
    /// The user that exists only while it runs: the `User=` of a unit with `DynamicUser=`, else its name.
    pub dynamic_user: Option<String>,
    /// What starts it.
    pub wanted_by: Fact<Vec<String>>,
    /// `Type=`; nothing where it is not set.
    pub kind: Fact<Option<String>>,
    /// Whether a timer of the same name or `startAt` starts it.
    pub has_timer: bool,
    /// Where it is declared.
    pub at: Option<Span>,
    /// Where its dependencies are written, for another one: the set that holds `After` and `Wants`.
    pub unit_section: Option<Span>,
}

/// A container of `virtualisation.oci-containers`.
#[derive(Debug, Clone)]
pub struct OciContainer {
    /// `db`
    pub name: String,
    /// What could bring a file of the host into it: its volumes and further options; `None` if some of that is
    /// not known.
    pub brings: Option<Vec<String>>,
}

/// A master identity of agenix-rekey.
#[derive(Debug, Clone)]
pub struct MasterIdentity {
    /// The file.
    pub file: Fact<FilePath>,
    /// Whether it holds a private key in clear.
    pub is_in_clear: bool,
    /// Whether it holds a public key and nothing else.
    pub is_public: bool,
}

/// The public key for which agenix-rekey encrypts a host's secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKey {
    /// `age.rekey.hostPubkey` is not set, or is the dummy that agenix-rekey starts with.
    Missing,
    /// The key itself.
    Key(String),
    /// A string that names a file: agenix-rekey takes it for the key.
    PathAsText(String),
    /// A file.
    File(FilePath),
}

/// The settings of agenix-rekey.
#[derive(Debug, Clone)]
pub struct Rekey {
    /// The host's public key.
    pub host_key: Fact<HostKey>,
    /// `local`, `derivation`; nothing where it is not set.
    pub storage_mode: Fact<Option<String>>,
    /// Where the secrets of this host are stored.
    pub local_storage: Fact<Option<FilePath>>,
    /// The master identities.
    pub master_identities: Vec<MasterIdentity>,
    /// Whom the files of `rekeyFile` are encrypted to as far as this host says: the keys of the master
    /// identities and `extraEncryptionPubkeys`; nothing where one of them is not known.
    pub encrypted_to: Option<Vec<Recipient>>,
    /// The secrets that are marked as intermediary: indexes into [`Host::secrets`](super::Host::secrets)
    /// and where they are.
    pub intermediary: Vec<(usize, Fact<bool>)>,
    /// The secrets with a `rekeyFile`.
    pub rekeyed: Vec<usize>,
    /// The secrets whose file for this host is not there, and the file.
    pub missing: Vec<(usize, FilePath)>,
}

/// When secrets are installed and used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `services.userborn.enable`
    pub userborn: Fact<bool>,
    /// `systemd.sysusers.enable`
    pub sysusers: Fact<bool>,
    /// Whether each manager installs its secrets in a unit and not in an activation script.
    pub in_a_unit: Vec<(&'static Manager, Fact<bool>)>,
    /// Where the configuration gives `users.ldap.bind.passwordFile`, with which nixpkgs' activation
    /// script leaves a umask of 0077.
    pub ldap_password: Option<Span>,
    /// The file systems that the configuration declares, sorted by mount point.
    pub mounts: Vec<Mount>,
    /// Whether the root file system starts empty at every boot and nothing that is known brings files of
    /// an earlier boot back to it.
    pub forgets_root: bool,
    /// The directories that it gives to a user itself, sorted.
    pub directories: Vec<OwnedDirectory>,
    /// Why it may give away more directories than these, if so.
    pub directories_open: Option<super::Unknown>,
    /// The activation scripts that the configuration declares, sorted by name.
    pub scripts: Vec<ActivationScript>,
    /// The activation scripts of Home Manager users, each with its user, sorted.
    pub home_scripts: Vec<(String, ActivationScript)>,
    /// The services that it declares or adds to, sorted by user and name.
    pub units: Vec<Unit>,
    /// The services that the system declares for the service managers of all users, sorted by name.
    pub units_of_users: Vec<Unit>,
    /// The containers of `virtualisation.oci-containers`, sorted by name.
    pub oci_containers: Vec<OciContainer>,
    /// Options of managers that are defined but that no schema of this class knows.
    pub foreign: Vec<(String, Option<Span>)>,
    /// Whether the activation of this user runs `mcp-lint`, for the Home Manager users.
    pub checked_users: Vec<String>,
    /// agenix-rekey, where the configuration uses it.
    pub rekey: Option<Rekey>,
}

impl Settings {
    /// Whether a manager installs its secrets in a unit of the system; `None` if that is not known.
    #[must_use]
    pub fn installs_in_a_unit(&self, manager: &Manager) -> Option<bool> {
        let (_, fact) = self.in_a_unit.iter().find(|(of, _)| *of == manager)?;
        fact.known().copied()
    }
}

impl Default for Settings {
    fn default() -> Self {
        let unknown = || super::Unknown {
            reason: "not evaluated".into(),
            at: None,
        };
        Self {
            userborn: Fact::unknown(unknown()),
            sysusers: Fact::unknown(unknown()),
            in_a_unit: Vec::new(),
            ldap_password: None,
            mounts: Vec::new(),
            forgets_root: false,
            directories: Vec::new(),
            directories_open: None,
            scripts: Vec::new(),
            home_scripts: Vec::new(),
            units: Vec::new(),
            units_of_users: Vec::new(),
            oci_containers: Vec::new(),
            foreign: Vec::new(),
            checked_users: Vec::new(),
            rekey: None,
        }
    }
}
