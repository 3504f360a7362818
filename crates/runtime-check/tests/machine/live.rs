//! The running system: real mounts on `/run`, in a namespace of our own.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use runtime_check::{Check, Expectation, Options, Report, Severity};

use crate::support::{
    ALICE, KEYS, TOKEN, USERS, declared, found, helper, manifest, message, names, reader,
};
use crate::{Needs, Test};

pub(crate) const TESTS: &[Test] = &[
    ("sops_on_ramfs_as_installed", Needs::Namespace, ramfs),
    ("mount_options_of_each_manager", Needs::Namespace, options),
    ("secrets_that_are_not_in_memory", Needs::Namespace, disk),
    ("a_tmpfs_has_acls_and_is_memory", Needs::Namespace, tmpfs),
    ("mounts_over_each_other", Needs::Namespace, stacked),
    ("a_key_on_a_mount_of_its_own", Needs::Namespace, key_mount),
];

pub(crate) fn set_mode(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Mounts a manager's tree at `/run/NAME.d`, with one secret of alice's. Unmounts when dropped.
struct Tree(&'static str, usize);

impl Tree {
    fn new(name: &'static str, kind: &str, flags: MsFlags) -> Self {
        let generations = format!("/run/{name}.d");
        fs::create_dir_all(&generations).unwrap();
        let mut tree = Self(name, 0);
        if kind != "none" {
            tree.mount(kind, flags);
        }
        tree.fill();
        tree
    }

    fn mount(&mut self, kind: &str, flags: MsFlags) {
        let generations = format!("/run/{}.d", self.0);
        mount(
            Some("none"),
            generations.as_str(),
            Some(kind),
            flags,
            Some("mode=0751"),
        )
        .unwrap();
        self.1 += 1;
    }

    fn fill(&self) {
        let generations = format!("/run/{}.d", self.0);
        let generation = format!("{generations}/1");
        fs::create_dir_all(&generation).unwrap();
        for directory in [&generations, &generation] {
            chown(directory, Some(0), Some(KEYS)).unwrap();
            set_mode(directory, 0o751);
        }
        let secret = format!("{generation}/GITHUB_TOKEN");
        fs::write(&secret, TOKEN).unwrap();
        chown(&secret, Some(ALICE), Some(USERS)).unwrap();
        set_mode(&secret, 0o400);
        let link = format!("/run/{}", self.0);
        fs::remove_file(&link).ok();
        symlink(&generation, &link).unwrap();
    }

    fn check(&self, manager: &str) -> Report {
        let path = format!("/run/{}/GITHUB_TOKEN", self.0);
        let secret = declared(manager, "GITHUB_TOKEN", &path, "alice", "0400");
        let readers = [reader("GITHUB_TOKEN", "alice", "services.mcp github")];
        check(manifest(&[secret], &readers, ""))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let generations = format!("/run/{}.d", self.0);
        for _ in 0..self.1 {
            umount2(Path::new(&generations), MntFlags::MNT_DETACH).ok();
        }
        fs::remove_dir_all(&generations).ok();
        fs::remove_file(format!("/run/{}", self.0)).ok();
    }
}

fn check(manifest: String) -> Report {
    crate::support::run(&Options {
        helper: helper(),
        ..Options::new(&extract::MANAGERS, Expectation::Manifest(manifest))
    })
}

const SOPS: MsFlags = MsFlags::MS_NODEV
    .union(MsFlags::MS_NOSUID)
    .union(MsFlags::MS_NOEXEC);
const AGENIX: MsFlags = MsFlags::MS_NODEV.union(MsFlags::MS_NOSUID);

fn ramfs() {
    let tree = Tree::new("secrets", "ramfs", SOPS);
    let report = tree.check("sops-nix");
    assert_eq!(names(&report), [""; 0], "{:#?}", report.findings);
    assert_eq!(report.secrets[0].file_system.as_deref(), Some("ramfs"));
    assert_eq!(report.exit_code(), 0);
}

fn options() {
    let agenix = Tree::new("agenix", "ramfs", AGENIX);
    assert_eq!(
        names(&agenix.check("agenix")),
        [""; 0],
        "agenix mounts without noexec"
    );
    let sops = Tree::new("secrets", "ramfs", AGENIX);
    let report = sops.check("sops-nix");
    assert_eq!(names(&report), ["mount-options"]);
    assert!(message(&report, Check::MountOptions).contains("without noexec"));
}

fn disk() {
    // A bind mount of a directory of the disk.
    let disk = tempfile::tempdir_in("/var/tmp").unwrap();
    fs::create_dir_all("/run/secrets.d").unwrap();
    let none = None::<&str>;
    mount(
        Some(disk.path()),
        "/run/secrets.d",
        none,
        MsFlags::MS_BIND,
        none,
    )
    .unwrap();
    let mut tree = Tree("secrets", 1);
    tree.fill();
    let report = tree.check("sops-nix");
    assert_eq!(found(&report, Check::SecretOnDisk), Some(Severity::Error));
    tree.1 = 1;
    drop(tree);
    // No mount at all: the files are on the tmpfs that /run is.
    let tree = Tree::new("secrets", "none", SOPS);
    let report = tree.check("sops-nix");
    assert!(message(&report, Check::MountOptions).contains("is not a mount of its own"));
}

fn tmpfs() {
    let tree = Tree::new("secrets", "tmpfs", SOPS);
    let report = tree.check("sops-nix");
    assert_eq!(report.secrets[0].file_system.as_deref(), Some("tmpfs"));
    assert_eq!(found(&report, Check::SecretOnDisk), None);
}

fn stacked() {
    let mut tree = Tree::new("secrets", "ramfs", SOPS);
    tree.mount("ramfs", SOPS);
    tree.fill();
    let report = tree.check("sops-nix");
    assert_eq!(names(&report), ["stacked-mounts"]);
    assert!(message(&report, Check::StackedMounts).starts_with("2 mounts"));
}

fn key_mount() {
    let _tree = Tree::new("secrets", "ramfs", SOPS);
    fs::create_dir_all("/run/persist").unwrap();
    let none = None::<&str>;
    mount(
        Some("none"),
        "/run/persist",
        Some("tmpfs"),
        MsFlags::empty(),
        none,
    )
    .unwrap();
    fs::write("/run/persist/key", "AGE-SECRET-KEY-1TESTONLY\n").unwrap();
    set_mode("/run/persist/key", 0o400);
    let secret = declared(
        "sops-nix",
        "GITHUB_TOKEN",
        "/run/secrets/GITHUB_TOKEN",
        "alice",
        "0400",
    );
    let report = check(format!(
        r#"{{"schema": 1, "hosts": [{{"name": "desk", "secrets": [{secret}], "key_sources": [
            {{"manager": "sops-nix", "scope": "system", "path": "/run/persist/key"}}]}}]}}"#
    ));
    umount2(Path::new("/run/persist"), MntFlags::MNT_DETACH).unwrap();
    assert_eq!(
        found(&report, Check::KeyOnSeparateMount),
        Some(Severity::Info)
    );
}
