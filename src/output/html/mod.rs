//! One self-contained page: what is wrong, what is not decided, a table of all secrets, and who reads each of them.
//!
//! It loads nothing, and runs no script but its own: a content security policy in the page names the hashes of its
//! script and its style, so that even a defect of ours could not run what a repository brings. maud escapes every
//! text.

mod drawing;
mod excerpt;
mod findings;
mod hosts;
mod mcp;
mod secrets;
mod undecided;
mod words;

use std::io::{self, Write};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::gap_text;
use super::place::place;
use crate::display::{Known, escape_path};
use crate::report::{Names, Report};
use crate::secret_rows::{SecretRow, Standing, rows};
use words::count;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// What every part of the page is made from.
struct Page<'a> {
    report: &'a Report,
    names: Names,
    known: Known,
    /// Every secret of every host; those that are wrong first, then those that are not decided.
    rows: Vec<SecretRow<'a>>,
}

/// Writes the page.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut all: Vec<SecretRow<'_>> = { report.inventory.iter() }
        .flat_map(|inventory| {
            (0..inventory.hosts.len()).flat_map(|host| rows(inventory, &report.diagnostics, host))
        })
        .collect();
    all.sort_by_key(SecretRow::standing);
    let page = Page {
        report,
        names: Names::in_project(&report.summary.root),
        known: Known::new(&report.summary.redaction, &report.sources),
        rows: all,
    };
    writeln!(out, "{}", page.markup().into_string())
}

/// The sources of a content security policy for one text.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("'sha256-{}'", BASE64.encode(&digest))
}

impl Page<'_> {
    fn markup(&self) -> Markup {
        let folder = self.report.summary.root.file_name().unwrap_or_default();
        let title = self.text(&folder.to_string_lossy());
        let policy = format!(
            "default-src 'none'; base-uri 'none'; form-action 'none'; style-src {}; script-src {}",
            hash(STYLE),
            hash(SCRIPT)
        );
        let version = env!("CARGO_PKG_VERSION");
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="generator" content={ "mcp-lint " (version) };
                    title { (title) " · mcp-lint" }
                    style { (PreEscaped(STYLE)) }
                }
                "\n"
                body {
                    header {
                        h1 { (title) }
                        (self.summary())
                        nav {
                            a href="#findings" { "Findings" }
                            @if self.rows.iter().any(|row| row.standing() == Standing::Wrong) {
                                a href="#wrong" { "Secrets with something wrong" }
                            }
                            a href="#undecided" { "Not decided" }
                            a href="#secrets" { "All secrets" }
                            a href="#hosts" { "Hosts" }
                        }
                    }
                    "\n"
                    main {
                        (self.findings())
                        (self.wrong())
                        (self.undecided())
                        (self.secrets())
                        (self.hosts())
                    }
                    footer { "mcp-lint " (version) " · no value of a secret is on this page" }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn summary(&self) -> Markup {
        let counts = self.report.counts();
        let of = |standing| {
            { self.rows.iter() }
                .filter(|row| row.standing() == standing)
                .count()
        };
        let numbers = [
            ("error", counts.errors, "error"),
            ("warning", counts.warnings, "warning"),
            ("info", counts.infos, "note"),
            ("", counts.hosts, "host"),
            ("", counts.modules, "module"),
            ("", counts.secrets, "secret"),
            ("", counts.readers, "reader"),
            ("", counts.files, "file"),
        ];
        let (wrong, undecided) = (of(Standing::Wrong), of(Standing::Undecided));
        html! {
            ul.counts {
                @for (class, number, noun) in numbers {
                    li class={ (class) @if number == 0 { " none" } } { (count(number, noun)) } "\n"
                }
            }
            @if wrong + undecided > 0 {
                p.aside {
                    "Of the secrets, something is wrong with " b { (wrong) } "; of " b { (undecided) }
                    " more not everything is decided."
                }
            }
            @if self.report.hidden > 0 {
                p.aside { (self.report.hidden) " more findings with " code { "--pedantic" } "." }
            }
            @if !self.report.is_complete() { (self.gaps()) }
        }
    }

    /// What could not be inspected.
    fn gaps(&self) -> Markup {
        let report = self.report;
        let numbers = report.counts().configurations;
        let defined = numbers
            .defined
            .map_or_else(|| "?".to_owned(), |all| all.to_string());
        html! {
            p.incomplete {
                "Part of the project could not be inspected: this report is incomplete. "
                (numbers.evaluated) " of " (defined) " configurations were evaluated."
            }
            @if !report.summary.gaps.is_empty() {
                ul.gaps {
                    @for gap in &report.summary.gaps {
                        @let at = gap.at.and_then(|at| place(&report.sources, &self.names, at));
                        li {
                            (self.prose(&gap_text::message(gap)))
                            @if let Some(at) = at { " (" (escape_path(&at.file)) ":" (at.line) ")" }
                        }
                        "\n"
                    }
                }
            }
        }
    }
}
