//! Store paths, hashes of trees and `follows` agree with real Nix. `NIX_LOCK_CORPUS` names a folder of
//! projects whose locks are compared as well.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use flake_lock::{
    DEFAULT_STORE, EdgeTarget, Lock, NarHash, SOURCE_NAME, nar_hash, nix32, store_path,
};
use serde_json::Value;

/// What a program of Nix prints.
fn nix(program: &str, arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .args(arguments)
        // Neither the state of this machine nor its configuration counts.
        .env("HOME", home.path())
        .env("NIX_STATE_DIR", home.path())
        .env("NIX_LOG_DIR", home.path())
        .env_remove("NIX_STORE_DIR")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {wrong}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The path that Nix computes for a source of that hash.
fn fixed_path(hash: &NarHash) -> String {
    let digits = nix32(&hash.0);
    let arguments = ["--print-fixed-path", "--recursive", "sha256", &digits];
    nix("nix-store", &[&arguments[..], &[SOURCE_NAME]].concat())
}

/// The same for many in one evaluation: a derivation with a fixed output has that path.
const FIXED_PATHS: &str = r#"
map (hash: (derivation {
  name = "source"; builder = "x"; system = "x";
  outputHashMode = "recursive"; outputHashAlgo = "sha256"; outputHash = hash;
}).outPath)
"#;

#[test]
fn trees_hash_as_nix_hashes_them() {
    if test_support::program("nix").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    for length in 0..20 {
        let file = tree.join(format!("d{}/f{length}", length % 4));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "x".repeat(length * 7)).unwrap();
        // Only the owner's bit counts.
        let mode = [0o644, 0o755, 0o600, 0o711, 0o655].get(length % 5).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(*mode)).unwrap();
        let link = tree.join(format!("d{}/l{length}", length % 4));
        std::os::unix::fs::symlink(format!("../f{length}"), link).unwrap();
    }
    std::fs::write(tree.join("large"), vec![1; 200_000]).unwrap();
    std::fs::create_dir(tree.join("empty")).unwrap();
    for path in [&*tree, &tree.join("d1"), &tree.join("large")] {
        let shown = path.to_str().unwrap();
        let wanted = nix("nix-hash", &["--type", "sha256", shown]);
        assert_eq!(nar_hash(path).unwrap().hex(), wanted, "{shown}");
    }
    let hash = nar_hash(&tree).unwrap();
    let ours = store_path(&hash, SOURCE_NAME, Path::new(DEFAULT_STORE));
    assert_eq!(Path::new(&fixed_path(&hash)), ours);
}

/// The resolution of `call-flake.nix`, evaluated by Nix.
const RESOLVE: &str = r"
text: let
  lock = builtins.fromJSON text;
  resolve = spec: if builtins.isList spec then byPath lock.root spec else spec;
  byPath = node: path:
    if path == [ ] then node
    else byPath (resolve lock.nodes.${node}.inputs.${builtins.head path}) (builtins.tail path);
in builtins.mapAttrs (_: node: builtins.mapAttrs (_: resolve) (node.inputs or { })) lock.nodes
";

#[test]
fn locks_of_projects_are_read_as_nix_reads_them() {
    if test_support::program("nix").is_none() {
        return;
    }
    let Some(corpus) = test_support::folder("lock-corpus", "NIX_LOCK_CORPUS") else {
        return;
    };
    let (mut locks, mut inputs, mut follows) = (0, 0, 0);
    let mut hashes = BTreeSet::new();
    for project in test_support::folders(&corpus) {
        let file = project.join("flake.lock");
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let lock = Lock::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        locks += 1;
        let expression = format!("({RESOLVE}) (builtins.readFile {})", file.display());
        let arguments = ["--eval", "--strict", "--json", "--expr", &expression];
        let wanted: Value = serde_json::from_str(&nix("nix-instantiate", &arguments)).unwrap();
        for id in lock.nodes().chain([lock.root()]) {
            let node = lock.node(id);
            let of_node = wanted.get(&*node.name).expect("the node");
            assert_eq!(of_node.as_object().unwrap().len(), node.inputs.len());
            for (name, target) in lock.inputs(id) {
                let target = lock.node(target.clone().expect("a node"));
                assert_eq!(of_node.get(&**name).unwrap(), &*target.name);
                inputs += 1;
            }
            let is_follows = |target: &EdgeTarget| matches!(target, EdgeTarget::Follows(_));
            let edges = node.inputs.values();
            follows += edges.filter(|edge| is_follows(&edge.target)).count();
            hashes.extend(node.locked.as_ref().and_then(|locked| locked.nar_hash));
        }
    }
    let list: Vec<String> = hashes.iter().map(|hash| format!("\"{hash}\"")).collect();
    let expression = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&expression, format!("{FIXED_PATHS} [ {} ]", list.join(" "))).unwrap();
    let file = expression.path().to_str().unwrap();
    let arguments = ["--eval", "--strict", "--json", "--readonly-mode", file];
    let paths: Vec<String> = serde_json::from_str(&nix("nix-instantiate", &arguments)).unwrap();
    assert_eq!(paths.len(), hashes.len());
    for (hash, path) in hashes.iter().zip(&paths) {
        let ours = store_path(hash, SOURCE_NAME, Path::new(DEFAULT_STORE));
        assert_eq!(ours, Path::new(path));
    }
    assert!(locks > 0, "no lock below {}", corpus.display());
    let paths = hashes.len();
    let told =
        format!("{locks} locks, {inputs} inputs, {follows} of them follows, {paths} store paths\n");
    // Nobody may read it.
    let _ = std::io::stderr().write_all(told.as_bytes());
}
