//! What makes packages of a release: names and versions agree everywhere, and the scripts do what they say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{package, stderr, stdout, write};

/// The targets that a release has programs for.
const TARGETS: [&str; 3] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-unknown-linux-musl",
];

fn text(name: &str) -> String {
    fs::read_to_string(package().join(name)).unwrap()
}

/// A checkout with what the scripts read, and archives of programs that only say who they are.
fn release() -> tempfile::TempDir {
    let checkout = tempfile::tempdir().unwrap();
    for folder in [".ci", "packaging"] {
        copy(&package().join(folder), &checkout.path().join(folder));
    }
    fs::copy(
        package().join("Cargo.toml"),
        checkout.path().join("Cargo.toml"),
    )
    .unwrap();
    for target in TARGETS {
        let folder = format!("dist/mcp-lint-{target}");
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            write(checkout.path(), &format!("{folder}/{licence}"), licence);
        }
        script(
            &checkout.path().join(&folder).join("mcp-lint"),
            &format!(
                "echo \"{target} $*\"\n[ \"$1\" != fails ] || exit 3\n[ \"$1\" != ends ] || kill -TERM $$"
            ),
        );
        let archive = format!("mcp-lint-{target}.tar.gz");
        let packed = bash(
            checkout.path(),
            &format!(
                "cd dist && tar czf {archive} mcp-lint-{target} && sha256sum {archive} >{archive}.sha256"
            ),
            &[],
        );
        assert!(packed.status.success(), "{}", stderr(&packed));
        fs::remove_dir_all(checkout.path().join(folder)).unwrap();
    }
    checkout
}

/// A program in shell.
fn script(path: &Path, body: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

fn bash(folder: &Path, command: &str, environment: &[(&str, &str)]) -> Output {
    Command::new("bash")
        .args(["-c", command])
        .current_dir(folder)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn every_package_has_the_version_of_the_program() {
    let version = env!("CARGO_PKG_VERSION");
    let npm: serde_json::Value = serde_json::from_str(&text("packaging/npm/package.json")).unwrap();
    assert_eq!(npm["version"], version);
    let platforms = npm["optionalDependencies"].as_object().unwrap();
    assert_eq!(platforms.len(), TARGETS.len());
    for (name, of_platform) in platforms {
        assert_eq!(of_platform, version, "{name}");
    }
    for (file, line) in [
        (
            "packaging/pre-commit-mirror/pyproject.toml",
            format!("version = \"{version}\""),
        ),
        (
            "packaging/pre-commit-mirror/pyproject.toml",
            format!("dependencies = [\"mcp-lint-nix=={version}\"]"),
        ),
        (
            "packaging/pre-commit-mirror/README.md",
            format!("    rev: v{version}"),
        ),
        (
            "packaging/nixpkgs/package.nix",
            format!("  version = \"{version}\";"),
        ),
        (
            "docs/src/integrations/pre-commit.md",
            format!("    rev: v{version}"),
        ),
        (
            "docs/src/integrations/ci.md",
            format!("      - uses: mcp-lint/mcp-lint@v{version}"),
        ),
    ] {
        assert!(
            text(file).lines().any(|known| known == line),
            "{file} has no line {line:?}"
        );
    }
}

/// One list of targets: what the workflow builds is what everybody downloads.
#[test]
fn every_platform_of_a_release_is_known_to_what_installs_it() {
    for file in [
        ".github/workflows/release.yml",
        ".ci/install-for-action",
        ".ci/pack-npm",
        "packaging/homebrew/mcp-lint.rb",
    ] {
        let text = text(file);
        for target in TARGETS {
            assert!(text.contains(target), "{file} does not know {target}");
        }
    }
}

/// Cargo builds nothing of a package whose manifest names a test or a bench that is not there.
#[test]
fn the_flakes_package_has_what_its_manifest_names() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let nix = text("nix/package.nix");
    let has = |name: &str| nix.lines().any(|line| line.trim() == format!("../{name}"));
    assert!(has("src") && has("crates") && has("lints"), "{nix}");
    for (targets, folder) in [("test", "tests"), ("bench", "benches")] {
        assert!(!manifest[targets].as_array().unwrap().is_empty());
        assert!(has(folder), "nix/package.nix leaves out {folder}");
    }
    // Nothing that is read when it is compiled lies elsewhere.
    for file in test_support::files_with(&package().join("src"), "rs") {
        let source = fs::read_to_string(&file).unwrap();
        for (_, rest) in source
            .match_indices("include_str!(\"")
            .map(|(at, _)| source.split_at(at + 14))
        {
            let name = rest.split('"').next().unwrap();
            let path = file.parent().unwrap().join(name).canonicalize().unwrap();
            let path = path
                .strip_prefix(package().canonicalize().unwrap())
                .unwrap();
            let folder = path.iter().next().unwrap().to_str().unwrap();
            assert!(has(folder), "{} reads {folder}", file.display());
        }
    }
}

/// PyPI's package of the command's name is another project.
#[test]
fn no_page_installs_the_wheel_of_another_project() {
    let mut pages = test_support::files_with(&package().join("docs/src"), "md");
    pages.extend(test_support::files_with(&package().join("packaging"), "md"));
    pages.push(package().join("README.md"));
    assert!(pages.len() > 50, "{}", pages.len());
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for wrong in [
            "uvx mcp-lint",
            "pip install mcp-lint\n",
            "pipx install mcp-lint\n",
            "pipx run mcp-lint",
        ] {
            assert!(!text.contains(wrong), "{} says {wrong:?}", page.display());
        }
    }
}

/// The mirror differs from the hooks of this repository in how they are installed alone.
#[test]
fn the_mirror_has_the_hooks_of_this_repository() {
    let hooks = |name: &str| -> Vec<String> {
        let text = text(name).replace("language: rust", "language: python");
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    let rows = |lines: Vec<String>| -> Vec<String> {
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(
        rows(hooks(".pre-commit-hooks.yaml")),
        rows(hooks("packaging/pre-commit-mirror/.pre-commit-hooks.yaml"))
    );
}

#[test]
fn the_formula_has_the_checksums_of_the_archives() {
    let Some(_) = test_support::program("bash") else {
        return;
    };
    let checkout = release();
    let output = bash(checkout.path(), "bash .ci/pack-formula", &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let formula = fs::read_to_string(checkout.path().join("dist/mcp-lint.rb")).unwrap();
    assert!(!formula.contains('@'), "{formula}");
    for target in TARGETS {
        let sum = fs::read_to_string(
            checkout
                .path()
                .join(format!("dist/mcp-lint-{target}.tar.gz.sha256")),
        )
        .unwrap();
        let sum = sum.split(' ').next().unwrap();
        let url = formula.find(&format!("mcp-lint-{target}.tar.gz")).unwrap();
        let line = formula.split_at(url).1.lines().nth(1).unwrap();
        assert_eq!(line.trim(), format!("sha256 \"{sum}\""));
    }
}

/// The package of npm starts the program of the platform, hands over its exit code, and says what is missing.
#[test]
fn the_npm_package_starts_the_program_of_the_platform() {
    let (Some(_), Some(_)) = (test_support::program("bash"), test_support::program("npm")) else {
        return;
    };
    let checkout = release();
    let output = bash(
        checkout.path(),
        "bash .ci/pack-npm",
        &[(
            "npm_config_cache",
            checkout.path().join("cache").to_str().unwrap(),
        )],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let modules = checkout.path().join("node_modules");
    for archive in test_support::files_with(&checkout.path().join("dist/npm"), "tgz") {
        let name = archive.file_name().unwrap().to_str().unwrap();
        let name = name.rsplit_once('-').unwrap().0;
        let folder = modules.join(name);
        fs::create_dir_all(&folder).unwrap();
        let unpacked = bash(
            &folder,
            &format!("tar xzf '{}' --strip-components 1", archive.display()),
            &[],
        );
        assert!(unpacked.status.success(), "{}", stderr(&unpacked));
    }
    assert_eq!(fs::read_dir(&modules).unwrap().count(), 4);
    let start = |arguments: &str| {
        bash(
            checkout.path(),
            &format!("node node_modules/mcp-lint/mcp-lint.js {arguments}"),
            &[],
        )
    };
    let output = start("check 'a b'");
    let cpu = if cfg!(target_arch = "aarch64") {
        "aarch64"
    } else {
        "x86_64"
    };
    assert_eq!(
        stdout(&output),
        format!("{cpu}-unknown-linux-musl check a b\n")
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(start("fails").status.code(), Some(3));
    assert_eq!(start("ends").status.code(), Some(128 + 15));
    for platform in ["linux-x64", "linux-arm64"] {
        fs::remove_dir_all(modules.join(format!("mcp-lint-{platform}"))).unwrap();
    }
    let output = start("check");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("mcp-lint: there is no program for linux-"),
        "{}",
        stderr(&output)
    );
}

/// What the action finds on a runner.
struct Runner {
    checkout: tempfile::TempDir,
    folder: tempfile::TempDir,
}

impl Runner {
    /// A runner whose `gh` brings the archives of a release, knows the commit of `v0.1.0`, and says of every archive
    /// that its provenance is `attested`.
    fn new(attested: bool) -> Self {
        let runner = Self {
            checkout: release(),
            folder: tempfile::tempdir().unwrap(),
        };
        let exit = if attested { 0 } else { 1 };
        script(
            &runner.folder.path().join("bin/gh"),
            &format!(
                "case \"$1 $2\" in\n\
                 'release download') while [ \"$1\" != --dir ]; do shift; done; cp \"{}\"/mcp-lint-* \"$2\" ;;\n\
                 'api repos/mcp-lint/mcp-lint/commits/v{}') echo {} ;;\n\
                 'attestation verify') exit {exit} ;;\n\
                 *) exit 9 ;;\n\
                 esac",
                runner.checkout.path().join("dist").display(),
                env!("CARGO_PKG_VERSION"),
                "a".repeat(40),
            ),
        );
        runner.machine("x86_64");
        runner
    }

    /// Makes the runner a Linux machine of this kind.
    fn machine(&self, cpu: &str) {
        script(
            &self.folder.path().join("bin/uname"),
            &format!("case $1 in -s) echo Linux ;; -m) echo {cpu} ;; *) echo Linux {cpu} ;; esac"),
        );
    }

    fn install(&self, how: &str, reference: &str) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display());
        bash(
            self.checkout.path(),
            "bash .ci/install-for-action",
            &[
                ("INSTALL", how),
                ("ACTION", self.checkout.path().to_str().unwrap()),
                ("ACTION_REF", reference),
                ("ACTION_REPOSITORY", "mcp-lint/mcp-lint"),
                ("RUNNER_TEMP", self.folder.path().to_str().unwrap()),
                (
                    "GITHUB_PATH",
                    self.folder.path().join("path").to_str().unwrap(),
                ),
                ("PATH", &path),
            ],
        )
    }

    fn installed(&self) -> PathBuf {
        self.folder.path().join("mcp-lint/bin/mcp-lint")
    }
}

#[test]
fn the_action_installs_the_release_that_it_belongs_to() {
    let Some(_) = test_support::program("bash") else {
        return;
    };
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    for (how, reference) in [
        ("auto", tag.as_str()),
        ("release", &tag),
        ("release", &"a".repeat(40)),
    ] {
        let runner = Runner::new(true);
        let output = runner.install(how, reference);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(stdout(&output), "x86_64-unknown-linux-musl --version\n");
        let path = fs::read_to_string(runner.folder.path().join("path")).unwrap();
        assert_eq!(Path::new(path.trim()), runner.installed().parent().unwrap());
    }
}

/// Neither of a branch, nor of a commit between two releases, nor for a machine without a program.
#[test]
fn the_action_takes_no_release_that_is_not_its_own() {
    let Some(_) = test_support::program("bash") else {
        return;
    };
    for (reference, cpu) in [
        ("main", "x86_64"),
        (&*"b".repeat(40), "x86_64"),
        ("v0.1.0", "riscv64"),
        ("", "x86_64"),
    ] {
        let runner = Runner::new(true);
        runner.machine(cpu);
        let output = runner.install("release", reference);
        assert_eq!(output.status.code(), Some(2), "{reference} {cpu}");
        assert!(
            stdout(&output).contains("::error::no release of mcp-lint belongs to"),
            "{}",
            stdout(&output)
        );
        assert!(!runner.installed().exists());
    }
}

/// An archive that is not what the release says is never unpacked, however the action is to be installed.
#[test]
fn the_action_unpacks_nothing_that_is_not_verified() {
    let Some(_) = test_support::program("bash") else {
        return;
    };
    let unattested = Runner::new(false);
    let tampered = Runner::new(true);
    let archive = tampered
        .checkout
        .path()
        .join("dist/mcp-lint-x86_64-unknown-linux-musl.tar.gz");
    let mut bytes = fs::read(&archive).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&archive, bytes).unwrap();
    for (runner, message) in [
        (unattested, "was not built by"),
        (tampered, "has another checksum"),
    ] {
        for how in ["auto", "release"] {
            let output = runner.install(how, "v0.1.0");
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            assert!(stdout(&output).contains(message), "{}", stdout(&output));
            assert!(!runner.installed().exists());
        }
    }
}
