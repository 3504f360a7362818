//! The check against real users, groups, files, ACLs, links and mounts.
//!
//! Most of it needs root, to make files of several users and to become them. As root the tests run
//! in a mount namespace of their own with a `/run`, a `passwd` and a `group` of their own, so the
//! machine stays as it was. Where something is not allowed, the tests that need it are listed as
//! ignored and a line on standard error says why; they fail if `MCP_LINT_REQUIRE` has it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, though the compiler cannot see it: they have their own harness"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use test_support::{program, require};

mod attacks;
mod canary;
mod clients;
mod coverage;
mod faults;
mod files;
mod fuse;
mod keys;
mod live;
mod modules;
mod readers;
mod rendering;
mod shapes;
mod support;
mod unprivileged;

/// A test, and whether it needs root.
pub(crate) type Test = (&'static str, Needs, fn());

/// What a test needs of the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// To be root.
    Root,
    /// To be root with a mount namespace of its own.
    Namespace,
    /// As [`Needs::Root`], and setfacl(1).
    Acl,
    /// As [`Needs::Namespace`], and a kernel with FUSE.
    Fuse,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|argument| argument.to_str()) {
        Some(runtime_check::PROBE_COMMAND) => {
            return ExitCode::from(runtime_check::probe_main(&arguments));
        }
        Some("__check") => return ExitCode::from(unprivileged::check_main(&arguments)),
        _ => {}
    }
    let mut arguments = Arguments::from_args();
    // The tests share one `/run`.
    arguments.test_threads = Some(1);
    let is_root = nix::unistd::geteuid().is_root();
    let root = { is_root.then_some(()) }.ok_or("only it makes files of other users");
    let is_root = require("root", root).is_some();
    let namespace = match is_root {
        true => support::private_machine(),
        false => Err("not root".to_owned()),
    };
    let namespace = require("machine", namespace).is_some();
    let acl = is_root && program("acl").is_some();
    let fuse = std::fs::File::open("/dev/fuse").is_ok();
    let mut tests: Vec<Test> = Vec::new();
    for module in [
        files::TESTS,
        readers::TESTS,
        shapes::TESTS,
        attacks::TESTS,
        faults::TESTS,
        keys::TESTS,
        clients::TESTS,
        canary::TESTS,
        rendering::TESTS,
        unprivileged::TESTS,
        live::TESTS,
        modules::TESTS,
    ] {
        tests.extend(module);
    }
    let all = is_root && namespace && acl;
    let trials = tests.into_iter().map(|(name, needs, test)| {
        let met = match needs {
            Needs::Nothing => true,
            Needs::Root => is_root,
            Needs::Namespace => namespace,
            Needs::Acl => acl,
            Needs::Fuse => namespace && fuse,
        };
        trial(name, met, test)
    });
    let mut trials: Vec<Trial> = trials.collect();
    // Last: it looks back at what the others have seen.
    let whole = all && arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.exact;
    trials.push(trial(
        "every_check_was_seen",
        whole,
        coverage::every_check_was_seen,
    ));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, met: bool, test: fn()) -> Trial {
    let run = move || {
        std::panic::catch_unwind(test).map_err(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(text.unwrap_or_default())
        })
    };
    Trial::test(name, run).with_ignored_flag(!met)
}
