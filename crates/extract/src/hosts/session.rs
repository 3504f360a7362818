//! An evaluator and what it has read and met so far.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::value::UnknownId;
use nix_eval::{Evaluator, Limits, Part};

use crate::host_cache::Logs;
use crate::missing_file;
use crate::source::SetUp;
use crate::values::{problem, unknown};
use inventory::model::{EvaluationError, Problem, ProblemKind, Reason, Unknown};

/// An evaluator in which some hosts are set up.
pub(super) struct Session {
    pub(super) evaluator: Evaluator,
    pub(super) hosts: Vec<SetUp>,
    /// Those of each part.
    pub(super) limits: Limits,
    /// What each part so far has read.
    pub(super) logs: Logs,
    /// The problems of all of them, if there is a log.
    pub(super) problems: Vec<Problem>,
    /// Whether a limit cut any part short.
    pub(super) is_cut_short: bool,
    pub(super) is_logged: bool,
}

impl Session {
    /// Evaluates a part, with its problems: modules that could not be loaded, limits that were reached.
    pub(super) fn part<R>(
        &mut self,
        f: impl FnOnce(&mut Evaluator, &mut Vec<SetUp>) -> R,
    ) -> (Part<R>, Vec<Problem>) {
        let hosts = &mut self.hosts;
        let part = self
            .evaluator
            .part(self.limits, |evaluator| f(evaluator, hosts));
        self.is_cut_short |= part.is_cut_short;
        let log = self.evaluator.sources.take_log();
        if !log.is_empty() {
            self.logs.push(Arc::new(log));
        }
        let of_kind = |why, kind| Problem {
            kind,
            ..problem(&self.evaluator, why)
        };
        let modules = part.module_problems.iter();
        let modules = modules.map(|why| {
            let mut problem = of_kind(*why, ProblemKind::Module);
            if let Reason::Error(EvaluationError::NoSuchFile { path }) = &problem.reason {
                let workspace = self.evaluator.sources.workspace();
                problem.at = missing_file::place(workspace, path).or(problem.at);
                if missing_file::is_left_out(workspace, Path::new(path)) {
                    // Not that Nix stops: it may well be on the user's machine.
                    let words = problem.to_string();
                    problem.reason = Reason::Error(EvaluationError::Other(words));
                }
            }
            problem
        });
        // A syntax error is reported where the file was parsed.
        let syntax = Reason::Error(EvaluationError::Syntax);
        let modules = modules.filter(|problem| problem.reason != syntax);
        let limits = part.limits.iter();
        let limits = limits.map(|why| of_kind(*why, ProblemKind::Limit));
        let mut problems: Vec<Problem> = modules.chain(limits).collect();
        for (name, why) in self.evaluator.take_failed_inputs() {
            let Unknown { reason, at } = unknown(&self.evaluator, why);
            problems.push(Problem {
                at,
                kind: ProblemKind::Module,
                reason: Reason::Other(format!(
                    "the source of input `{name}` could not be evaluated: {reason}"
                )),
            });
        }
        if self.is_logged {
            self.problems.extend_from_slice(&problems);
        }
        (part, problems)
    }

    /// The files in which something is wrong.
    pub(super) fn places(&self, problems: &[UnknownId]) -> Vec<PathBuf> {
        let workspace = self.evaluator.sources.workspace();
        let spans = { problems.iter() }.filter_map(|why| self.evaluator.unknown_data(*why).at);
        spans
            .filter_map(|at| workspace.path(at.file.key()))
            .collect()
    }
}
