//! The workspace as evaluations and their threads see it.

#![allow(
    clippy::expect_used,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;

use nix_source::{FileKind, ReadError, Workspace};

/// A project beside a file that is outside.
fn made() -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a folder");
    let root = place.path().canonicalize().expect("a path").join("project");
    std::fs::create_dir_all(root.join("hosts")).expect("a folder");
    std::fs::write(place.path().join("secret.nix"), "1").expect("a file");
    for name in ["flake.nix", "a.nix", "hosts/z.nix"] {
        std::fs::write(root.join(name), "{ }").expect("a file");
    }
    (place, root)
}

#[test]
fn files_are_in_order_whoever_reads_them_first() {
    let (_place, root) = made();
    let order = |names: &[&str]| {
        let workspace = Workspace::open(&root).expect("a workspace");
        let parse = |name: &&str| workspace.parse(&root.join(name)).expect("a file").id;
        let mut ids: Vec<_> = names.iter().map(parse).collect();
        ids.sort();
        assert_eq!(ids, workspace.sources().ids());
        let paths = ids.iter().map(|id| id.key().relative.clone());
        paths.collect::<Vec<_>>()
    };
    let sorted = ["a.nix", "flake.nix", "hosts/z.nix"].map(PathBuf::from);
    assert_eq!(order(&["hosts/z.nix", "flake.nix", "a.nix"]), sorted);
    assert_eq!(order(&["a.nix", "hosts/z.nix", "flake.nix"]), sorted);
}

#[test]
fn threads_share_one_tree_of_each_file() {
    let (_place, root) = made();
    let paths: Vec<PathBuf> = { (0..100).map(|n| root.join(format!("m{n}.nix"))) }.collect();
    for path in &paths {
        std::fs::write(path, "{ }").expect("a file");
    }
    let workspace = Arc::new(Workspace::open(&root).expect("a workspace"));
    let parse = || {
        let parsed = { paths.iter() }.map(|path| workspace.parse(path).expect("a file"));
        parsed.collect::<Vec<_>>()
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(parse);
        (parse(), other.join().expect("no panic"))
    });
    assert!(one.iter().zip(&other).all(|(a, b)| Arc::ptr_eq(a, b)));
}

#[test]
fn embedded_files_are_parsed_once_and_are_not_the_project() {
    let (_place, root) = made();
    let workspace = Workspace::open(&root).expect("a workspace");
    let first = workspace.parse_embedded("a.nix", "{ }");
    let second = workspace.parse_embedded("a.nix", "{ }");
    assert!(Arc::ptr_eq(&first, &second));
    let own = workspace.parse(&root.join("a.nix")).expect("a file");
    assert!(own.id < first.id);
    assert!(
        workspace
            .parsed_files()
            .iter()
            .all(|file| file.id == own.id)
    );
    assert_eq!(workspace.path(first.id.key()), Some(first.path.clone()));
}

#[test]
fn overlays_stand_for_what_is_on_disk() {
    let (_place, root) = made();
    let (changed, new) = (root.join("a.nix"), root.join("new.nix"));
    let workspace = Workspace::open(&root)
        .expect("a workspace")
        .with_overlay(changed.clone(), Arc::from("{ x = 1; }"))
        .with_overlay(new.clone(), Arc::from("[ ]"));
    assert_eq!(workspace.read_text(&changed).as_deref(), Ok("{ x = 1; }"));
    assert_eq!(workspace.kind(&new), Ok(Some(FileKind::Regular)));
    let parsed = workspace.parse(&new).expect("a file");
    let source = workspace.sources().get(parsed.id).expect("a text");
    assert_eq!(&**source.text(), "[ ]");
}

#[test]
fn no_path_and_no_link_leads_out() {
    let (place, root) = made();
    let link = |target: &str, name: &str| symlink(target, root.join(name)).expect("a link");
    link("../secret.nix", "out.nix");
    link("..", "up");
    link("/", "top");
    link("hosts", "linked");
    link(&root.join("a.nix").to_string_lossy(), "absolute.nix");
    let workspace = Workspace::open(&root).expect("a workspace");
    let outside = place
        .path()
        .canonicalize()
        .expect("a path")
        .join("secret.nix");
    let below = outside.strip_prefix("/").expect("it is absolute");
    let ways = [
        outside.clone(),
        root.join("../secret.nix"),
        root.join("hosts/../../secret.nix"),
        root.join("out.nix"),
        root.join("up/secret.nix"),
        root.join("linked/../up/secret.nix"),
        root.join("top").join(below),
    ];
    for way in &ways {
        let refused = Err(ReadError::NotAllowed);
        assert_eq!(workspace.read(way), refused, "{}", way.display());
        let parsed = workspace.parse(way).map(|_| Vec::new());
        assert_eq!(parsed, refused, "{}", way.display());
    }
    let up = root.join("up");
    assert_eq!(workspace.read_directory(&up), Err(ReadError::NotAllowed));
    assert_eq!(workspace.entry_kind(&up), Ok(Some(FileKind::Symlink)));
    // What stays inside is read, by a link with an absolute target as well.
    for way in ["linked/z.nix", "absolute.nix", "hosts/../a.nix"] {
        assert!(workspace.parse(&root.join(way)).is_ok(), "{way}");
    }
}

#[test]
fn what_takes_the_place_of_a_directory_is_not_followed() {
    let (_place, root) = made();
    let workspace = Workspace::open(&root).expect("a workspace");
    let file = root.join("hosts/z.nix");
    assert_eq!(workspace.kind(&file), Ok(Some(FileKind::Regular)));
    // Between the look-up and the read, the directory becomes a way out.
    std::fs::rename(root.join("hosts"), root.join("old")).expect("a folder");
    std::fs::write(root.with_file_name("z.nix"), "outside").expect("a file");
    symlink("..", root.join("hosts")).expect("a link");
    assert_eq!(workspace.read(&file), Err(ReadError::NotAllowed));
}

/// Results that are kept do not depend on them: nothing below may be read, by whatever way.
#[test]
fn objects_of_git_are_no_part_of_a_project() {
    let (_place, root) = made();
    for name in [
        ".git/objects/aa",
        ".git/lfs",
        ".git/modules/m/objects",
        "objects",
    ] {
        std::fs::create_dir_all(root.join(name)).expect("a folder");
        std::fs::write(root.join(name).join("x.nix"), "1").expect("a file");
    }
    std::fs::write(root.join(".git/HEAD"), "ref").expect("a file");
    symlink(root.join(".git/objects"), root.join("o")).expect("a link");
    symlink(root.join(".git/objects/aa/x.nix"), root.join("x")).expect("a link");
    let workspace = Workspace::open(&root).expect("a workspace");
    for name in [".git/HEAD", "objects/x.nix"] {
        assert!(workspace.read(&root.join(name)).is_ok(), "{name}");
    }
    for name in [
        ".git/objects/aa/x.nix",
        ".git/lfs/x.nix",
        ".git/modules/m/objects/x.nix",
        "o/aa/x.nix",
        "x",
    ] {
        let read = workspace.read(&root.join(name));
        assert_eq!(read.map(|_| ()), Err(ReadError::NotAllowed), "{name}");
    }
    let listed = workspace.read_directory(&root.join(".git/objects"));
    assert_eq!(listed.map(|_| ()), Err(ReadError::NotAllowed));
}
