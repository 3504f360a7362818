//! Results of earlier runs: the same output to the byte, a new evaluation after every change, and a
//! directory that nobody else has a hand in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use support::{FORMATS, package, stderr, stdout, steady, write};
use test_support::{copy_of, copy_program, program, require};

const HIT: &str = "cache: nothing has changed since an earlier run";
const MISS: &str = "cache: no result of an earlier run";

/// A project and a place for results.
struct Place {
    project: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            project: copy_of(&package().join("examples/nixos-sops-wrong")),
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn cache(&self) -> PathBuf {
        self.home.path().join("mcp-lint")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_mcp-lint")), arguments)
    }

    fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.project.path())
            .env_clear()
            .env("XDG_CACHE_HOME", self.home.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs, and says whether an earlier result was used.
    #[track_caller]
    fn is_hit(&self, arguments: &[&str]) -> bool {
        let output = self.run(&[&["-v"], arguments].concat());
        let said = stderr(&output);
        assert!(said.contains(HIT) != said.contains(MISS), "{said}");
        said.contains(HIT)
    }

    /// A first run, which keeps its result, and what it printed.
    fn warm(&self) -> String {
        let output = stdout(&self.run(&["--format", "short"]));
        assert!(!output.is_empty());
        assert_eq!(self.entries().len(), 1);
        output
    }

    /// The results, without what is known of the files.
    fn entries(&self) -> Vec<PathBuf> {
        results(&self.cache())
    }
}

/// The results in a directory.
fn results(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let entries = entries.map(|entry| entry.unwrap().path());
    let is_result = |path: &PathBuf| path.extension().is_none_or(|end| end != "files");
    let mut entries: Vec<PathBuf> = entries.filter(is_result).collect();
    entries.sort();
    entries
}

#[test]
fn a_second_run_prints_the_same_in_every_format() {
    let place = Place::new();
    for format in FORMATS {
        let arguments = ["--pedantic", "--color", "always", "--format", format];
        let without = place.run(&[&arguments[..], &["--no-cache"]].concat());
        for _ in 0..2 {
            let with = place.run(&arguments);
            assert_eq!(
                steady(&stdout(&with)),
                steady(&stdout(&without)),
                "{format}"
            );
            assert_eq!(with.status, without.status, "{format}");
            assert_eq!(stderr(&with), "");
        }
    }
    // One result serves all formats; the drawing of the HTML page is made anew.
    assert_eq!(place.entries().len(), 1);
    assert!(place.is_hit(&["--pedantic"]));
    let directory = place.cache().metadata().unwrap();
    assert_eq!(directory.permissions().mode() & 0o777, 0o700);
    let entry = place.entries()[0].metadata().unwrap();
    assert_eq!(entry.permissions().mode() & 0o777, 0o600);
}

#[test]
fn exit_codes_and_verbose_lines_are_those_of_the_first_run() {
    let place = Place::new();
    for arguments in [
        &["-vv"][..],
        &["-vv", "--fail-on", "never"],
        &["-vv", "--select", "syntax-error"],
    ] {
        let first = place.run(arguments);
        let second = place.run(arguments);
        assert_eq!(first.status, second.status);
        assert!(stderr(&first).contains(MISS) && stderr(&second).contains(HIT));
        // The phases are those of each run.
        let lines = |text: &str| -> Vec<String> {
            let phases = [
                "earlier results: ",
                "evaluation: ",
                "lints: ",
                "keeping the result: ",
                "output: ",
            ];
            let is_phase = |line: &&str| phases.iter().any(|phase| line.starts_with(phase));
            { text.lines() }
                .filter(|line| !is_phase(line))
                .map(ToOwned::to_owned)
                .collect()
        };
        assert_eq!(
            lines(&stderr(&first).replace(MISS, HIT)),
            lines(&stderr(&second))
        );
    }
    write(place.project.path(), "secrets.nix", "{ a = ; }");
    let first = place.run(&[]);
    assert_eq!(first.status.code(), Some(2));
    assert!(place.is_hit(&[]));
    assert_eq!(place.run(&[]).status.code(), Some(2));
}

#[test]
fn nothing_is_left_without_a_cache() {
    let place = Place::new();
    place.run(&["--no-cache"]);
    assert!(place.entries().is_empty());
    let elsewhere = place.home.path().join("deep/er");
    let argument = elsewhere.to_str().unwrap();
    place.run(&["--cache-dir", argument]);
    assert!(place.entries().is_empty());
    assert_eq!(results(&elsewhere).len(), 1);
    // A relative XDG_CACHE_HOME does not count, and without a home there is no place.
    let mut command = place.command(&[]);
    command.env("XDG_CACHE_HOME", "cache").output().unwrap();
    assert!(!place.project.path().join("cache").exists());
}

/// Everything that can change what a run says.
#[test]
fn every_change_is_seen() {
    let place = Place::new();
    let root = place.project.path();
    let reads = "{ lib, ... }: { imports = [ ./secrets.nix ./users.nix ]\n  ++ map (name: ./parts + \"/${name}\") \
                 (builtins.attrNames (builtins.readDir ./parts))\n  ++ lib.optional (builtins.pathExists ./extra.nix) \
                 ./extra.nix; }";
    // Without a flake above it, the file is all that is asked for.
    std::fs::remove_file(root.join("flake.nix")).unwrap();
    write(root, "configuration.nix", reads);
    write(root, "parts/a.nix", "{ }");
    write(root, ".git/HEAD", "ref: refs/heads/main\n");
    let arguments = ["configuration.nix"];
    assert!(!place.is_hit(&arguments));
    assert!(place.is_hit(&arguments));
    let change = |name: &str, content: &str| {
        write(root, name, content);
        assert!(!place.is_hit(&arguments), "a change of {name} was not seen");
        assert!(place.is_hit(&arguments), "after a change of {name}");
    };
    let world = "{ sops.secrets.b.mode = \"0444\"; }";
    change("parts/a.nix", "{ sops.secrets.a = { }; }");
    change("parts/b.nix", world);
    let found = stdout(&place.run(&["configuration.nix", "--format", "short"]));
    assert!(found.contains("parts/b.nix:1:"), "{found}");
    change("extra.nix", "{ sops.secrets.c.mode = \"0444\"; }");
    let found = stdout(&place.run(&["configuration.nix", "--format", "short"]));
    assert!(found.contains("extra.nix:1:"), "{found}");
    change(".gitignore", "parts\n");
    change(".git/info/exclude", "extra.nix\n");
    change(".git/index", "");
    change(".sops.yaml", "creation_rules: []\n");
    change(
        "mcp-lint.toml",
        "[lints]\nworld-accessible-secret-mode = \"off\"\n",
    );
    let found = stdout(&place.run(&["configuration.nix", "--format", "short"]));
    assert!(!found.contains("world-accessible-secret-mode"), "{found}");
    // What nothing reads: the objects of Git, and no other directory of that name.
    write(root, ".git/objects/ab/cd", "blob");
    write(root, ".git/modules/a/logs/HEAD", "log");
    assert!(!place.is_hit(&arguments), "a new directory below .git");
    write(root, ".git/objects/ab/cd", "other");
    assert!(place.is_hit(&arguments));
    change(".git/modules/a/logs/HEAD", "other");
    change("objects/ab", "blob");
    // The same length, and the same time of change.
    let file = root.join("parts/b.nix");
    let before = file.metadata().unwrap().modified().unwrap();
    fs::write(&file, world.replace("0444", "0440")).unwrap();
    let handle = fs::File::options().write(true).open(&file).unwrap();
    handle.set_modified(before).unwrap();
    assert!(!place.is_hit(&arguments));
    // Gone again.
    fs::remove_file(root.join("extra.nix")).unwrap();
    assert!(!place.is_hit(&arguments));
    fs::remove_dir_all(root.join("parts")).unwrap();
    assert!(!place.is_hit(&arguments));
    // A link that leads elsewhere.
    symlink("users.nix", root.join("link.nix")).unwrap();
    assert!(!place.is_hit(&arguments));
    fs::remove_file(root.join("link.nix")).unwrap();
    symlink("secrets.nix", root.join("link.nix")).unwrap();
    assert!(!place.is_hit(&arguments));
    assert!(place.is_hit(&arguments));
}

#[test]
fn other_arguments_have_other_results() {
    let place = Place::new();
    place.run(&["--write-baseline", "baseline.json", "--no-cache"]);
    place.run(&[]);
    for arguments in [
        &["--pedantic"][..],
        &["--select", "root-owned-secret"],
        &["--ignore", "root-owned-secret"],
        &["--fail-on", "info"],
        &["--baseline", "baseline.json"],
        &["--only", "secrets.nix"],
        &["--only", "users.nix"],
        &["secrets.nix"],
        &["secrets.nix", "users.nix"],
    ] {
        assert!(!place.is_hit(arguments), "{arguments:?}");
        assert!(place.is_hit(arguments), "{arguments:?}");
    }
    // A baseline may lie elsewhere.
    let baseline = place.home.path().join("baseline.json");
    fs::copy(place.project.path().join("baseline.json"), &baseline).unwrap();
    let arguments = ["--baseline", baseline.to_str().unwrap()];
    place.run(&arguments);
    assert!(place.is_hit(&arguments));
    fs::write(&baseline, "{\"version\":1,\"findings\":[]}").unwrap();
    assert!(!place.is_hit(&arguments));
}

#[test]
fn another_program_has_other_results() {
    let place = Place::new();
    let program = place.home.path().join("program");
    copy_program(Path::new(env!("CARGO_BIN_EXE_mcp-lint")), &program);
    let said = |place: &Place| {
        let output = place.command_of(&program, &["-v"]).output();
        stderr(&output.unwrap())
    };
    assert!(said(&place).contains(MISS));
    assert!(said(&place).contains(HIT));
    // Not opened for writing: what somebody writes to is not run.
    let file = fs::File::open(&program).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60))
        .unwrap();
    assert!(said(&place).contains(MISS));
}

#[test]
fn what_stands_for_standard_input_counts() {
    let place = Place::new();
    let run = |text: &str| {
        use std::io::Write;
        let arguments = [
            "-",
            "--stdin-filename",
            "secrets.nix",
            "-v",
            "--format",
            "short",
        ];
        let mut child = place
            .command(&arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let written = fs::read_to_string(place.project.path().join("secrets.nix")).unwrap();
    let first = run(&written);
    assert!(stderr(&first).contains(MISS));
    let again = run(&written);
    assert!(stderr(&again).contains(HIT));
    assert_eq!(stdout(&first), stdout(&again));
    let other = run(&format!("\n{written}"));
    assert!(stderr(&other).contains(MISS));
    assert_ne!(stdout(&first), stdout(&other));
}

#[test]
fn a_damaged_entry_is_written_again() {
    let place = Place::new();
    let expected = place.warm();
    let entry = &place.entries()[0];
    let whole = fs::read(entry).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let other_format = String::from_utf8(whole.clone())
        .unwrap()
        .replacen("cache 1", "cache 0", 1);
    for damaged in [
        &flipped[..],
        &whole[..whole.len() - 1],
        &whole[..100],
        &[],
        &[&whole[..], b" "].concat(),
        other_format.as_bytes(),
    ] {
        fs::write(entry, damaged).unwrap();
        let output = place.run(&["--format", "short"]);
        assert_eq!(stdout(&output), expected);
        assert_eq!(stderr(&output), "");
        assert_eq!(fs::read(entry).unwrap(), whole);
        assert!(place.is_hit(&[]));
    }
    // An entry under another name is of another run.
    place.run(&["--pedantic"]);
    let entries = place.entries();
    let other = entries.iter().find(|path| *path != entry).unwrap();
    fs::write(entry, fs::read(other).unwrap()).unwrap();
    assert_eq!(stdout(&place.run(&["--format", "short"])), expected);
}

#[test]
fn links_are_not_followed() {
    let place = Place::new();
    let expected = place.warm();
    let entry = &place.entries()[0];
    let elsewhere = place.home.path().join("elsewhere");
    fs::rename(entry, &elsewhere).unwrap();
    symlink(&elsewhere, entry).unwrap();
    assert!(!place.is_hit(&[]));
    assert!(!entry.symlink_metadata().unwrap().is_symlink());
    assert!(place.is_hit(&[]));
    // Neither is a pipe waited for.
    fs::remove_file(entry).unwrap();
    if let Some(mkfifo) = program("mkfifo") {
        let made = Command::new(mkfifo).arg(entry).status();
        assert!(made.unwrap().success());
        assert_eq!(stdout(&place.run(&["--format", "short"])), expected);
    }
    // The directory.
    let real = place.home.path().join("real");
    fs::rename(place.cache(), &real).unwrap();
    symlink(&real, place.cache()).unwrap();
    let output = place.run(&["--format", "short"]);
    assert!(
        stderr(&output).contains("it is a symbolic link"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), expected);
    let quiet = place.run(&["--quiet", "--format", "short"]);
    assert_eq!(stderr(&quiet), "");
}

#[test]
fn a_directory_that_others_can_look_into_is_refused() {
    let place = Place::new();
    let expected = place.warm();
    for mode in [0o755, 0o701, 0o720, 0o1777] {
        fs::set_permissions(place.cache(), Permissions::from_mode(mode)).unwrap();
        let output = place.run(&["--format", "short"]);
        assert!(
            stderr(&output).contains("other users can look into it"),
            "{}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), expected);
    }
    fs::set_permissions(place.cache(), Permissions::from_mode(0o700)).unwrap();
    assert!(place.is_hit(&[]));
    fs::remove_dir_all(place.cache()).unwrap();
    fs::write(place.cache(), "").unwrap();
    let output = place.run(&["--format", "short"]);
    assert!(
        stderr(&output).contains("it is not a directory"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_directory_of_another_user_is_refused() {
    let place = Place::new();
    let expected = place.warm();
    let entry = place.entries()[0].clone();
    let is_root = place.cache().metadata().unwrap().uid() == 0;
    let root = { is_root.then_some(()) }.ok_or("only it gives a directory to another user");
    if require("root", root).is_none() {
        return;
    }
    std::os::unix::fs::chown(&entry, Some(12345), None).unwrap();
    assert!(!place.is_hit(&[]), "an entry of another user was used");
    std::os::unix::fs::chown(place.cache(), Some(12345), None).unwrap();
    let output = place.run(&["--format", "short"]);
    assert!(
        stderr(&output).contains("it belongs to another user"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_directory_that_cannot_be_written_is_no_error() {
    let place = Place::new();
    let expected = place.warm();
    fs::set_permissions(place.cache(), Permissions::from_mode(0o500)).unwrap();
    for arguments in [
        &["--format", "short"][..],
        &["--format", "short", "--pedantic"],
    ] {
        let output = place.run(arguments);
        assert_eq!(stderr(&output), "");
        assert!(stdout(&output).contains(expected.lines().next().unwrap()));
    }
    fs::set_permissions(place.cache(), Permissions::from_mode(0o700)).unwrap();
    // Where nothing can be made.
    let file = place.home.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = place.command(&["--format", "short"]);
    let output = command.env("XDG_CACHE_HOME", &file).output().unwrap();
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (expected.clone(), String::new())
    );
    let path = file.join("cache");
    let output = place.run(&["--format", "short", "--cache-dir", path.to_str().unwrap()]);
    assert!(
        stderr(&output).contains("no results are kept in"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), expected);
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let place = Place::new();
    let expected = stdout(&place.run(&["--no-cache", "--format", "short"]));
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut command = place.command(&["--format", "short"]);
            command.stdout(std::process::Stdio::piped());
            command.stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (stdout(&output), stderr(&output)),
            (expected.clone(), String::new())
        );
    }
    assert_eq!(place.entries().len(), 1, "an unfinished file was left");
    assert!(place.is_hit(&[]));
}

#[test]
fn old_results_are_removed() {
    let place = Place::new();
    place.warm();
    let old = SystemTime::now() - Duration::from_secs(86_400);
    for number in 0..300_u64 {
        let path = place.cache().join(format!("{number:064x}"));
        fs::write(&path, "x").unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(old + Duration::from_secs(number))
            .unwrap();
    }
    let unfinished = place.cache().join(".mcp-lint-a1b2c3A1B2C3.unfinished");
    let file = fs::File::create(&unfinished).unwrap();
    file.set_modified(old).unwrap();
    fs::write(place.cache().join("README"), "not ours").unwrap();
    place.run(&["--pedantic"]);
    let left = place.entries();
    assert!(left.len() <= 130, "{}", left.len());
    assert!(!unfinished.exists());
    assert!(place.cache().join("README").exists());
    assert!(left.contains(&place.cache().join(format!("{:064x}", 299))));
    assert!(!left.contains(&place.cache().join(format!("{:064x}", 0))));
    assert!(place.is_hit(&[]) && place.is_hit(&["--pedantic"]));
}

#[test]
fn no_text_of_a_source_is_kept() {
    let place = Place::new();
    let root = place.project.path();
    let marker = "zQ7MarkerOfASecret";
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let text = format!(
        "{{ # {marker}\n  sops.secrets.x = {{ mode = \"0444\"; sopsFile = ./plain.yaml; }}; # {marker}\n  \
         services.x.token = \"{token}\"; # {marker}\n  environment.variables.API_TOKEN = \"{marker}4711\";\n}}\n"
    );
    write(root, "configuration.nix", &text);
    write(root, "plain.yaml", &format!("x: {marker}\n"));
    let found = stdout(&place.run(&["configuration.nix", "--pedantic"]));
    assert!(found.contains("unencrypted-secret-file"), "{found}");
    let entry = fs::read_to_string(&place.entries()[0]).unwrap();
    assert!(entry.contains("unencrypted-secret-file"));
    assert!(!entry.contains(marker) && !entry.contains(token), "{entry}");
}

/// A configuration can read what is in the directory of the cache, and what Git writes.
#[test]
fn what_is_read_beside_the_results_counts() {
    for file in [".git/logs/mode.nix", ".git/info/mode.nix"] {
        let place = Place::new();
        let root = place.project.path();
        let module =
            format!("{{ imports = [ ./users.nix ]; sops.secrets.db.mode = import ./{file}; }}");
        write(root, "configuration.nix", &module);
        write(root, file, "\"0400\"");
        let directory = place.home.path().join("elsewhere");
        fs::create_dir_all(&directory).unwrap();
        fs::set_permissions(
            &directory,
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        let arguments = [
            "--cache-dir",
            directory.to_str().unwrap(),
            "--format",
            "json",
            "--pedantic",
        ];
        let before = place.run(&arguments);
        assert_eq!(place.run(&arguments).stdout, before.stdout);
        write(root, file, "\"0444\"");
        assert_ne!(place.run(&arguments).stdout, before.stdout, "{file}");
    }
}

/// A checkout could bring results along that say that nothing is wrong.
#[test]
fn a_directory_of_the_project_keeps_no_results() {
    let place = Place::new();
    let directory = place.project.path().join(".results");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(
        &directory,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let output = place.run(&["--cache-dir", directory.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("no results are kept in a directory of the project"),
        "{told}"
    );
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
    let quiet = place.run(&["-q", "--cache-dir", directory.to_str().unwrap()]);
    assert!(quiet.stderr.is_empty());
}

/// What is known of the files is used for those that nobody has touched, and for no others.
#[test]
fn a_change_is_seen_that_leaves_size_and_time_as_they_were() {
    let place = Place::new();
    // Nothing points into it: its content is compared nowhere else.
    let file = place.project.path().join("notes.txt");
    fs::write(&file, "one").unwrap();
    let is_known = || {
        let all = fs::read_dir(place.cache()).unwrap();
        let mut names = all.map(|entry| entry.unwrap().path());
        names.any(|path| {
            let is_files = path.extension().is_some_and(|end| end == "files");
            is_files
                && fs::read(&path)
                    .unwrap()
                    .windows(9)
                    .any(|it| it == b"notes.txt")
        })
    };
    // A file that was just written may be written again within a tick of the clock.
    std::thread::sleep(Duration::from_millis(3_100));
    assert!(!place.is_hit(&[]));
    assert!(is_known());
    assert!(place.is_hit(&[]));
    let before = file.metadata().unwrap().modified().unwrap();
    fs::write(&file, "two").unwrap();
    let handle = fs::File::options().write(true).open(&file).unwrap();
    handle.set_modified(before).unwrap();
    assert!(!place.is_hit(&[]));
    // A file that takes its place has another inode.
    let other = place.project.path().join("other");
    fs::write(&other, "one").unwrap();
    let handle = fs::File::options().write(true).open(&other).unwrap();
    handle.set_modified(before).unwrap();
    fs::rename(&other, &file).unwrap();
    assert!(place.is_hit(&[]), "the content is the first again");
}
