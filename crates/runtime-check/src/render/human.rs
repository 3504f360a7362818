//! For people: the guide's two lists, then what else was found, then what was looked at.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::RenderOptions;
use crate::checks::Check;
use crate::escape::Escaped;
use crate::finding::{Finding, Severity};
use crate::report::{Readable, Report, ServerReport, ServerStatus};

/// The report as text. Every name in it is escaped.
#[must_use]
pub fn human(report: &Report, options: RenderOptions) -> String {
    let mut page = Page {
        text: String::new(),
        options,
    };
    page.servers(report);
    if options.verbose {
        page.secrets(report);
    }
    page.findings(report);
    for missed in &report.not_checked {
        page.line(
            Colour::Yellow,
            "?",
            &format!("not checked: {}: {}", missed.what, missed.why),
        );
    }
    if options.verbose {
        for note in &report.notes {
            page.line(Colour::None, "·", note);
        }
    }
    if !options.quiet {
        page.summary(report);
    }
    page.text
}

#[derive(Clone, Copy)]
enum Colour {
    None,
    Red,
    Green,
    Yellow,
}

struct Page {
    text: String,
    options: RenderOptions,
}

impl Page {
    fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::None => return text.to_owned(),
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
        };
        if self.options.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&mut self, colour: Colour, sign: &str, text: &str) {
        let sign = self.paint(colour, sign);
        self.text.push_str(&format!("{sign} {text}\n"));
    }

    fn servers(&mut self, report: &Report) {
        let users: BTreeSet<&str> = report.servers.iter().map(|s| s.user.as_str()).collect();
        for user in &users {
            let of_user = |server: &&ServerReport| server.user == **user;
            let servers: Vec<&ServerReport> = report.servers.iter().filter(of_user).collect();
            let whose = if users.len() > 1 {
                format!(" of {}", Escaped::text(user))
            } else {
                String::new()
            };
            // A server that needs several secrets is only there if all of them are.
            let is = |server: &ServerReport, wanted: fn(ServerStatus) -> bool| {
                let mut same = servers.iter().filter(|other| other.name == server.name);
                same.any(|other| wanted(other.status))
            };
            let off = |status| !matches!(status, ServerStatus::Available | ServerStatus::Unknown);
            let open = |status| status == ServerStatus::Unknown;
            let (mut available, mut disabled, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
            let mut broken = Vec::new();
            for server in &servers {
                if is(server, off) {
                    if server.status == ServerStatus::Broken {
                        broken.push(*server);
                    } else if off(server.status) {
                        disabled.push(*server);
                    }
                } else if is(server, open) {
                    if open(server.status) {
                        unknown.push(*server);
                    }
                } else {
                    available.push(*server);
                }
            }
            if !self.options.quiet {
                self.list(
                    Colour::Green,
                    "✓",
                    &format!("Available servers{whose}:"),
                    &available,
                );
            }
            self.list(
                Colour::Yellow,
                "⚠",
                &format!("Disabled servers{whose} (missing secrets):"),
                &disabled,
            );
            self.list(
                Colour::Red,
                "✗",
                &format!("Servers{whose} that do not get their secret:"),
                &broken,
            );
            self.list(
                Colour::None,
                "?",
                &format!("Servers{whose} that could not be determined:"),
                &unknown,
            );
        }
    }

    fn list(&mut self, colour: Colour, sign: &str, title: &str, servers: &[&ServerReport]) {
        if servers.is_empty() {
            return;
        }
        self.line(colour, sign, title);
        let name = |server: &ServerReport| Escaped::text(&server.name).to_string();
        let width = servers
            .iter()
            .map(|s| name(s).chars().count())
            .max()
            .unwrap_or(0);
        for server in servers {
            let line = match &server.detail {
                Some(detail) => format!("  • {:width$}  {detail}", name(server)),
                None => format!("  • {}", name(server)),
            };
            self.text.push_str(line.trim_end());
            self.text.push('\n');
            if let Some(help) = &server.help {
                let _ = writeln!(self.text, "    {:width$}  fix: {help}", "");
            }
        }
    }

    fn secrets(&mut self, report: &Report) {
        for secret in &report.secrets {
            let path = Escaped::path(&secret.path).to_string();
            let facts = match (&secret.owner, &secret.group, secret.mode, secret.length) {
                (Some(owner), Some(group), Some(mode), Some(length)) => {
                    let stored = secret.file_system.as_deref().unwrap_or("?");
                    format!("{owner}:{group} {mode:04o} · {length} bytes · {stored}")
                }
                _ => "not reached".to_owned(),
            };
            self.line(Colour::None, "·", &format!("{path} · {facts}"));
            for reader in &secret.readers {
                let (colour, sign) = match reader.readable {
                    Readable::Yes => (Colour::Green, "✓"),
                    Readable::No => (Colour::Red, "✗"),
                    Readable::Unknown => (Colour::None, "?"),
                };
                let sign = self.paint(colour, sign);
                let user = Escaped::text(&reader.user);
                let via = reader
                    .via
                    .as_deref()
                    .map(|via| format!(" · {}", Escaped::text(via)))
                    .unwrap_or_default();
                let reason = reader
                    .reason
                    .as_deref()
                    .map(|reason| format!(": {reason}"))
                    .unwrap_or_default();
                let _ = writeln!(self.text, "    {sign} {user}{via}{reason}");
            }
        }
    }

    fn findings(&mut self, report: &Report) {
        let told: BTreeSet<(&Path, &str)> = report
            .servers
            .iter()
            .filter(|server| server.status != ServerStatus::Available)
            .filter_map(|server| Some((server.path.as_deref()?, server.user.as_str())))
            .collect();
        let is_told = |finding: &Finding| match finding.check {
            Check::ServerDisabled => true,
            Check::SecretMissing | Check::NotInstalledYet | Check::DanglingLink => {
                told.iter().any(|(path, _)| *path == finding.path)
            }
            Check::NotReadable => finding
                .user
                .as_deref()
                .is_some_and(|user| told.contains(&(finding.path.as_path(), user))),
            _ => false,
        };
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings {
            let (colour, sign) = match finding.severity {
                Severity::Error => (Colour::Red, "✗"),
                Severity::Warning => (Colour::Yellow, "⚠"),
                Severity::Info if self.options.verbose => (Colour::None, "·"),
                Severity::Info => continue,
            };
            if is_told(finding) {
                continue;
            }
            let text = format!("{} [{}]", finding.message, finding.check.name());
            self.line(colour, sign, &text);
            if let Some(help) = &finding.help {
                let _ = writeln!(self.text, "  fix: {help}");
            }
        }
    }

    fn summary(&mut self, report: &Report) {
        let readers: usize = report
            .secrets
            .iter()
            .map(|secret| secret.readers.len())
            .sum();
        let servers: BTreeSet<_> = report.servers.iter().map(|s| (&s.user, &s.name)).collect();
        let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
            .into_iter()
            .filter_map(|severity| match report.count(severity) {
                0 => None,
                count => Some(plural(count, severity.name())),
            })
            .collect();
        let has_seen = !report.secrets.is_empty() || !report.servers.is_empty();
        let found = if counts.is_empty() && !has_seen && !report.not_checked.is_empty() {
            "nothing was checked".to_owned()
        } else if counts.is_empty() {
            "no findings".to_owned()
        } else {
            counts.join(", ")
        };
        let host = match &report.host {
            Some(host) => format!("{}: ", Escaped::text(host)),
            None => String::new(),
        };
        let missed = match report.not_checked.len() {
            0 => String::new(),
            count => format!(" · {count} not checked"),
        };
        let _ = writeln!(
            self.text,
            "{found}{missed} · {host}{}, {}, {}, checked as {}",
            plural(report.secrets.len(), "secret"),
            plural(readers, "reader"),
            plural(servers.len(), "MCP server"),
            Escaped::text(&report.checked_as),
        );
    }
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
