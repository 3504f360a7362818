//! Who reads a secret, in a few words beside its declaration.

use gen_lsp_types::{CodeLens, Command, InlayHint, MarkupContent, MarkupKind, Range};
use inventory::{Answer, FileId, Readable};

use super::analyse::Snapshot;
use super::hover;
use super::index::{Name, Role};
use super::view::View;
use crate::display::escape;

/// More readers are counted, not named.
const MOST: usize = 3;

/// The declarations in a file, as they are now, with who reads each secret: `read by nginx ✓ · root`.
fn declarations(view: &View<'_>, snapshot: &Snapshot, file: FileId) -> Vec<(Range, Name, String)> {
    let mut found: Vec<(Range, Name, String)> = Vec::new();
    for name in snapshot.index.names() {
        let places = { snapshot.index.of(name) }
            .filter(|place| place.role == Role::Declaration && place.at.file == file);
        for place in places {
            if let Some((_, range)) = view.place(snapshot, place.at) {
                found.push((range, name.clone(), readers(snapshot, name)));
            }
        }
    }
    found.sort_by_key(|(range, ..)| (range.start.line, range.start.character));
    found
}

/// Who reads a secret on all hosts, the worst verdict of each, and who owns it.
fn readers(snapshot: &Snapshot, name: &Name) -> String {
    let mut users: Vec<(String, Readable)> = Vec::new();
    let mut owners: Vec<String> = Vec::new();
    let mut is_nobody = true;
    for (host, index) in snapshot.index.secrets(name) {
        let Some(host) = snapshot.inventory.hosts.get(*host) else {
            continue;
        };
        for reader in host.readers.iter().filter(|it| it.secret == Some(*index)) {
            let Some(user) = reader.user.known() else {
                is_nobody = false;
                continue;
            };
            let user = escape(&user.to_string());
            match users.iter_mut().find(|(known, _)| *known == user) {
                Some((_, verdict)) => *verdict = worse(*verdict, reader.verdict.readable),
                None => users.push((user, reader.verdict.readable)),
            }
        }
        if let Some(secret) = host.secrets.get(*index) {
            is_nobody &= matches!(secret.exposure.answer, Answer::Nobody);
            let owner = { secret.effective_owner.known() }
                .map_or_else(|| "?".to_owned(), |owner| escape(&owner.to_string()));
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
    }
    users.sort_by(|a, b| a.0.cmp(&b.0));
    let more = users.len().saturating_sub(MOST);
    let mut shown: Vec<String> = { users.iter().take(MOST) }
        .map(|(user, verdict)| format!("{user} {}", hover::sign(*verdict)))
        .collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    let read = match (shown.is_empty(), is_nobody) {
        (false, _) => format!("read by {}", shown.join(", ")),
        (true, true) => "read by nobody".to_owned(),
        (true, false) => "read by ?".to_owned(),
    };
    format!("{read} · {}", owners.join(", "))
}

/// The worse of two verdicts: one host on which it cannot be read is what matters.
const fn worse(a: Readable, b: Readable) -> Readable {
    match (a, b) {
        (Readable::No, _) | (_, Readable::No) => Readable::No,
        (Readable::Unknown, _) | (_, Readable::Unknown) => Readable::Unknown,
        (Readable::Yes, Readable::Yes) => Readable::Yes,
    }
}

/// Hints at the ends of the lines that declare secrets, within some lines.
pub(crate) fn hints(
    view: &View<'_>,
    snapshot: &Snapshot,
    file: FileId,
    wanted: Range,
) -> Vec<InlayHint> {
    let kind = view.client.markup();
    let declarations = declarations(view, snapshot, file).into_iter();
    let wanted = declarations
        .filter(|(at, ..)| (wanted.start.line..=wanted.end.line).contains(&at.start.line));
    let hints = wanted.filter_map(|(range, name, label)| {
        let value = hover::secret(snapshot, &name)?;
        Some(InlayHint {
            position: view.end_of_line(snapshot, file, range.end)?,
            label: label.into(),
            kind: None,
            text_edits: None,
            tooltip: Some(
                MarkupContent {
                    kind: kind.clone(),
                    value,
                }
                .into(),
            ),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
    });
    hints.collect()
}

/// The same above the lines, for editors without hints.
pub(crate) fn lenses(view: &View<'_>, snapshot: &Snapshot, file: FileId) -> Vec<CodeLens> {
    let declarations = declarations(view, snapshot, file).into_iter();
    let lenses = declarations.map(|(range, name, label)| CodeLens {
        range,
        command: Some(Command {
            title: format!("{}: {label}", escape(&name.attribute)),
            tooltip: None,
            // There is nothing to run.
            command: String::new(),
            arguments: None,
        }),
        data: None,
    });
    lenses.collect()
}

impl super::capabilities::Client {
    /// How texts for people are marked up.
    pub(crate) const fn markup(&self) -> MarkupKind {
        if self.markdown {
            MarkupKind::Markdown
        } else {
            MarkupKind::PlainText
        }
    }
}
