//! What the guide says of each MCP server after activation.

use super::verdict::{Outcome, State, Verdicts};
use crate::checks::Check;
use crate::escape::Escaped;
use crate::expect::Secret;
use crate::finding::Severity;
use crate::judge::access::DenialKind;
use crate::judge::{Details, JudgeContext, fix, shown};
use crate::report::{Readable, ServerReport, ServerStatus};

impl Verdicts<'_> {
    /// The servers' verdicts, and notes on what was left out.
    pub(super) fn finish(
        self,
        context: &mut JudgeContext<'_>,
        secrets: &[Secret],
    ) -> (Vec<ServerReport>, Vec<String>) {
        let mut reports = Vec::new();
        for server in &self.expected.servers {
            let mut report = ServerReport {
                user: server.user.clone(),
                name: server.name.clone(),
                secret: None,
                path: None,
                status: ServerStatus::Available,
                detail: None,
                help: None,
            };
            if let Some(what) = &server.broken {
                report.status = ServerStatus::Broken;
                report.detail = Some(what.clone());
            } else if let Some(reason) = &server.unknown {
                report.status = ServerStatus::Unknown;
                report.detail = Some(reason.clone());
            }
            if let Some((name, index)) = &server.secret
                && let (Some(secret), Some(state)) = (secrets.get(*index), self.states.get(*index))
            {
                report.secret = Some(name.clone());
                report.path = Some(secret.path.clone());
                let outcome = self.outcomes.get(&(*index, server.user.clone()));
                self.server(&mut report, secret, state, outcome);
            }
            if !matches!(
                report.status,
                ServerStatus::Available | ServerStatus::Unknown
            ) {
                disabled(context, &report);
            }
            reports.push(report);
        }
        let mut notes = Vec::new();
        if self.skipped > 0 && !self.me.is_root() {
            let count = self.skipped;
            notes.push(format!(
                "the content of {count} secrets that {} may not read was not looked at",
                self.me.name
            ));
        }
        (reports, notes)
    }

    fn server(
        &self,
        report: &mut ServerReport,
        secret: &Secret,
        state: &State,
        outcome: Option<&Outcome>,
    ) {
        let path = shown(&secret.path);
        let user = Escaped::text(&report.user).to_string();
        if let Some(missing) = &state.missing {
            report.status = ServerStatus::Missing;
            report.detail = Some(missing.clone());
            return;
        }
        if let Some(Outcome {
            readable: Readable::No,
            kind,
            reason,
            help,
        }) = outcome
        {
            report.status = match kind {
                Some(DenialKind::Missing) => ServerStatus::Missing,
                Some(DenialKind::OwnMode) => ServerStatus::WrongMode,
                Some(DenialKind::Broken) => ServerStatus::Unusable,
                _ => ServerStatus::Unreadable,
            };
            let reason = reason.as_deref().unwrap_or_default();
            report.detail = Some(match kind {
                Some(DenialKind::Missing) => reason.to_owned(),
                Some(DenialKind::Broken) => format!("{path} cannot be read: {reason}"),
                _ => format!("{path} is there, but {user} cannot read it: {reason}"),
            });
            report.help.clone_from(help);
            return;
        }
        if let Some((status, reason)) = &state.problem {
            report.status = *status;
            report.detail = Some(format!("{path} {reason}"));
            report.help = Some(fix::edit(secret));
            return;
        }
        if let Some(unknown) = &state.unknown {
            report.status = ServerStatus::Unknown;
            report.detail = Some(format!("{path} was not looked at: {unknown}"));
            return;
        }
        match outcome.map(|outcome| outcome.readable) {
            Some(Readable::Yes) => {
                let facts = state.facts.as_deref().unwrap_or("there");
                report.detail = Some(format!("{path} · {facts}"));
            }
            _ => {
                report.status = ServerStatus::Unknown;
                let reason = outcome.and_then(|outcome| outcome.reason.clone());
                report.detail = reason.or_else(|| Some(format!("{path} was not tried as {user}")));
            }
        }
    }
}

fn disabled(context: &mut JudgeContext<'_>, report: &ServerReport) {
    let Some(path) = &report.path else {
        return;
    };
    let name = Escaped::text(&report.name);
    let detail = report.detail.as_deref().unwrap_or_default();
    let user = Escaped::text(&report.user);
    let message = format!("MCP server {name} of {user} does not start: {detail}");
    let details = Details {
        secret: report.secret.as_deref(),
        user: Some(&report.user),
        severity: Some(Severity::Warning),
        help: report.help.clone(),
    };
    context.add(Check::ServerDisabled, path, message, details);
}
