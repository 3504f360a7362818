//! A machine of its own for the command: real users, mounts and files, in a mount namespace that
//! ends with the test.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use test_support::{copy_program, require};

const PASSWD: &str = "root:x:0:0::/root:/bin/sh
alice:x:1000:100::/home/alice:/bin/sh
bob:x:1001:100::/home/bob:/bin/sh
youruser:x:1002:100::/home/youruser:/bin/sh
";

const GROUP: &str = "root:x:0:
keys:x:96:
users:x:100:
";

pub(crate) const ALICE: u32 = 1000;
pub(crate) const BOB: u32 = 1001;
pub(crate) const YOURUSER: u32 = 1002;
pub(crate) const KEYS: u32 = 96;
pub(crate) const USERS: u32 = 100;

/// A GitHub token that nobody has ever issued.
pub(crate) const TOKEN: &str = "ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789";

/// The program and the repository, where users of the machine reach them.
const PROGRAM: &str = "/run/mcp-lint";
const PACKAGE: &str = "/run/package";

const NONE: Option<&str> = None;

/// Runs a test on a machine of its own. Without the right to make one, says so and does nothing.
pub(crate) fn on_a_machine(test: impl FnOnce(&Machine) + Send + 'static) {
    // A mount namespace belongs to the thread that made it and to what it starts.
    let thread = std::thread::spawn(move || {
        if let Some(machine) = require("machine", Machine::new()) {
            test(&machine);
        }
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

pub(crate) struct Machine {
    /// Files that are bound over those of the system.
    _files: tempfile::TempDir,
}

impl Machine {
    fn new() -> Result<Self, String> {
        if !nix::unistd::geteuid().is_root() {
            return Err("not root".to_owned());
        }
        let named = |what: &'static str| move |error: nix::Error| format!("{what}: {error}");
        unshare(CloneFlags::CLONE_NEWNS).map_err(named("unshare"))?;
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(NONE, "/", NONE, private, NONE).map_err(named("private mounts"))?;
        let files = tempfile::tempdir().unwrap();
        for (name, text) in [("passwd", PASSWD), ("group", GROUP)] {
            fs::write(files.path().join(name), text).unwrap();
            bind(&files.path().join(name), &Path::new("/etc").join(name)).map_err(named(name))?;
        }
        // The program may lie below what is hidden next.
        tmpfs("/run").map_err(named("/run"))?;
        fs::write(PROGRAM, "").unwrap();
        bind(
            Path::new(env!("CARGO_BIN_EXE_mcp-lint")),
            Path::new(PROGRAM),
        )
        .map_err(named("program"))?;
        let sudo = files.path().join("sudo");
        fs::write(&sudo, "#!/bin/sh\nexec \"$@\"\n").unwrap();
        copy_program(&sudo, Path::new("/run/sudo"));
        set_mode("/run/sudo", 0o755);
        fs::create_dir(PACKAGE).unwrap();
        bind(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(PACKAGE))
            .map_err(named("package"))?;
        for directory in ["/home", "/srv", "/var/lib"] {
            tmpfs(directory).map_err(named(directory))?;
        }
        let machine = Self { _files: files };
        for (name, uid) in [("alice", ALICE), ("bob", BOB), ("youruser", YOURUSER)] {
            machine.directory(&format!("/home/{name}"), uid, USERS, 0o700);
        }
        Ok(machine)
    }

    /// The repository, as seen here.
    pub(crate) fn package(&self) -> &Path {
        Path::new(PACKAGE)
    }

    pub(crate) fn directory(&self, path: &str, uid: u32, gid: u32, mode: u32) {
        fs::create_dir_all(path).unwrap();
        chown(path, Some(uid), Some(gid)).unwrap();
        set_mode(path, mode);
    }

    pub(crate) fn file(
        &self,
        path: &str,
        content: impl AsRef<[u8]>,
        uid: u32,
        gid: u32,
        mode: u32,
    ) {
        fs::create_dir_all(Path::new(path).parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        chown(path, Some(uid), Some(gid)).unwrap();
        set_mode(path, mode);
    }

    /// A link and its owner.
    pub(crate) fn link(&self, path: &str, target: &str, uid: u32, gid: u32) {
        fs::create_dir_all(Path::new(path).parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        lchown(path, Some(uid), Some(gid)).unwrap();
    }

    /// What sops-nix or agenix leaves: a ramfs of generations and a link to the first.
    pub(crate) fn manager(&self, link: &str) {
        let generations = format!("{link}.d");
        fs::create_dir(&generations).unwrap();
        let flags = MsFlags::MS_NODEV | MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        let (source, mode) = (Some("none"), Some("mode=0751"));
        mount(source, generations.as_str(), Some("ramfs"), flags, mode).unwrap();
        self.directory(&generations, 0, KEYS, 0o751);
        self.directory(&format!("{generations}/1"), 0, KEYS, 0o751);
        self.link(link, &format!("{generations}/1"), 0, 0);
    }

    /// Runs the command as root.
    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
        command(folder, arguments).output().unwrap()
    }

    /// Runs the command as a user without supplementary groups.
    pub(crate) fn run_as(&self, uid: u32, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = command(folder, arguments);
        command.uid(uid).gid(USERS).output().unwrap()
    }

    /// Runs a line of shell in which `mcp-lint` is the command and `sudo` runs what it is given.
    pub(crate) fn shell(&self, folder: &Path, line: &str) -> Output {
        Command::new("/bin/sh")
            .args(["-c", line])
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/run:/usr/bin:/bin")
            .output()
            .unwrap()
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null());
    command
}

fn bind(source: &Path, target: &Path) -> nix::Result<()> {
    mount(Some(source), target, NONE, MsFlags::MS_BIND, NONE)
}

fn tmpfs(path: &str) -> nix::Result<()> {
    let (source, mode) = (Some("tmpfs"), Some("mode=755"));
    mount(source, path, Some("tmpfs"), MsFlags::MS_NODEV, mode)
}

pub(crate) fn set_mode(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder for a project, in memory.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new("/srv").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
