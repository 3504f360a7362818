//! What a test needs of the machine beside Rust. Without it the test is skipped, which is written to
//! standard error; `MCP_LINT_REQUIRE=nix,git,…` names what has to be there: without that the test fails.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Every need, and the programs of which any will do; what is no program is looked for by its tests.
const NEEDS: [(&str, &[&str]); 33] = [
    ("acl", &["setfacl"]),
    ("age", &["age"]),
    ("bash", &["bash"]),
    (
        "chromium",
        &["chromium", "chromium-browser", "google-chrome"],
    ),
    ("devices", &[]),
    ("fish", &["fish"]),
    ("git", &["git"]),
    ("gpg", &["gpg"]),
    ("home-manager", &[]),
    ("lock-corpus", &[]),
    ("machine", &[]),
    ("mcp-inspector", &[]),
    ("mcp-sdk", &[]),
    ("mcp-servers-nix", &[]),
    ("mkfifo", &["mkfifo"]),
    ("nix", &["nix-instantiate"]),
    ("nix-corpus", &[]),
    ("nix-language-suite", &[]),
    ("nixpkgs-lib", &[]),
    ("node", &["node"]),
    ("npm", &["npm"]),
    ("nvim", &["nvim"]),
    ("openssl", &["openssl"]),
    ("patch", &["patch"]),
    ("permissions", &[]),
    ("pre-commit", &[]),
    ("pygls", &[]),
    ("root", &[]),
    ("rustfmt", &["rustfmt"]),
    ("sops", &[]),
    ("ssh-keygen", &["ssh-keygen"]),
    ("xmllint", &["xmllint"]),
    ("zsh", &["zsh"]),
];

/// The program of a need, `None` if the test is to be skipped.
///
/// # Panics
///
/// If it is required and cannot be started.
#[must_use]
#[track_caller]
pub fn program(need: &str) -> Option<&'static str> {
    let known = NEEDS.iter().find(|(name, _)| *name == need);
    let programs = known.map_or(&[][..], |(_, programs)| programs);
    let found = programs.iter().copied().find(|program| can_start(program));
    require(
        need,
        found.ok_or_else(|| format!("{} cannot be started", programs.join(", "))),
    )
}

/// The folder that a variable of the environment names, `None` if the tests that read it are to be skipped.
///
/// # Panics
///
/// If it is required and the variable names no folder.
#[must_use]
#[track_caller]
pub fn folder(need: &str, variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).unwrap_or_default();
    let found = Path::new(&named).canonicalize();
    require(
        need,
        found.map_err(|_| format!("{variable} names no folder")),
    )
}

/// Whether the program is there, whatever it makes of the argument.
fn can_start(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// What was found for a need, `None` if the test is to be skipped because it was not: why not goes to
/// standard error.
///
/// # Panics
///
/// If it was not found and is required.
#[track_caller]
pub fn require<T>(need: &str, found: Result<T, impl Display>) -> Option<T> {
    let required = std::env::var("MCP_LINT_REQUIRE").unwrap_or_default();
    match judged(&required, need, found) {
        Ok(Ok(found)) => Some(found),
        Ok(Err(why)) => {
            skip(&why);
            None
        }
        Err(why) => panic!("{why}"),
    }
}

/// Writes to standard error that a test, or a part of one, is skipped: past the capture of the harness,
/// because who reads the log has to see what did not run.
fn skip(why: &str) {
    // A test does not fail because nobody reads.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// What was found or why the test is skipped; an error if it has to fail.
fn judged<T>(
    required: &str,
    need: &str,
    found: Result<T, impl Display>,
) -> Result<Result<T, String>, String> {
    let is_known = |name: &str| NEEDS.iter().any(|(known, _)| *known == name);
    let mut required = required.split(',').filter(|name| !name.is_empty());
    if let Some(unknown) = required.clone().chain([need]).find(|name| !is_known(name)) {
        return Err(format!("{unknown} is nothing that a test can need"));
    }
    match found {
        Ok(found) => Ok(Ok(found)),
        Err(why) if required.any(|name| name == need) => {
            Err(format!("{need} is in MCP_LINT_REQUIRE, but: {why}"))
        }
        Err(why) => Ok(Err(format!("no {need}: {why}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{judged, program};

    #[test]
    fn what_is_required_and_missing_fails() {
        let missing = || Err::<(), _>("not found");
        let skipped = Ok(Err("no nix: not found".to_owned()));
        let failed = Err("nix is in MCP_LINT_REQUIRE, but: not found".to_owned());
        assert_eq!(judged("", "nix", missing()), skipped);
        assert_eq!(judged("git,age", "nix", missing()), skipped);
        assert_eq!(judged("git,nix", "nix", missing()), failed);
        assert_eq!(judged("git,nix", "nix", Ok::<_, &str>(())), Ok(Ok(())));
    }

    #[test]
    fn a_name_that_is_misspelt_fails() {
        let found = || Ok::<_, &str>(());
        assert!(judged("git,nixx", "nix", found()).is_err());
        assert!(judged("", "nixx", found()).is_err());
    }

    /// The variable itself: this test starts the next one with it.
    #[test]
    fn the_variable_counts() {
        for (required, succeeds) in [("", true), ("git", true), ("nix", false)] {
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args([
                    "--ignored",
                    "--exact",
                    "needs::tests::asks_for_nix_where_there_is_no_program",
                ])
                .env("MCP_LINT_REQUIRE", required)
                .env("PATH", "")
                .output()
                .unwrap();
            assert_eq!(
                output.status.success(),
                succeeds,
                "{required:?}: {output:?}"
            );
        }
    }

    #[test]
    #[ignore = "started by the one above"]
    fn asks_for_nix_where_there_is_no_program() {
        assert_eq!(program("nix"), None);
    }
}
