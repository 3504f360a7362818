//! The hosts, closed: their servers, and what may be missing of them.

use inventory::Host;
use maud::{Markup, html};

use super::super::place::place;
use super::Page;
use super::words::count;
use crate::display::escape_path;

impl Page<'_> {
    pub(super) fn hosts(&self) -> Markup {
        html! {
            section id="hosts" {
                h2 { "Hosts" }
                @for host in self.report.inventory.iter().flat_map(|inventory| &inventory.hosts) {
                    (self.host(host))
                }
            }
            "\n"
        }
    }

    fn host(&self, host: &Host) -> Markup {
        let at = host
            .at
            .and_then(|at| place(&self.report.sources, &self.names, at));
        html! {
            details.host {
                summary {
                    (self.text(&host.attribute)) " "
                    span.where { (count(host.secrets.len(), "secret")) ", " (count(host.readers.len(), "reader")) }
                }
                @if let Some(at) = at { p.where { (escape_path(&at.file)) ":" (at.line) } }
                (self.servers(host))
                @if host.open.is_empty() { p.aside { "Nothing of it is open." } }
                @else {
                    p { "There may be more than is shown:" }
                    ul {
                        @for why in &host.open {
                            @let at = why.at.and_then(|at| place(&self.report.sources, &self.names, at));
                            li {
                                (self.prose(&why.reason.to_string()))
                                @if let Some(at) = at { " (" (escape_path(&at.file)) ":" (at.line) ")" }
                            }
                            "\n"
                        }
                    }
                }
            }
            "\n"
        }
    }
}
