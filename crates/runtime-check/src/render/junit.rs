//! For CI: JUnit XML, one test case for each secret, server and other file that was looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};
use std::path::Path;

use crate::escape::Escaped;
use crate::finding::Finding;
use crate::report::{Report, ServerReport, ServerStatus};

/// What one test case says.
#[derive(Default)]
struct Case {
    failures: Vec<(String, String)>,
    remarks: Vec<String>,
}

/// The report as JUnit XML.
///
/// A finding that counts is a failure, another one is told in `system-out`; what could not be
/// checked is an error.
#[must_use]
pub fn junit(report: &Report) -> String {
    let cases = cases(report);
    let failures = cases
        .values()
        .filter(|case| !case.failures.is_empty())
        .count();
    let errors = report.not_checked.len();
    let tests = cases.len() + errors;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    let _ = writeln!(xml, "<testsuites name=\"mcp-lint runtime\" {counts}>");
    let suite = report.host.as_deref().unwrap_or("this machine");
    let _ = writeln!(xml, "  <testsuite name=\"{}\" {counts}>", attribute(suite));
    for ((class, name), case) in &cases {
        write_case(&mut xml, class, name, case);
    }
    for missed in &report.not_checked {
        let (what, why) = (attribute(&missed.what), attribute(&missed.why));
        let _ = writeln!(
            xml,
            "    <testcase classname=\"not-checked\" name=\"{what}\">"
        );
        let _ = writeln!(xml, "      <error message=\"{why}\"/>");
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn cases(report: &Report) -> BTreeMap<(&'static str, String), Case> {
    let mut cases: BTreeMap<(&'static str, String), Case> = BTreeMap::new();
    let secrets: BTreeSet<&Path> = report
        .secrets
        .iter()
        .map(|secret| secret.path.as_path())
        .collect();
    for path in &secrets {
        cases
            .entry(("secrets", Escaped::path(path).to_string()))
            .or_default();
    }
    for server in &report.servers {
        let case = cases.entry(("servers", server_name(server))).or_default();
        if !matches!(
            server.status,
            ServerStatus::Available | ServerStatus::Unknown
        ) {
            let detail = server.detail.clone().unwrap_or_default();
            case.failures
                .push((server.status.name().to_owned(), detail));
        }
    }
    for finding in &report.findings {
        // Servers have their own cases.
        if finding.check == crate::checks::Check::ServerDisabled {
            continue;
        }
        let is_secret = secrets.contains(finding.path.as_path());
        let class = if is_secret { "secrets" } else { "machine" };
        let case = cases
            .entry((class, Escaped::path(&finding.path).to_string()))
            .or_default();
        if finding.severity >= report.fail_on {
            case.failures
                .push((finding.check.name().to_owned(), text(finding)));
        } else {
            case.remarks
                .push(format!("{} [{}]", text(finding), finding.check.name()));
        }
    }
    cases
}

fn server_name(server: &ServerReport) -> String {
    format!(
        "{} of {}",
        Escaped::text(&server.name),
        Escaped::text(&server.user)
    )
}

fn text(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}; fix: {help}", finding.message),
        None => finding.message.clone(),
    }
}

fn write_case(xml: &mut String, class: &str, name: &str, case: &Case) {
    let name = attribute(name);
    if case.failures.is_empty() && case.remarks.is_empty() {
        let _ = writeln!(xml, "    <testcase classname=\"{class}\" name=\"{name}\"/>");
        return;
    }
    let _ = writeln!(xml, "    <testcase classname=\"{class}\" name=\"{name}\">");
    for (kind, message) in &case.failures {
        let (kind, message) = (attribute(kind), attribute(message));
        let _ = writeln!(
            xml,
            "      <failure type=\"{kind}\" message=\"{message}\"/>"
        );
    }
    if !case.remarks.is_empty() {
        let remarks: Vec<String> = case.remarks.iter().map(attribute).collect();
        let _ = writeln!(xml, "      <system-out>{}</system-out>", remarks.join("\n"));
    }
    xml.push_str("    </testcase>\n");
}

/// Text that is safe in an attribute or element. What is not allowed in XML is spelled out first.
fn attribute(text: impl Display) -> String {
    let text = text.to_string();
    let mut safe = String::with_capacity(text.len());
    for character in Escaped::text(&text).to_string().chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('?'),
            other => safe.push(other),
        }
    }
    safe
}
