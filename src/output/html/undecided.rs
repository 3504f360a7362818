//! What is not decided: each reason once, with the secrets that it is about and what would decide it.

use std::collections::{BTreeMap, BTreeSet};

use inventory::{Need, Readable};
use maud::{Markup, html};

use super::super::exposure_text;
use super::Page;
use super::words::count;

/// The reasons, each with the secrets.
type Reasons<'a> = BTreeMap<(String, Option<&'a Need>), BTreeSet<&'a str>>;

impl Page<'_> {
    pub(super) fn undecided(&self) -> Markup {
        let mut reasons: Vec<_> = self.reasons().into_iter().collect();
        reasons.sort_by_key(|(_, secrets)| std::cmp::Reverse(secrets.len()));
        html! {
            section id="undecided" {
                h2 { "Not decided" }
                @if reasons.is_empty() { p.aside { "Nothing." } }
                @for ((reason, need), secrets) in &reasons {
                    details.reason {
                        summary {
                            (self.prose(reason)) " "
                            span.where {
                                @if let Some(Need::Reader { option }) = need { (self.text(option)) " · " }
                                (count(secrets.len(), "secret"))
                            }
                        }
                        p { (self.text(&exposure_text::shortened(secrets.iter().copied()))) }
                        @if let Some(paste) = need.and_then(Need::paste) {
                            p { "This decides it:" }
                            pre { code { (self.lines(&paste)) } }
                        }
                    }
                    "\n"
                }
            }
            "\n"
        }
    }

    fn reasons(&self) -> Reasons<'_> {
        let mut reasons = Reasons::new();
        for row in &self.rows {
            let secret = row.secret;
            let mut add = |reason: String, need| {
                let secrets = reasons.entry((reason, need)).or_default();
                secrets.insert(secret.attribute.as_str());
            };
            for reader in &row.readers {
                if reader.verdict.readable == Readable::Unknown {
                    add(reader.verdict.reason.clone(), row.needs(reader));
                }
            }
            let unknown = [
                secret.path.value.as_ref().err(),
                secret.effective_owner.value.as_ref().err(),
                secret.effective_mode.value.as_ref().err(),
                secret.file.value.as_ref().err(),
            ];
            for why in unknown.into_iter().flatten() {
                add(why.reason.to_string(), None);
            }
        }
        reasons
    }
}
