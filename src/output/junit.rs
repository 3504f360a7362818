//! JUnit XML: a test suite for each file, a failed test for each finding, a skipped one for what was not
//! inspected.

use std::io::{self, Write};

use mcp_lint_lints::{Diagnostic, Severity};
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::place::place;
use super::{finding_text, gap_text, xml};
use crate::display::{escape, escape_path};
use crate::report::{Names, Report};
use crate::report_summary::Problem;

/// One test case.
struct Case {
    file: String,
    name: String,
    outcome: Outcome,
}

/// How it ended.
enum Outcome {
    Passed,
    /// A finding that does not make the run fail: its text.
    Told(String),
    /// The kind, the message and the text.
    Failed(&'static str, String, String),
    /// What could not be inspected, so that the run fails.
    Broken(String),
    /// What was not inspected.
    Skipped(String),
}

/// Writes the document. A project without findings is one test that passed.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let cases = cases(report);
    let mut writer = xml::document(out)?;
    let [tests, failures, errors, _] = numbers(&cases);
    { writer.create_element("testsuites") }
        .with_attribute(("name", "mcp-lint"))
        .with_attributes([
            ("tests", tests.as_str()),
            ("failures", &failures),
            ("errors", &errors),
        ])
        .write_inner_content(|writer| {
            let suites = cases.chunk_by(|a, b| a.file == b.file);
            suites
                .into_iter()
                .try_for_each(|cases| write_suite(cases, writer))
        })?;
    xml::end(writer)
}

fn write_suite(cases: &[Case], writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    let file = cases.first().map_or("", |case| case.file.as_str());
    let [tests, failures, errors, skipped] = numbers(cases);
    { writer.create_element("testsuite") }
        .with_attributes([
            ("name", xml::text(file).as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
        ])
        .write_inner_content(|writer| cases.iter().try_for_each(|case| write_case(case, writer)))?;
    Ok(())
}

/// The cases, those of one file together.
fn cases(report: &Report) -> Vec<Case> {
    let names = Names::in_repository(&report.summary.root);
    let mut cases: Vec<Case> = report
        .diagnostics
        .iter()
        .map(|found| of_finding(report, &names, found))
        .collect();
    for crash in &report.crashes {
        cases.push(Case {
            file: ".".to_owned(),
            name: crash.lint.to_owned(),
            outcome: Outcome::Broken(escape(&crash.message)),
        });
    }
    for gap in &report.summary.gaps {
        let at = gap_text::anchor(report, gap).and_then(|at| place(&report.sources, &names, at));
        let file = at.map_or_else(|| ".".to_owned(), |at| at.file);
        let message = gap_text::message(gap);
        let subjects = gap
            .subjects
            .iter()
            .map(|subject| format!(" {}", escape(subject)));
        cases.push(Case {
            file: escape_path(&file),
            name: format!("{}{}", gap.kind.name(), subjects.collect::<String>()),
            outcome: if report.gaps_fail() {
                Outcome::Broken(message)
            } else {
                Outcome::Skipped(message)
            },
        });
    }
    if cases.is_empty() {
        let mut problems = report.unreadable();
        let said = |problem: &Problem| escape(&problem.message);
        cases.push(Case {
            file: ".".to_owned(),
            name: "every secret".to_owned(),
            outcome: problems
                .next()
                .map_or(Outcome::Passed, |problem| Outcome::Broken(said(problem))),
        });
    }
    cases.sort_by(|a, b| a.file.cmp(&b.file));
    cases
}

fn of_finding(report: &Report, names: &Names, found: &Diagnostic) -> Case {
    let at = finding_text::anchor(report, found).and_then(|at| place(&report.sources, names, at));
    let (file, position) = at.map_or((".".to_owned(), String::new()), |at| {
        (at.file, format!(" at {}:{}", at.line, at.column))
    });
    // A page of CI must not be red where the job is green.
    let fails = { report.fails_from }.is_some_and(|level| found.severity >= level);
    let (message, story) = (finding_text::message(found), finding_text::story(found));
    let outcome = match (fails, found.severity) {
        (true, severity) => Outcome::Failed(severity.name(), message, story),
        (false, Severity::Info) => Outcome::Passed,
        (false, severity) => Outcome::Told(format!("{}: {message}\n{story}", severity.name())),
    };
    Case {
        file: escape_path(&file),
        name: format!("{}{position}", found.lint.name),
        outcome,
    }
}

fn write_case(case: &Case, writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    let (element, kind, message, text) = match &case.outcome {
        Outcome::Passed => ("", None, "", ""),
        Outcome::Told(text) => ("system-out", None, "", text.as_str()),
        Outcome::Failed(kind, message, text) => {
            ("failure", Some(*kind), message.as_str(), text.as_str())
        }
        Outcome::Skipped(message) => ("skipped", None, message.as_str(), ""),
        Outcome::Broken(message) => ("error", Some("incomplete"), message.as_str(), ""),
    };
    let (file, name) = (xml::text(&case.file), xml::text(&case.name));
    let case = { writer.create_element("testcase") }
        .with_attributes([("classname", file.as_str()), ("name", &name)]);
    if element.is_empty() {
        case.write_empty()?;
        return Ok(());
    }
    case.write_inner_content(|writer| {
        let message = xml::text(message);
        { writer.create_element(element) }
            .with_attributes(kind.map(|kind| ("type", kind)))
            .with_attributes(Some(("message", message.as_str())).filter(|(_, it)| !it.is_empty()))
            .write_text_content(BytesText::new(&xml::text(text)))?;
        Ok(())
    })?;
    Ok(())
}

/// How many tests, failures, errors and skipped tests there are.
fn numbers(cases: &[Case]) -> [String; 4] {
    let count = |is: fn(&Outcome) -> bool| cases.iter().filter(|case| is(&case.outcome)).count();
    let numbers = [
        cases.len(),
        count(|outcome| matches!(outcome, Outcome::Failed(..))),
        count(|outcome| matches!(outcome, Outcome::Broken(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    ];
    numbers.map(|number| number.to_string())
}
