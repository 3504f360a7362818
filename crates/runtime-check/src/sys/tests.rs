//! Both implementations say the same about the same files.

use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use rustix::io::Errno;

use crate::facts::Kind;

fn tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path();
    std::fs::create_dir(root.join("directory")).unwrap();
    std::fs::write(root.join("directory/file"), "hunter2").unwrap();
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(root.join("directory/file"), mode).unwrap();
    symlink("directory/file", root.join("link")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    tree
}

macro_rules! same_tests {
    ($($module:ident)*) => { $(mod $module {
        use super::*;
        use crate::sys::$module::Node;

        #[test]
        fn looks_at_entries_without_following_or_opening() {
            let tree = tree();
            let root = Node::root(tree.path()).unwrap();
            let directory = root.child(OsStr::new("directory")).unwrap();
            assert_eq!(directory.facts.kind, Kind::Directory);
            let file = directory.child(OsStr::new("file")).unwrap();
            assert_eq!((file.facts.kind, file.facts.mode, file.facts.size), (Kind::Regular, 0o640, 7));
            let link = root.child(OsStr::new("link")).unwrap();
            assert_eq!(link.facts.kind, Kind::Symlink);
            let target = link.link_target(&root, OsStr::new("link")).unwrap();
            assert_eq!(target.to_str(), Some("directory/file"));
            assert_eq!(root.child(OsStr::new("pipe")).unwrap().facts.kind, Kind::Fifo);
            assert_eq!(root.child(OsStr::new("none")).unwrap_err(), Errno::NOENT);
        }

        #[test]
        fn opens_the_file_that_was_looked_at_or_none() {
            let tree = tree();
            let root = Node::root(tree.path()).unwrap();
            let directory = root.child(OsStr::new("directory")).unwrap();
            let name = OsStr::new("file");
            let file = directory.child(name).unwrap();
            let before = file.facts;
            assert!(file.open(&directory, name).is_ok());
            let path = tree.path().join("directory/file");
            std::fs::rename(&path, tree.path().join("moved")).unwrap();
            symlink("/etc/shadow", &path).unwrap();
            match file.open(&directory, name) {
                Ok(fd) => {
                    let now = rustix::fs::fstat(&fd).unwrap();
                    assert_eq!(now.st_ino, before.inode, "the link was followed");
                }
                Err(error) => assert!(matches!(error, Errno::STALE | Errno::LOOP), "{error}"),
            }
        }

        #[test]
        fn lists_directories() {
            let tree = tree();
            let root = Node::root(tree.path()).unwrap();
            assert!(root.open_directory().is_ok());
            let file = root.child(OsStr::new("link")).unwrap();
            assert!(file.open_directory().is_err());
        }
    })* };
}

mod same {
    use super::*;
    same_tests!(linux portable);
}

#[test]
fn both_give_the_same_facts() {
    let tree = tree();
    let file = std::fs::File::open(tree.path().join("directory/file")).unwrap();
    let fd = std::os::fd::AsFd::as_fd(&file);
    let (one, other) = (
        super::linux::facts(fd).unwrap(),
        super::portable::facts(fd).unwrap(),
    );
    assert_eq!(crate::facts::Facts { mount: None, ..one }, other);
    let node = super::portable::Node::root(tree.path()).unwrap();
    assert_eq!(super::portable::file_acl(&node), Ok(None));
    assert!(node.facts_now().unwrap().same_state(&node.facts));
    assert_eq!(super::portable::default_acl(&node), Ok(None));
    assert_eq!(super::portable::file_system(&node).unwrap().magic, None);
}
