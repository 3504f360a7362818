//! SARIF 2.1.0, for code scanning.
//!
//! Every lint is a rule, whether it fired or not, so that the list is the same from run to run.
//! Columns count characters, as everywhere in mcp-lint. No snippet is written: the reader of a report
//! has the repository, and a secret's file must not be quoted.

use std::io::{self, Write};

use mcp_lint_lints::{Confidence, Diagnostic, Fix, LINTS, Label, Lint, Severity};
use serde_json::{Value, json};

use super::place::{Extent, extent};
use super::{document, finding_text, gap_text, link};
use crate::display::{escape, escape_lines};
use crate::report::{Names, Report};
use crate::report_summary::{Gap, Problem};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the log.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_repository(&report.summary.root);
    let rules: Vec<Value> = LINTS.iter().map(|lint| rule(lint)).collect();
    let results: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|found| result(report, &names, found))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mcp-lint",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "automationDetails": { "id": "mcp-lint/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(report, &names)],
            "results": results,
        }],
    });
    document::write(&log, out)
}

fn rule(lint: &Lint) -> Value {
    let severity = match lint.severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "2.0",
    };
    json!({
        "id": lint.name,
        "name": lint.name,
        "shortDescription": { "text": lint.summary },
        "fullDescription": { "text": format!("{}.", lint.summary) },
        "help": { "text": lint.page, "markdown": lint.page },
        "helpUri": link::page(lint),
        "defaultConfiguration": { "level": level(lint.severity) },
        "properties": {
            "tags": ["security", lint.group.name()],
            "precision": "high",
            "problem.severity": match lint.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
            "security-severity": severity,
        },
    })
}

fn result(report: &Report, names: &Names, found: &Diagnostic) -> Value {
    let index = LINTS.iter().position(|lint| *lint == found.lint);
    let at = |label: &Label| extent(&report.sources, names, label.at);
    let primary = match &found.primary {
        Some(label) => at(label).map(|at| location(&at, Some(&label.text))),
        None => finding_text::anchor(report, found)
            .and_then(|at| extent(&report.sources, names, at))
            .map(|at| location(&at, None)),
    };
    let mut primary = primary.unwrap_or_else(|| json!({}));
    if !found.subject.is_empty() {
        let subject = escape(&found.subject);
        set(
            &mut primary,
            "logicalLocations",
            json!([{ "fullyQualifiedName": subject }]),
        );
    }
    let related = found
        .secondary
        .iter()
        .filter_map(|label| Some((at(label)?, label)));
    let related: Vec<Value> = related
        .zip(1..)
        .map(|((at, label), id)| {
            let mut location = location(&at, Some(&label.text));
            set(&mut location, "id", json!(id));
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": found.lint.name,
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": without_links(&finding_text::story(found)) },
        "locations": [primary],
        "partialFingerprints": { "mcpLintIdentity/v1": finding_text::fingerprint(found) },
        "properties": {
            "hosts": found.hosts.iter().map(|host| escape(host)).collect::<Vec<_>>(),
            "confidence": found.confidence.name(),
        },
    });
    if !related.is_empty() {
        set(&mut result, "relatedLocations", Value::Array(related));
    }
    let fixes: Vec<Value> = found
        .fixes
        .iter()
        .filter_map(|change| fix(report, names, change))
        .collect();
    if !fixes.is_empty() {
        set(&mut result, "fixes", Value::Array(fixes));
    }
    if found.confidence != Confidence::High {
        let rank = match found.confidence {
            Confidence::Low => 20.0,
            _ => 60.0,
        };
        set(&mut result, "rank", json!(rank));
    }
    result
}

/// Adds a field to an object.
fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// SARIF reads `[text](target)` in a message as a link; none of ours has one.
fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

fn location(at: &Extent, message: Option<&str>) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&at.start.file),
            "region": region(at),
        },
    });
    if let Some(message) = message.filter(|message| !message.is_empty()) {
        let message = json!({ "text": without_links(&escape(message)) });
        set(&mut location, "message", message);
    }
    location
}

fn region(at: &Extent) -> Value {
    json!({
        "startLine": at.start.line,
        "startColumn": at.start.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    })
}

/// A file in the repository, or elsewhere.
fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        json!({ "uri": format!("file://{}", percent_encoded(file)) })
    } else {
        json!({ "uri": percent_encoded(file), "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as part of an address (RFC 3986): everything but unreserved characters and `/` encoded.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The edits, file by file.
fn fix(report: &Report, names: &Names, fix: &Fix) -> Option<Value> {
    let mut edits: Vec<(Extent, &str)> = Vec::new();
    for edit in &fix.edits {
        let at = extent(&report.sources, names, edit.span)?;
        edits.push((at, &edit.replacement));
    }
    edits.sort_by(|a, b| a.0.start.file.cmp(&b.0.start.file));
    let changes: Vec<Value> = edits
        .chunk_by(|a, b| a.0.start.file == b.0.start.file)
        .filter_map(|of_file| {
            let (at, _) = of_file.first()?;
            let replacements: Vec<Value> = of_file
                .iter()
                .map(|(at, text)| json!({ "deletedRegion": region(at), "insertedContent": { "text": text } }))
                .collect();
            Some(json!({ "artifactLocation": artifact(&at.start.file), "replacements": replacements }))
        })
        .collect();
    (!changes.is_empty()).then(|| {
        json!({
            "description": { "text": without_links(&escape_lines(&fix.title)) },
            "artifactChanges": changes,
        })
    })
}

/// How the run went: what could not be looked at stands here, so that no report of a broken run
/// looks clean.
fn invocation(report: &Report, names: &Names) -> Value {
    let of_crash = report.crashes.iter().map(|crash| {
        json!({
            "level": "error",
            "message": { "text": escape(&format!("the lint {} stopped: {}", crash.lint, crash.message)) },
        })
    });
    let of_problem = |problem: &Problem, level: &str| {
        let mut notification = json!({
            "level": level,
            "descriptor": { "id": problem.kind.name() },
            "message": { "text": without_links(&escape(&problem.message)) },
        });
        if let Some(at) = problem.at.and_then(|at| extent(&report.sources, names, at)) {
            set(&mut notification, "locations", json!([location(&at, None)]));
        }
        notification
    };
    let unread = report.unreadable().map(|problem| (problem, "error"));
    let unloaded = report.summary.unloaded_unread();
    let problems = unread.chain(unloaded.map(|problem| (problem, "note")));
    let problems = problems.map(|(problem, level)| of_problem(problem, level));
    let of_gap = |gap: &Gap| {
        let mut notification = json!({
            "level": level(gap_text::severity(report)),
            "descriptor": { "id": gap.kind.name() },
            "message": { "text": without_links(&gap_text::message(gap)) },
        });
        let at = gap_text::anchor(report, gap);
        if let Some(at) = at.and_then(|at| extent(&report.sources, names, at)) {
            set(&mut notification, "locations", json!([location(&at, None)]));
        }
        notification
    };
    let gaps = report.summary.gaps.iter().map(of_gap);
    let notifications: Vec<Value> = of_crash.chain(problems).chain(gaps).collect();
    json!({
        "executionSuccessful": report.is_complete(),
        "toolExecutionNotifications": notifications,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(
            percent_encoded("a b/é?#%\n.nix"),
            "a%20b/%C3%A9%3F%23%25%0A.nix"
        );
    }

    #[test]
    fn a_message_holds_no_link() {
        assert_eq!(without_links("[a](http://b)"), "[a] (http://b)");
    }
}
