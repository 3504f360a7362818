//! For people: every finding with its source, and a summary that says what was looked at.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic as Text, Label as Underlined, Severity as Level};
use codespan_reporting::term::{self, Config};
use inventory::FileId;
use mcp_lint_lints::{Diagnostic, Severity};

use super::style::{BAD, CAUTION, FAINT, GOOD, STRONG, styled};
use super::{Look, Styled, Width, duration, gap_list, gap_text, link};
use crate::display::{Redaction, View, escape, escape_lines};
use crate::report::{Counts, FIXABLE, Fixability, Names, Report, near};
use crate::report_summary::Gap;

/// Writes what was not inspected, the findings, file by file, then the summary. If `quiet`, no summary, and
/// what was not inspected only if the run fails because of it.
pub(crate) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::for_people(&report.summary.root);
    let shown = Shown {
        report,
        names,
        redaction: &report.summary.redaction,
        several_hosts: report.summary.hosts.len() > 1,
        look,
    };
    if !look.quiet || report.gaps_fail() {
        gaps(&shown, out)?;
    }
    let several_files = report
        .diagnostics
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.file != b.file));
    for of_file in report.diagnostics.chunk_by(|a, b| a.file == b.file) {
        if several_files {
            heading(&shown, of_file, out)?;
        }
        for diagnostic in of_file {
            finding(&shown, diagnostic, out)?;
        }
    }
    if look.quiet {
        Ok(())
    } else {
        writeln!(out, "{}", look.width.line(&summary(report)))
    }
}

/// What every finding is shown with.
struct Shown<'a> {
    report: &'a Report,
    names: Names,
    redaction: &'a Redaction,
    several_hosts: bool,
    look: Look,
}

/// What was not inspected, a line for each cause.
fn gaps(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = shown.report;
    let style = match gap_text::severity(report) {
        Severity::Error => BAD,
        _ => CAUTION,
    };
    for gap in &report.summary.gaps {
        let text = gap_list::text(gap, style, &report.sources, &shown.names);
        writeln!(out, "{}", shown.look.width.line(&text))?;
    }
    if let Some(help) = Gap::help(&report.summary.gaps) {
        let help = styled(FAINT, &escape(&help));
        writeln!(out, "{}", shown.look.width.line(&format!("  {help}")))?;
    }
    if let Some(meaning) = gap_list::meaning(&report.summary.gaps) {
        let meaning = styled(FAINT, &meaning);
        writeln!(out, "{}", shown.look.width.line(&format!("  {meaning}")))?;
    }
    if !report.summary.gaps.is_empty() && !report.diagnostics.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// The file of the findings that follow, and how many they are.
fn heading(shown: &Shown<'_>, found: &[Diagnostic], out: &mut dyn Write) -> io::Result<()> {
    let at = found.first().and_then(|found| found.primary.as_ref());
    let source = at.and_then(|label| shown.report.sources.get(label.at.file));
    let name = source.map_or_else(
        || "the project".to_owned(),
        |source| escape(&shown.names.of(source.path())),
    );
    let of = |severity| {
        found
            .iter()
            .filter(|found| found.severity == severity)
            .count()
    };
    let numbers = [
        (of(Severity::Error), "error"),
        (of(Severity::Warning), "warning"),
        (of(Severity::Info), "note"),
    ];
    let numbers: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(*number, noun))
        .collect();
    writeln!(
        out,
        "{} {}\n",
        styled(STRONG, &name),
        styled(FAINT, &format!("· {}", numbers.join(", ")))
    )
}

fn finding(shown: &Shown<'_>, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let labels = || diagnostic.primary.iter().chain(&diagnostic.secondary);
    let places: Vec<_> = labels().map(|label| label.at).collect();
    let view = View::new(&shown.report.sources, shown.redaction, &places, |source| {
        escape(&shown.names.of(source.path()))
    });
    let mut underlined: Vec<Underlined<FileId>> = Vec::new();
    for (index, label) in labels().enumerate() {
        let Some(range) = view.range(label.at) else {
            continue;
        };
        let new = if index == 0 && diagnostic.primary.is_some() {
            Underlined::primary
        } else {
            Underlined::secondary
        };
        underlined.push(new(label.at.file, range).with_message(escape(&label.text)));
    }
    let code = if shown.look.links {
        link::linked(&link::page(diagnostic.lint), diagnostic.lint.name)
    } else {
        diagnostic.lint.name.to_owned()
    };
    let text = Text::new(level(diagnostic.severity))
        .with_code(code)
        .with_message(message(diagnostic))
        .with_labels(underlined)
        .with_notes(notes(diagnostic, shown));
    term::emit_to_write_style(&mut Styled(out), &Config::default(), &view, &text)
        .map_err(io::Error::other)
}

/// What is wrong; marked if `--fix` mends it.
fn message(diagnostic: &Diagnostic) -> String {
    let message = escape(&diagnostic.message);
    match Fixability::of(diagnostic) {
        Some(Fixability::Safe) => format!("{FIXABLE} {message}"),
        Some(Fixability::Unsafe) | None => message,
    }
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    }
}

/// The run-time consequence, the change to make, and the hosts where there are several.
fn notes(diagnostic: &Diagnostic, shown: &Shown<'_>) -> Vec<String> {
    const SHOWN: usize = 6;
    let width = shown.look.width;
    let wrap = |text: &str| width.less(gutter(width)).wrap(text, "", "");
    let mut notes: Vec<String> = diagnostic
        .note
        .iter()
        .map(|note| wrap(&escape(note)))
        .collect();
    if let Some(help) = &diagnostic.help {
        let text = wrap(&format!("help: {}", escape(&help.text)));
        let code = help.code.as_deref().map(escape_lines).unwrap_or_default();
        notes.push(
            match (help.text.is_empty(), code.is_empty(), code.contains('\n')) {
                (_, true, _) => text,
                (true, false, false) => format!("help: {code}"),
                (_, false, _) => {
                    format!("{}\n    {}", text.trim_end(), code.replace('\n', "\n    "))
                }
            },
        );
    }
    if shown.several_hosts && !diagnostic.hosts.is_empty() {
        let mut hosts: Vec<String> = diagnostic
            .hosts
            .iter()
            .take(SHOWN)
            .map(|host| escape(host))
            .collect();
        if diagnostic.hosts.len() > SHOWN {
            hosts.push(format!("and {} more", diagnostic.hosts.len() - SHOWN));
        }
        notes.push(wrap(&format!("on {}", hosts.join(", "))));
    }
    notes
}

/// The columns before a note: the widest number of a line that is likely, and the sign. Where nobody sees the width,
/// fewer are kept free.
const fn gutter(width: Width) -> usize {
    if width.is_tight { 8 } else { 4 }
}

fn summary(report: &Report) -> String {
    let counts = report.counts();
    let mut text = findings(counts, report.is_complete());
    if !report.part.is_empty() {
        text += &format!(" in {}", part(report));
    }
    text += &format!(" · {}", seen(counts, report));
    let (ran, all) = report.lints;
    if ran < all {
        // Who selects some may not know that others would find something.
        text += &format!(
            " · {}",
            styled(CAUTION, &format!("{ran} of {all} lints ran"))
        );
    }
    let mut aside = |what: String| text += &styled(FAINT, &format!(" · {what}"));
    for (number, what) in [
        (report.ignored, "ignored by a comment"),
        (report.switched_off, "switched off in the configuration"),
        (report.baselined, "in the baseline"),
        (report.elsewhere, "in other files"),
    ] {
        if number > 0 {
            aside(format!("{number} {what}"));
        }
    }
    if !report.stale.is_empty() {
        let stale = count(report.stale.len(), "finding");
        aside(format!(
            "{stale} of the baseline no longer found: write it again"
        ));
    }
    if report.hidden > 0 {
        aside(format!("{} more with --pedantic", report.hidden));
    }
    if let Some(fixable) = report.fixable() {
        aside(fixable);
    }
    let worst = { report.diagnostics.iter() }
        .map(|found| found.severity)
        .max();
    let mut found = report.diagnostics.iter();
    if let Some(found) = found.find(|found| Some(found.severity) == worst) {
        aside(format!("mcp-lint explain {}", found.lint.name));
    }
    text
}

/// What was named of the project, and the flake that it belongs to.
fn part(report: &Report) -> String {
    const SHOWN: usize = 3;
    let names = report.part.iter().take(SHOWN).map(|path| near(path));
    let mut names: Vec<String> = names.map(|name| escape(&name)).collect();
    if report.part.len() > SHOWN {
        names.push(format!("{} more", report.part.len() - SHOWN));
    }
    let flake = report.summary.root.join("flake.nix");
    format!("{} (of {})", names.join(", "), escape(&near(&flake)))
}

fn findings(counts: Counts, is_complete: bool) -> String {
    let parts: Vec<String> = [
        (counts.errors, "error", BAD),
        (counts.warnings, "warning", CAUTION),
        (counts.infos, "note", GOOD),
    ]
    .into_iter()
    .filter(|(number, _, _)| *number > 0)
    .map(|(number, noun, style)| styled(style.bold(), &count(number, noun)))
    .collect();
    if parts.is_empty() {
        let text = if is_complete {
            "no findings"
        } else {
            "no findings in what was seen"
        };
        return styled(STRONG, text);
    }
    let parts = parts.join(", ");
    // How many have findings; how many were inspected follows, so that neither is taken for the other.
    let hosts = (counts.hosts_with_findings, "host");
    let modules = (counts.modules_with_findings, "module");
    let of: Vec<String> = { [hosts, modules].into_iter() }
        .filter(|(found, _)| *found > 0)
        .map(|(found, noun)| count(found, noun))
        .collect();
    // Of the project, not of a host.
    if of.is_empty() {
        return parts;
    }
    format!("{parts} on {}", of.join(" and "))
}

fn seen(counts: Counts, report: &Report) -> String {
    let undecided = match counts.readers_not_determined {
        0 => String::new(),
        number => format!(" ({number} not determined)"),
    };
    // Findings on all there is have said so.
    let is_said = counts.configurations.defined == Some(0)
        && counts.hosts == 0
        && counts.modules > 0
        && counts.modules_with_findings == counts.modules;
    let inspected = if is_said {
        String::new()
    } else {
        format!("{}, ", inspected(counts))
    };
    format!(
        "{inspected}{}, {}{undecided}, {} in {}",
        count(counts.secrets, "secret"),
        count(counts.readers, "reader"),
        count(counts.files, "file"),
        duration(report.took),
    )
}

/// How many of the configurations were seen, and how many modules that none of them loads.
fn inspected(counts: Counts) -> String {
    let configurations = counts.configurations;
    let modules = match counts.modules {
        0 => None,
        1 => Some("1 module on its own".to_owned()),
        number => Some(format!("{number} modules on their own")),
    };
    let of = match configurations.defined {
        Some(0) => "no configuration".to_owned(),
        Some(defined) => format!(
            "{} of {}",
            configurations.evaluated,
            count(defined, "configuration")
        ),
        None => format!("{} of ? configurations", configurations.evaluated),
    };
    [Some(of), modules]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
