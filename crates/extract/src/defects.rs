//! Panics: defects of this program. Each takes with it only what was being done.

use std::panic::{AssertUnwindSafe, catch_unwind};

use inventory::model::{Problem, ProblemKind, Reason};
use secret_files::FileFacts;

/// What `f` gives.
///
/// # Errors
///
/// The message of a panic.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_default()
    })
}

/// What `f` gives; after a panic the default, and a problem that says what failed.
pub(crate) fn attempt<R: Default>(
    at: &str,
    problems: &mut Vec<Problem>,
    f: impl FnOnce() -> R,
) -> R {
    guarded(f).unwrap_or_else(|panic| {
        problems.push(defect(at, &panic));
        R::default()
    })
}

/// The facts of a file after a panic: those of one that could not be read.
pub(crate) fn undescribed(panic: &str) -> FileFacts {
    FileFacts::unreadable(message("this file", panic))
}

/// A panic at a host, or anything else.
pub(crate) fn defect(at: &str, panic: &str) -> Problem {
    Problem {
        at: None,
        kind: ProblemKind::Internal,
        reason: Reason::Other(message(at, panic)),
    }
}

fn message(at: &str, panic: &str) -> String {
    let panic = panic.lines().next().unwrap_or_default();
    format!("mcp-lint failed at {at}, which is a defect of it: {panic}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test has to fail")]

    use std::path::Path;

    use inventory::model::ProblemKind;

    use crate::{BuildOptions, InputOptions, build, list_files};

    /// A flake whose secrets come from two files; the content of the first one makes this program panic.
    fn project() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "flake.nix",
            "{ outputs = { nixpkgs, sops-nix, ... }: { nixosConfigurations.desk = \
             nixpkgs.lib.nixosSystem { modules = [ sops-nix.nixosModules.sops { \
             sops.secrets.a.sopsFile = ./a.yaml; sops.secrets.b.sopsFile = ./b.yaml; } ]; }; }; }",
        );
        write("a.yaml", crate::repository::DEFECTIVE);
        write("b.yaml", "b: plain\n");
        folder
    }

    #[test]
    fn a_panic_at_one_secret_file_leaves_the_others() {
        let folder = project();
        let options = BuildOptions {
            paths: vec![folder.path().to_owned()],
            ..BuildOptions::default()
        };
        let built = build(&options).unwrap();
        let states: Vec<_> = { built.inventory.files.iter() }
            .map(|file| (file.path.display.as_str(), file.problems.is_empty()))
            .collect();
        assert_eq!(states.len(), 2, "{states:?}");
        let problems = &built.inventory.problems;
        let of_file =
            |problem: &&inventory::model::Problem| problem.reason.to_string().contains("a.yaml");
        let problem = problems.iter().find(of_file).unwrap();
        assert_eq!(problem.kind, ProblemKind::Unreadable);
        assert!(problem.reason.to_string().contains("a defect of it"));
    }

    #[test]
    fn a_panic_at_one_listed_file_leaves_the_others() {
        let folder = project();
        let listing = |path: &Path| {
            let limits = nix_eval::Limits::default();
            list_files(path, InputOptions::default(), None, limits)
                .unwrap()
                .files
        };
        let paths: Vec<String> = { listing(folder.path()).into_iter() }
            .map(|file| file.path)
            .collect();
        assert!(paths.contains(&"a.yaml".to_owned()), "{paths:?}");
        assert!(paths.contains(&"b.yaml".to_owned()), "{paths:?}");
    }

    #[test]
    fn a_panic_of_a_step_is_a_problem() {
        let mut problems = Vec::new();
        let nothing: Vec<u8> = super::attempt("a step", &mut problems, || panic!("oh"));
        assert!(nothing.is_empty());
        let [problem] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert_eq!(problem.kind, ProblemKind::Internal);
        assert!(problem.reason.to_string().contains("a step"));
    }
}
