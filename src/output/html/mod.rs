//! One self-contained page: summary, findings with their source, and who reads what as a drawing.
//!
//! No script, nothing from elsewhere: a content security policy in the page says so, so that even a
//! defect of ours could not run what a repository brings.

mod excerpt;
mod graph;

use std::io::{self, Write};

use mcp_lint_lints::{Diagnostic, Severity};

use super::place::place;
use super::xml::entities;
use super::{finding_text, gap_text, link};
use crate::display::{Redaction, escape, escape_path};
use crate::report::{Names, Report};

const STYLE: &str = include_str!("style.css");

/// Writes the page.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_project(&report.summary.root);
    let folder = report.summary.root.file_name().unwrap_or_default();
    let title = entities(&escape(&folder.to_string_lossy()));
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"mcp-lint {}\">\n\
         <title>{title} · mcp-lint</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
        env!("CARGO_PKG_VERSION")
    )?;
    writeln!(out, "<header>\n<h1>{title}</h1>")?;
    summary(report, &names, out)?;
    writeln!(out, "</header>\n<main>")?;
    findings(report, &names, out)?;
    graphs(report, out)?;
    writeln!(
        out,
        "</main>\n<footer>mcp-lint {} · no value of a secret is on this page</footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

fn summary(report: &Report, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    let counts = report.counts();
    writeln!(out, "<ul class=\"counts\">")?;
    for (class, number, noun) in [
        ("error", counts.errors, "error"),
        ("warning", counts.warnings, "warning"),
        ("info", counts.infos, "note"),
        ("", counts.hosts, "host"),
        ("", counts.modules, "module"),
        ("", counts.secrets, "secret"),
        ("", counts.readers, "reader"),
        ("", counts.files, "file"),
    ] {
        let none = if number == 0 { " none" } else { "" };
        let plural = if number == 1 { "" } else { "s" };
        writeln!(
            out,
            "<li class=\"{class}{none}\"><b>{number}</b> {noun}{plural}</li>"
        )?;
    }
    writeln!(out, "</ul>")?;
    if counts.readers_not_determined > 0 {
        writeln!(
            out,
            "<p class=\"aside\">Of {} readers it is not determined whether they can read.</p>",
            counts.readers_not_determined
        )?;
    }
    if report.hidden > 0 {
        let hidden = report.hidden;
        writeln!(
            out,
            "<p class=\"aside\">{hidden} more with <code>--pedantic</code>.</p>"
        )?;
    }
    if report.is_complete() {
        return Ok(());
    }
    let numbers = counts.configurations;
    let defined = numbers
        .defined
        .map_or_else(|| "?".to_owned(), |count| count.to_string());
    writeln!(
        out,
        "<p class=\"incomplete\">Part of the project could not be inspected: this report is incomplete. \
         {} of {defined} configurations were evaluated.</p>",
        numbers.evaluated
    )?;
    if report.summary.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "<ul class=\"gaps\">")?;
    for gap in &report.summary.gaps {
        let at = gap.at.and_then(|at| place(&report.sources, names, at));
        let at = at.map(|at| format!(" ({}:{})", escape_path(&at.file), at.line));
        let text = gap_text::message(gap) + &at.unwrap_or_default();
        writeln!(out, "<li>{}</li>", with_code(&text))?;
    }
    writeln!(out, "</ul>")
}

fn findings(report: &Report, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section id=\"findings\">\n<h2>Findings</h2>")?;
    if report.diagnostics.is_empty() {
        let text = if report.is_complete() {
            "<p class=\"good\">✓ No findings.</p>"
        } else {
            "<p>No findings in what was inspected.</p>"
        };
        writeln!(out, "{text}")?;
    }
    let redaction = &report.summary.redaction;
    for of_file in report.diagnostics.chunk_by(|a, b| a.file == b.file) {
        let file = of_file.first().and_then(|found| found.file.as_deref());
        let file = file.map_or_else(|| "the project".to_owned(), escape_path);
        writeln!(out, "<h3 class=\"file\">{}</h3>", entities(&file))?;
        for found in of_file {
            finding(report, names, redaction, found, out)?;
        }
    }
    writeln!(out, "</section>")
}

fn finding(
    report: &Report,
    names: &Names,
    redaction: &Redaction,
    found: &Diagnostic,
    out: &mut dyn Write,
) -> io::Result<()> {
    let severity = match found.severity {
        Severity::Info => "info",
        severity => severity.name(),
    };
    let (name, page) = (found.lint.name, link::page(found.lint));
    writeln!(
        out,
        "<article class=\"{severity}\" id=\"finding-{}\">\n<h4><span class=\"severity\">{severity}</span> \
         <a href=\"{}\">{name}</a></h4>\n<p class=\"message\">{}</p>",
        finding_text::fingerprint(found),
        entities(&page),
        with_code(&finding_text::message(found))
    )?;
    excerpt::write(report, names, redaction, found, out)?;
    if let Some(note) = &found.note {
        writeln!(out, "<p class=\"note\">{}</p>", with_code(&escape(note)))?;
    }
    if let Some(help) = &found.help {
        writeln!(out, "<div class=\"help\">")?;
        if !help.text.is_empty() {
            writeln!(out, "<p>{}</p>", with_code(&escape(&help.text)))?;
        }
        if let Some(code) = help.code.as_deref().filter(|code| !code.is_empty()) {
            let code = crate::display::escape_lines(code);
            writeln!(out, "<pre><code>{}</code></pre>", entities(&code))?;
        }
        writeln!(out, "</div>")?;
    }
    if report.summary.hosts.len() > 1 && !found.hosts.is_empty() {
        let hosts: Vec<String> = found
            .hosts
            .iter()
            .map(|host| entities(&escape(host)))
            .collect();
        writeln!(out, "<p class=\"hosts\">on {}</p>", hosts.join(", "))?;
    }
    writeln!(out, "</article>")
}

/// Inert text with its `code` shown as such.
fn with_code(text: &str) -> String {
    let mut shown = String::new();
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        // A backtick without a partner is only a backtick.
        match (is_code, parts.peek().is_some()) {
            (true, true) => shown.push_str(&format!("<code>{}</code>", entities(part))),
            (true, false) => shown.push_str(&format!("`{}", entities(part))),
            (false, _) => shown.push_str(&entities(part)),
        }
        is_code = !is_code;
    }
    shown
}

fn graphs(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"graph\">\n<h2>Who reads what</h2>\n<ul class=\"legend\">\
         <li class=\"yes\">✓ encrypted, or can read it</li><li class=\"no\">✗ in clear or missing, or cannot read it</li>\
         <li class=\"unknown\">? not determined</li></ul>"
    )?;
    if let Some(inventory) = &report.inventory {
        for host in &inventory.hosts {
            graph::write(inventory, host, out)?;
        }
    }
    writeln!(out, "</section>")
}

#[cfg(test)]
mod tests {
    use super::with_code;

    #[test]
    fn code_is_marked_and_markup_is_not() {
        assert_eq!(
            with_code("`a<b>` and `c` and `d"),
            "<code>a&lt;b&gt;</code> and <code>c</code> and `d"
        );
    }
}
