//! Which files Git tracks, as far as `mcp-lint` can know it: with indexes that Git made, where it is
//! installed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail, and says what it skips"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use extract::{BuildOptions, build, list_files};

const FLAKE: &str = r#"{
  outputs = { nixpkgs, sops-nix, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [
        sops-nix.nixosModules.sops
        { sops.secrets.a.sopsFile = ./secrets/a.yaml; sops.secrets.b.sopsFile = ./secrets/b.yaml; }
      ];
    };
  };
}
"#;

/// Runs Git without anybody's configuration; nothing if it is not installed.
fn git(folder: &Path, arguments: &[&str]) -> Option<()> {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "-c",
        "protocol.file.allow=always",
    ]);
    command.args([
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
    ]);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE");
    test_support::program("git")?;
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(())
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A flake whose configuration names two files.
fn project(folder: &Path) {
    write(folder, "flake.nix", FLAKE);
    write(folder, "secrets/a.yaml", "a: 1\n");
    write(folder, "secrets/b.yaml", "b: 1\n");
}

/// Whether each secret file is tracked, as the inventory says.
fn of_inventory(folder: &Path) -> Vec<Option<bool>> {
    let options = BuildOptions {
        paths: vec![folder.to_owned()],
        ..BuildOptions::default()
    };
    let built = build(&options).unwrap();
    let files = built.inventory.files.iter();
    files.map(|file| file.tracked).collect()
}

/// Whether `a.yaml` and `b.yaml` are tracked, as the inventory says, and as the list of files says.
fn tracked(folder: &Path) -> [Option<bool>; 2] {
    let of = of_inventory(folder);
    let listed = list_files(
        folder,
        extract::InputOptions::default(),
        None,
        nix_eval::Limits::default(),
    )
    .unwrap();
    let also: Vec<Option<bool>> = listed.files.iter().map(|file| file.tracked).collect();
    assert_eq!(of, also);
    [of[0], of[1]]
}

#[test]
fn without_git_nothing_is_known() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    assert_eq!(tracked(folder.path()), [None, None]);
    // A folder of that name that Git did not make.
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(tracked(folder.path()), [None, None]);
}

#[test]
fn staged_intended_and_committed_files_are_tracked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    for version in ["2", "4"] {
        let _ = std::fs::remove_dir_all(root.join(".git"));
        let Some(()) = git(root, &["init", "-q"]) else {
            return;
        };
        git(root, &["config", "index.version", version]).unwrap();
        git(root, &["add", "flake.nix", "secrets/a.yaml"]).unwrap();
        assert_eq!(
            tracked(root),
            [Some(true), Some(false)],
            "version {version}"
        );
        git(root, &["add", "--intent-to-add", "secrets/b.yaml"]).unwrap();
        assert_eq!(tracked(root), [Some(true), Some(true)], "version {version}");
        git(root, &["commit", "-qm", "x", "flake.nix", "secrets/a.yaml"]).unwrap();
        git(root, &["rm", "-q", "--cached", "secrets/a.yaml"]).unwrap();
        assert_eq!(
            tracked(root),
            [Some(false), Some(true)],
            "version {version}"
        );
    }
}

#[test]
fn ignored_files_are_not_tracked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    write(root, ".gitignore", "b.yaml\n");
    let Some(()) = git(root, &["init", "-q"]) else {
        return;
    };
    git(root, &["add", "."]).unwrap();
    assert_eq!(tracked(root), [Some(true), Some(false)]);
}

#[test]
fn a_flake_in_a_subdirectory_and_a_linked_work_tree() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("main");
    project(&root.join("nix/desk"));
    let Some(()) = git(&root, &["init", "-q"]) else {
        return;
    };
    git(
        &root,
        &["add", "nix/desk/flake.nix", "nix/desk/secrets/b.yaml"],
    )
    .unwrap();
    assert_eq!(tracked(&root.join("nix/desk")), [Some(false), Some(true)]);
    git(&root, &["commit", "-qm", "x"]).unwrap();
    git(&root, &["worktree", "add", "-q", "../other"]).unwrap();
    let other = folder.path().join("other/nix/desk");
    write(&other, "secrets/a.yaml", "a: 1\n");
    assert_eq!(tracked(&other), [Some(false), Some(true)]);
}

#[test]
fn what_is_in_a_submodule_or_another_repository_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let (inner, root) = (folder.path().join("inner"), folder.path().join("main"));
    write(&inner, "a.yaml", "a: 1\n");
    let Some(()) = git(&inner, &["init", "-q"]) else {
        return;
    };
    git(&inner, &["add", "."]).unwrap();
    git(&inner, &["commit", "-qm", "x"]).unwrap();
    write(
        &root,
        "flake.nix",
        &FLAKE.replace("./secrets/b.yaml", "./nested/b.yaml"),
    );
    git(&root, &["init", "-q"]).unwrap();
    git(&root, &["submodule", "-q", "add", "../inner", "secrets"]).unwrap();
    write(&root, "nested/b.yaml", "b: 1\n");
    git(&root.join("nested"), &["init", "-q"]).unwrap();
    assert_eq!(tracked(&root), [None, None]);
}

#[test]
fn a_damaged_index_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    let Some(()) = git(root, &["init", "-q"]) else {
        return;
    };
    git(root, &["add", "."]).unwrap();
    let index = root.join(".git/index");
    let whole = std::fs::read(&index).unwrap();
    for length in [0, 1, 11, 12, 40, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&index, whole.get(..length).unwrap()).unwrap();
        assert_eq!(tracked(root), [None, None], "{length} bytes");
    }
    let mut changed = whole.clone();
    changed[50] ^= 0xff;
    std::fs::write(&index, changed).unwrap();
    assert_eq!(tracked(root), [None, None]);
    std::fs::write(&index, b"DIRC\0\0\0\x03\0\0\0\0").unwrap();
    assert_eq!(tracked(root), [None, None]);
    std::fs::remove_file(&index).unwrap();
    std::fs::create_dir(&index).unwrap();
    assert_eq!(tracked(root), [None, None]);
}

#[test]
fn a_symbolic_link_counts_by_what_it_names() {
    #[cfg(unix)]
    {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        project(root);
        std::fs::remove_file(root.join("secrets/a.yaml")).unwrap();
        std::fs::remove_file(root.join("secrets/b.yaml")).unwrap();
        write(root, "real/a.yaml", "a: 1\n");
        write(root, "real/b.yaml", "b: 1\n");
        for name in ["a.yaml", "b.yaml"] {
            std::os::unix::fs::symlink(format!("../real/{name}"), root.join("secrets").join(name))
                .unwrap();
        }
        let Some(()) = git(root, &["init", "-q"]) else {
            return;
        };
        git(root, &["add", "flake.nix", "real/a.yaml"]).unwrap();
        let of = of_inventory(root);
        assert_eq!(of, [Some(true), Some(false)]);
    }
}

#[test]
fn a_submodule_that_is_not_checked_out_is_one_problem_and_no_missing_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "flake.nix", FLAKE);
    std::fs::create_dir(path.join("secrets")).unwrap();
    let commit = format!("160000,{},secrets", "1".repeat(40));
    let steps = [
        vec!["init"],
        vec!["update-index", "--add", "--cacheinfo", &commit],
    ];
    if !steps.iter().all(|step| git(path, step).is_some()) {
        return;
    }
    let states = |folder: &Path| {
        let options = BuildOptions {
            paths: vec![folder.to_owned()],
            ..BuildOptions::default()
        };
        let inventory = build(&options).unwrap().inventory;
        let states: Vec<&str> = inventory
            .files
            .iter()
            .map(|file| file.state.name())
            .collect();
        let problems: Vec<String> = inventory.problems.iter().map(ToString::to_string).collect();
        (states, problems)
    };
    let (found, problems) = states(path);
    assert_eq!(found, ["unreadable", "unreadable"]);
    assert_eq!(
        problems,
        [
            "cannot read secrets: it is a Git submodule that is not checked out (git submodule update --init)"
        ]
    );
    // One that is there has the files, or it does not.
    write(path, "secrets/b.yaml", "b: 1\n");
    let (found, problems) = states(path);
    assert_eq!(found, ["missing", "plaintext"]);
    assert_eq!(problems, Vec::<String>::new());
}
