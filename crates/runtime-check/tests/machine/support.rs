//! Machines to check: directories that stand for `/`, with users, managers' trees and secrets.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use runtime_check::{Check, Expectation, Helper, Options, PROBE_COMMAND, Report, Severity};

use crate::coverage;

/// The users of every test machine.
pub(crate) const PASSWD: &str = "root:x:0:0::/root:/bin/sh
alice:x:1000:100::/home/alice:/bin/sh
bob:x:1001:100::/home/bob:/bin/sh
postgres:x:71:71::/var/lib/postgres:/bin/sh
";

/// Their groups: `mcp` has alice, `wheel` alice and bob.
pub(crate) const GROUP: &str = "root:x:0:
wheel:x:1:alice,bob
postgres:x:71:
keys:x:96:
users:x:100:
mcp:x:500:alice
backup:x:501:bob
";

pub(crate) const ALICE: u32 = 1000;
pub(crate) const BOB: u32 = 1001;
pub(crate) const POSTGRES: u32 = 71;
pub(crate) const KEYS: u32 = 96;
pub(crate) const USERS: u32 = 100;
pub(crate) const MCP: u32 = 500;

/// Gives this process mounts of its own: `/run` empty, `passwd` and `group` as above.
pub(crate) fn private_machine() -> Result<(), String> {
    let none = None::<&str>;
    let step = |name: &str| {
        let name = name.to_owned();
        move |error: nix::Error| format!("{name}: {error}")
    };
    unshare(CloneFlags::CLONE_NEWNS).map_err(step("unshare"))?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(step("private"))?;
    let files = tempfile::tempdir()
        .map_err(|error| error.to_string())?
        .keep();
    for (name, text) in [("passwd", PASSWD), ("group", GROUP)] {
        let file = files.join(name);
        fs::write(&file, text).map_err(|error| error.to_string())?;
        let target = Path::new("/etc").join(name);
        mount(Some(&file), &target, none, MsFlags::MS_BIND, none).map_err(step(name))?;
    }
    fs::remove_dir_all(&files).ok();
    mount(
        Some("tmpfs"),
        "/run",
        Some("tmpfs"),
        MsFlags::MS_NODEV,
        Some("mode=755"),
    )
    .map_err(step("/run"))
}

/// A directory that stands for `/`.
pub(crate) struct Machine {
    directory: tempfile::TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let machine = Self { directory };
        machine.mode("/", 0o755);
        machine.directory("/etc", 0, 0, 0o755);
        machine.directory("/run", 0, 0, 0o755);
        machine.directory("/home", 0, 0, 0o755);
        machine.directory("/home/alice", ALICE, USERS, 0o700);
        machine.file("/etc/passwd", PASSWD, 0, 0, 0o644);
        machine.file("/etc/group", GROUP, 0, 0, 0o644);
        machine
    }

    /// Where a path of the machine really is.
    pub(crate) fn real(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }

    pub(crate) fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.real(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn own(&self, path: &str, uid: u32, gid: u32) {
        if nix::unistd::geteuid().is_root() {
            chown(self.real(path), Some(uid), Some(gid)).unwrap();
        }
    }

    pub(crate) fn directory(&self, path: &str, uid: u32, gid: u32, mode: u32) {
        fs::create_dir_all(self.real(path)).unwrap();
        self.own(path, uid, gid);
        self.mode(path, mode);
    }

    pub(crate) fn file(
        &self,
        path: &str,
        content: impl AsRef<[u8]>,
        uid: u32,
        gid: u32,
        mode: u32,
    ) {
        let real = self.real(path);
        if let Some(parent) = real.parent().filter(|parent| !parent.exists()) {
            fs::create_dir_all(parent).unwrap();
        }
        fs::write(&real, content).unwrap();
        self.own(path, uid, gid);
        self.mode(path, mode);
    }

    /// Makes or replaces a link.
    pub(crate) fn link(&self, path: &str, target: &str) {
        let real = self.real(path);
        if let Some(parent) = real.parent() {
            fs::create_dir_all(parent).unwrap();
        }
        fs::remove_file(&real).ok();
        symlink(target, &real).unwrap();
    }

    /// A generation as sops-nix and agenix make it, and the link to it.
    pub(crate) fn generation(&self, link: &str, number: u32) {
        let mount = format!("{link}.d");
        let generation = format!("{mount}/{number}");
        self.directory(&mount, 0, KEYS, 0o751);
        self.directory(&generation, 0, KEYS, 0o751);
        self.link(link, &generation);
    }

    /// A secret in the current generation of a manager's link.
    pub(crate) fn secret(
        &self,
        link: &str,
        name: &str,
        content: &str,
        uid: u32,
        gid: u32,
        mode: u32,
    ) {
        let generation = fs::read_link(self.real(link)).unwrap();
        let path = generation.join(name);
        self.file(path.to_str().unwrap(), content, uid, gid, mode);
    }

    /// The options for an expectation on this machine.
    pub(crate) fn options(&self, expectation: Expectation) -> Options {
        Options {
            root: self.directory.path().to_owned(),
            helper: helper(),
            runtime_directory: None,
            ..Options::new(&extract::MANAGERS, expectation)
        }
    }

    pub(crate) fn check(&self, manifest: &str) -> Report {
        run(&self.options(Expectation::Manifest(manifest.to_owned())))
    }

    pub(crate) fn discover(&self, user: Option<&str>) -> Report {
        let user = user.map(str::to_owned);
        run(&Options {
            user,
            ..self.options(Expectation::Discover)
        })
    }

    pub(crate) fn check_directory(
        &self,
        directory: &str,
        names: &[&str],
        user: Option<&str>,
    ) -> Report {
        let expectation = Expectation::SecretsPath {
            directory: PathBuf::from(directory),
            secrets: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let user = user.map(str::to_owned);
        run(&Options {
            user,
            ..self.options(expectation)
        })
    }
}

/// This test program is its own helper.
pub(crate) fn helper() -> Helper {
    Helper {
        program: PathBuf::from("/proc/self/exe"),
        arguments: vec![OsString::from(PROBE_COMMAND)],
    }
}

/// Runs a check and remembers what it found.
pub(crate) fn run(options: &Options) -> Report {
    let report = runtime_check::run(options);
    coverage::remember(&report);
    report
}

/// A manifest of one host `desk`, from the inner parts of its lists.
pub(crate) fn manifest(secrets: &[String], readers: &[String], mcp: &str) -> String {
    format!(
        r#"{{"schema": 1, "root": "/src", "hosts": [{{"name": "desk", "class": "nixos",
            "attribute": "nixosConfigurations.desk", "secrets": [{}], "readers": [{}], "mcp": [{mcp}],
            "users": [], "key_sources": []}}]}}"#,
        secrets.join(", "),
        readers.join(", ")
    )
}

/// A declared system secret.
pub(crate) fn declared(manager: &str, name: &str, path: &str, owner: &str, mode: &str) -> String {
    format!(
        r#"{{"manager": "{manager}", "kind": "secret", "scope": "system", "user": null,
            "attribute": "{name}", "name": "{name}", "path": "{path}", "owner": "{owner}", "uid": null,
            "group": null, "gid": null, "mode": "{mode}", "needed_for_users": false, "unknown": {{}}}}"#
    )
}

/// A reader of a secret, by name.
pub(crate) fn reader(secret: &str, user: &str, via: &str) -> String {
    reader_of(secret, user, via, "value")
}

/// A reader that takes the content for something.
pub(crate) fn reader_of(secret: &str, user: &str, via: &str, content: &str) -> String {
    format!(
        r#"{{"secret": "{secret}", "user": "{user}", "via": "{via}", "content": "{content}",
            "moment": "session", "readable": "yes", "reason": ""}}"#
    )
}

/// The severity with which a check fired; the worst if it did several times.
pub(crate) fn found(report: &Report, check: Check) -> Option<Severity> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.check == check)
        .map(|finding| finding.severity)
        .max()
}

/// The message of the first finding of a check.
pub(crate) fn message(report: &Report, check: Check) -> String {
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.check == check);
    finding.map_or_else(
        || panic!("no {} in {:#?}", check.name(), report.findings),
        |finding| finding.message.clone(),
    )
}

/// The names of all checks that fired, sorted, each once; infos left out.
pub(crate) fn names(report: &Report) -> Vec<&'static str> {
    let mut names: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
        .map(|finding| finding.check.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A GitHub token that nobody has ever issued.
pub(crate) const TOKEN: &str = "ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789";
