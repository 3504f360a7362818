//! Who reads one secret, drawn: its file, where it lands, and its readers.

use inventory::{Answer, FileState, Readable, Reader, SecretKind, Who};
use maud::{Markup, html};

use super::super::exposure_text;
use super::super::place::place;
use super::Page;
use crate::display::escape_path;
use crate::secret_rows::SecretRow;

/// What a box is drawn as.
#[derive(Clone, Copy)]
struct Verdict {
    class: &'static str,
    sign: &'static str,
}

const YES: Verdict = Verdict {
    class: "yes",
    sign: "✓",
};
const NO: Verdict = Verdict {
    class: "no",
    sign: "✗",
};
const UNKNOWN: Verdict = Verdict {
    class: "unknown",
    sign: "?",
};

const fn of_reader(reader: &Reader) -> Verdict {
    match reader.verdict.readable {
        Readable::Yes => YES,
        Readable::No => NO,
        Readable::Unknown => UNKNOWN,
    }
}

impl Page<'_> {
    /// The drawing of one secret, and below it who else can read it and what would decide what is not known.
    pub(super) fn drawing(&self, row: &SecretRow<'_>) -> Markup {
        let secret = row.secret;
        let at = { secret.declared_at.first() }
            .and_then(|at| place(&self.report.sources, &self.names, *at));
        let file = match row.file.map(|file| file.state) {
            Some(FileState::Encrypted | FileState::OtherEncrypted) => YES,
            None | Some(FileState::Unreadable | FileState::MetadataOnly) => UNKNOWN,
            Some(_) => NO,
        };
        html! {
            div.drawing {
                div.step {
                    div class={ "box " (file.class) } {
                        b { (self.file(row)) }
                        @if let Some(file) = row.file { small { (file.state.name()) } }
                    }
                }
                div.step {
                    div.box {
                        b { (self.path(row)) }
                        small { (self.belongs(row)) }
                        @if let Some(at) = at { small { "declared at " (escape_path(&at.file)) ":" (at.line) } }
                    }
                }
                div.step {
                    @for reader in &row.readers { (self.reader(reader)) "\n" }
                    @for template in &secret.exposure.templates {
                        @if let Some(template) = row.host.secrets.get(*template) {
                            div.box { b { "template " (self.text(&template.attribute)) } }
                        }
                    }
                    @if row.readers.is_empty() && secret.exposure.templates.is_empty() {
                        div.box.unknown { b { (nobody(row)) } }
                    }
                }
            }
            (self.others(row))
            "\n"
        }
    }

    fn reader(&self, reader: &Reader) -> Markup {
        let verdict = of_reader(reader);
        let at = reader
            .at
            .and_then(|at| place(&self.report.sources, &self.names, at));
        html! {
            div class={ "box " (verdict.class) } {
                b {
                    (verdict.sign) " "
                    @match reader.user.known() {
                        Some(user) => (self.text(&user.to_string())),
                        None => "not known who",
                    }
                }
                small { (self.text(&reader.via.to_string())) }
                small { (self.text(&reader.verdict.reason)) }
                @if let Some(at) = at { small { (escape_path(&at.file)) ":" (at.line) } }
            }
        }
    }

    fn others(&self, row: &SecretRow<'_>) -> Markup {
        let exposure = &row.secret.exposure;
        let place = exposure_text::place_of(&self.report.sources, &self.names);
        let others = exposure_text::others(&exposure.others, &place).join(" · ");
        html! {
            @if !others.is_empty() { p.others { "Can also read: " (self.known.cover(&others)) } }
            @for why in &exposure.others_unknown {
                p.others { "? who else: " (self.prose(&why.reason.to_string())) }
            }
        }
    }

    /// Where a secret lands.
    pub(super) fn path(&self, row: &SecretRow<'_>) -> String {
        match &row.secret.path.value {
            Ok(path) => self.text(path),
            Err(why) => self.text(&format!("? {}", why.reason)),
        }
    }

    /// The file of the repository that holds it.
    pub(super) fn file(&self, row: &SecretRow<'_>) -> String {
        match (&row.secret.file.value, row.secret.kind) {
            (Ok(Some(file)), _) => self.text(&file.display),
            (Ok(None), SecretKind::Template) => "made of secrets".to_owned(),
            (Ok(None), SecretKind::Secret) => "no file".to_owned(),
            (Err(why), _) => self.text(&format!("? {}", why.reason)),
        }
    }

    /// `alice:users`
    pub(super) fn owner(&self, row: &SecretRow<'_>) -> String {
        let secret = row.secret;
        let name = |fact: &inventory::Fact<inventory::Principal>| {
            fact.known()
                .map_or_else(|| "?".to_owned(), |name| self.text(&name.to_string()))
        };
        let (owner, group) = (name(&secret.effective_owner), name(&secret.effective_group));
        format!("{owner}:{group}")
    }

    fn belongs(&self, row: &SecretRow<'_>) -> String {
        format!("{} {}", self.owner(row), mode(row))
    }
}

/// `0400`
pub(super) fn mode(row: &SecretRow<'_>) -> String {
    let mode = row.secret.effective_mode.known();
    mode.map_or_else(|| "?".to_owned(), |mode| format!("{mode:04o}"))
}

/// What no reader means.
pub(super) const fn nobody(row: &SecretRow<'_>) -> &'static str {
    match row.secret.exposure.answer {
        Answer::Nobody => "nobody reads it",
        _ => "not found",
    }
}

/// Readers as short as a table takes them: `✓ alice`.
pub(super) fn readers(page: &Page<'_>, row: &SecretRow<'_>) -> Vec<(&'static str, String)> {
    let mut shown: Vec<(&'static str, String)> = Vec::new();
    for reader in &row.readers {
        let verdict = of_reader(reader);
        let who = match reader.user.known() {
            Some(user) => page.text(&user.to_string()),
            None => page.text(&reader.via.to_string()),
        };
        let entry = (verdict.class, format!("{} {who}", verdict.sign));
        if !shown.contains(&entry) {
            shown.push(entry);
        }
    }
    for template in &row.secret.exposure.templates {
        if let Some(template) = row.host.secrets.get(*template) {
            shown.push(("", format!("template {}", page.text(&template.attribute))));
        }
    }
    if shown.is_empty() {
        shown.push(("unknown", nobody(row).to_owned()));
    }
    shown
}

/// How many can read it beside its readers; root is not counted.
pub(super) fn others(row: &SecretRow<'_>) -> String {
    let exposure = &row.secret.exposure;
    if exposure
        .others
        .iter()
        .any(|other| other.who == Who::Everybody)
    {
        return "everybody".to_owned();
    }
    let number = { exposure.others.iter() }
        .filter(|other| other.who != Who::Root)
        .count();
    // Root always can: where even that is not there, nobody has looked.
    let is_known = exposure.others_unknown.is_empty() && !exposure.others.is_empty();
    match (number, is_known) {
        (0, true) => "nobody".to_owned(),
        (0, false) => "?".to_owned(),
        (number, true) => number.to_string(),
        (number, false) => format!("{number} or more"),
    }
}
