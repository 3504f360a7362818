//! The table of all secrets; the page's script searches and sorts it, and shows the drawing of one of them.

use maud::{Markup, html};

use super::{Page, drawing};
use crate::secret_rows::{SecretRow, Standing};

/// The most secrets with something wrong that are drawn above the table; the table has all.
const MOST_DRAWN: usize = 20;

const TITLES: [&str; 8] = [
    "state", "secret", "host", "owner", "mode", "read by", "also can", "file",
];

impl Page<'_> {
    /// The secrets with something wrong, each with its drawing.
    pub(super) fn wrong(&self) -> Markup {
        let wrong = || { self.rows.iter() }.filter(|row| row.standing() == Standing::Wrong);
        let more = wrong().count().saturating_sub(MOST_DRAWN);
        html! {
            @if wrong().next().is_some() {
                section id="wrong" {
                    h2 { "Secrets with something wrong" }
                    @for row in wrong().take(MOST_DRAWN) {
                        details.wrong {
                            summary {
                                "✗ " b { (self.text(&row.secret.attribute)) } " "
                                span.where { (self.text(&row.host.name)) }
                                @for found in row.told_by_check() { " " (self.prose(&found.message)) }
                            }
                            (self.drawing(row))
                        }
                        "\n"
                    }
                    @if more > 0 { p.aside { (more) " more are in the table below." } }
                }
                "\n"
            }
        }
    }

    pub(super) fn secrets(&self) -> Markup {
        html! {
            section id="secrets" {
                h2 { "All secrets" }
                @if self.rows.is_empty() { p.aside { "There are none." } }
                @else {
                    (controls())
                    (self.table())
                }
            }
            "\n"
        }
    }

    fn table(&self) -> Markup {
        html! {
            table {
                thead { tr { @for title in TITLES { th scope="col" { (title) } } } }
                tbody { "\n" @for row in &self.rows { (self.row(row)) } }
            }
        }
    }

    fn row(&self, row: &SecretRow<'_>) -> Markup {
        let standing = row.standing();
        let sign = match standing {
            Standing::Wrong => "✗",
            Standing::Undecided => "?",
            Standing::Fine => "✓",
        };
        html! {
            tr class=(standing.name()) data-unread[row.is_unread()] {
                td data-label="state" title=(standing.name()) { (sign) }
                td.name data-label="secret" {
                    button type="button" aria-expanded="false" { (self.text(&row.secret.attribute)) }
                    small { (self.path(row)) }
                    template { (self.drawing(row)) }
                }
                td data-label="host" { (self.text(&row.host.name)) }
                td data-label="owner" { (self.owner(row)) }
                td data-label="mode" { (drawing::mode(row)) }
                td data-label="read by" {
                    @for (class, reader) in drawing::readers(self, row) {
                        span class={ "reader " (class) } { (reader) } " "
                    }
                }
                td data-label="also can" { (drawing::others(row)) }
                td data-label="file" {
                    (self.file(row))
                    @if let Some(file) = row.file { " " small { (file.state.name()) } }
                }
            }
            "\n"
        }
    }
}

/// The search; without the script there is none.
fn controls() -> Markup {
    html! {
        form id="controls" hidden {
            label { "Search " input type="search" id="search" placeholder="secret, host, user, file" autocomplete="off"; }
            label {
                "Show "
                select id="show" {
                    option value="" { "all" }
                    option value="wrong" { "wrong" }
                    option value="undecided" { "not decided" }
                    option value="unread" { "nobody reads it, or not found" }
                }
            }
            output id="count" for="search show" {}
            p.aside {
                "Click a secret to see who reads it. Keys: " kbd { "/" } " search, "
                kbd { "↑" } " " kbd { "↓" } " next, " kbd { "Enter" } " open, " kbd { "Esc" } " close."
            }
        }
        noscript { p.aside { "Search, sorting and drawings need the script of this page, which does not run here." } }
    }
}
