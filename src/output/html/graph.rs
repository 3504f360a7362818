//! The drawing: files on the left, the secrets in them, and who reads each secret.

use std::collections::BTreeMap;
use std::io::{self, Write};

use inventory::{FileState, Host, Inventory, McpStatus, Readable, Reader, Secret, Unknown, Who};

use super::super::exposure_text;
use super::super::xml::entities;
use crate::display::escape;

/// Pixels between two rows, and the height of a box.
const ROW: usize = 38;
const BOX: usize = 28;
/// Where the columns start, and how wide their boxes are.
const COLUMNS: [(usize, usize); 3] = [(0, 250), (340, 250), (680, 320)];
/// The widest character of the font, in pixels times ten.
const CHARACTER: usize = 73;
/// The most rows that are drawn for one host.
const MOST: usize = 400;

/// The colour of an edge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    Unknown,
}

impl Verdict {
    const fn class(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Yes => "✓",
            Self::No => "✗",
            Self::Unknown => "?",
        }
    }
}

impl From<Readable> for Verdict {
    fn from(readable: Readable) -> Self {
        match readable {
            Readable::Yes => Self::Yes,
            Readable::No => Self::No,
            Readable::Unknown => Self::Unknown,
        }
    }
}

/// A box.
struct Node {
    column: usize,
    /// The middle, in half rows.
    middle: usize,
    text: String,
    /// What a pointer shows.
    title: String,
    verdict: Option<Verdict>,
}

/// A line from the end of one box to the start of another.
struct Edge {
    from: (usize, usize),
    to: (usize, usize),
    verdict: Verdict,
}

#[derive(Default)]
struct Drawing {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    rows: usize,
    left_out: usize,
}

/// Writes the drawing of one host.
pub(super) fn write(inventory: &Inventory, host: &Host, out: &mut dyn Write) -> io::Result<()> {
    let drawing = draw(inventory, host);
    let heading = entities(&escape(&host.attribute));
    writeln!(out, "<details open><summary>{heading}</summary>")?;
    if drawing.rows == 0 {
        return writeln!(
            out,
            "<p class=\"aside\">No secrets and no readers.</p></details>"
        );
    }
    let width = COLUMNS
        .iter()
        .map(|(start, width)| start + width)
        .max()
        .unwrap_or(0);
    // The lines around the boxes on both sides need room as well.
    let width = width + 4;
    let height = drawing.rows * ROW + 24;
    writeln!(
        out,
        "<div class=\"drawing\"><svg viewBox=\"-2 -24 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Who reads the secrets of {heading}\">"
    )?;
    for ((x, _), name) in COLUMNS
        .iter()
        .zip(["file in the repository", "secret", "reader"])
    {
        writeln!(
            out,
            "<text class=\"column\" x=\"{x}\" y=\"-8\">{name}</text>"
        )?;
    }
    for edge in &drawing.edges {
        write_edge(edge, out)?;
    }
    for node in &drawing.nodes {
        write_node(node, out)?;
    }
    writeln!(out, "</svg></div>")?;
    others(host, out)?;
    if drawing.left_out > 0 {
        let left_out = drawing.left_out;
        writeln!(
            out,
            "<p class=\"aside\">{left_out} more secrets are not drawn: mcp-lint inventory lists them.</p>"
        )?;
    }
    writeln!(out, "</details>")
}

/// Who can read the secrets beside their readers, and what would decide the readers that are not decided.
fn others(host: &Host, out: &mut dyn Write) -> io::Result<()> {
    let is_more = |secret: &&Secret| {
        let exposure = &secret.exposure;
        exposure.others.iter().any(|other| other.who != Who::Root)
            || !exposure.others_unknown.is_empty()
    };
    let secrets: Vec<&Secret> = host.secrets.iter().filter(is_more).take(MOST).collect();
    if !secrets.is_empty() {
        writeln!(out, "<details><summary>Who else can read</summary><ul>")?;
        for secret in secrets {
            let mut parts = exposure_text::others(&secret.exposure.others, &|_| String::new());
            let unknown = secret.exposure.others_unknown.iter();
            parts.extend(unknown.map(|why| format!("? {}", escape(&why.reason.to_string()))));
            let parts = entities(&parts.join(" · "));
            let name = entities(&escape(&secret.attribute));
            writeln!(out, "<li><code>{name}</code> {parts}</li>")?;
        }
        writeln!(out, "</ul></details>")?;
    }
    let needs = exposure_text::needs(std::iter::once(host));
    if needs.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details><summary>What would decide who can read</summary><ul>"
    )?;
    for (need, secrets) in needs {
        let what = entities(&escape(&need.to_string()));
        let secrets = entities(&escape(&exposure_text::shortened(secrets.into_iter())));
        let paste = need.paste().map_or_else(String::new, |paste| {
            let paste = crate::display::escape_lines(&paste);
            format!("<pre><code>{}</code></pre>", entities(&paste))
        });
        writeln!(out, "<li>{what}: {secrets}{paste}</li>")?;
    }
    writeln!(out, "</ul></details>")
}

fn draw(inventory: &Inventory, host: &Host) -> Drawing {
    let mut drawing = Drawing::default();
    let mut readers: BTreeMap<Option<usize>, Vec<&Reader>> = BTreeMap::new();
    for reader in &host.readers {
        readers.entry(reader.secret).or_default().push(reader);
    }
    let mut by_file: BTreeMap<(String, &'static str), Vec<(usize, &Secret)>> = BTreeMap::new();
    for (index, secret) in host.secrets.iter().enumerate() {
        let (file, verdict) = file_of(inventory, secret);
        by_file
            .entry((file, verdict.class()))
            .or_default()
            .push((index, secret));
    }
    for ((file, _), secrets) in by_file {
        if drawing.rows >= MOST {
            drawing.left_out += secrets.len();
            continue;
        }
        let top = drawing.rows;
        let mut ends = Vec::new();
        for (index, secret) in &secrets {
            let of_secret = readers.remove(&Some(*index)).unwrap_or_default();
            let middle = drawing.secret(secret, &of_secret);
            ends.push((middle, file_of(inventory, secret).1));
        }
        let middle = top + drawing.rows;
        let verdict = ends
            .first()
            .map_or(Verdict::Unknown, |(_, verdict)| *verdict);
        let state = secrets
            .first()
            .and_then(|(_, secret)| state(inventory, secret))
            .map_or("not determined", FileState::name);
        drawing.nodes.push(Node {
            column: 0,
            middle,
            title: format!("{file}: {state}"),
            text: file,
            verdict: Some(verdict),
        });
        for (end, verdict) in ends {
            drawing.edges.push(Edge {
                from: (0, middle),
                to: (1, end),
                verdict,
            });
        }
    }
    let servers = host.mcp.iter().flat_map(|mcp| &mcp.servers);
    let missing: Vec<&String> = servers
        .filter(|server| server.status == McpStatus::Missing)
        .filter_map(|server| server.path.known()?.as_ref())
        .collect();
    for reader in readers.remove(&None).unwrap_or_default() {
        let is_missing = reader
            .path
            .known()
            .is_some_and(|path| missing.contains(&path));
        drawing.without_secret(reader, is_missing);
    }
    drawing
}

/// The name of a secret's file, and whether what lies there is encrypted.
fn file_of(inventory: &Inventory, secret: &Secret) -> (String, Verdict) {
    let name = match &secret.file.value {
        Ok(Some(path)) => path.display.clone(),
        Ok(None) => match secret.kind {
            inventory::SecretKind::Template => "rendered from secrets".to_owned(),
            inventory::SecretKind::Secret => "no file".to_owned(),
        },
        Err(Unknown { reason, .. }) => format!("? {reason}"),
    };
    let verdict = match state(inventory, secret) {
        Some(FileState::Encrypted | FileState::OtherEncrypted) => Verdict::Yes,
        None | Some(FileState::Unreadable | FileState::MetadataOnly) => Verdict::Unknown,
        Some(_) => Verdict::No,
    };
    (name, verdict)
}

fn state(inventory: &Inventory, secret: &Secret) -> Option<FileState> {
    let path = secret.file.known()?.as_ref()?;
    let mut files = inventory.files.iter();
    files.find(|file| file.path == *path).map(|file| file.state)
}

impl Drawing {
    /// Adds a secret and its readers, and gives the middle of its box.
    fn secret(&mut self, secret: &Secret, readers: &[&Reader]) -> usize {
        let top = self.rows;
        let mut middles = Vec::new();
        for reader in merged(readers) {
            middles.push(self.reader(reader, reader.verdict.readable.into()));
        }
        if middles.is_empty() {
            self.rows += 1;
        }
        let middle = top + self.rows;
        let known = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
        let path = known(secret.path.known().cloned());
        let owner = known(secret.effective_owner.known().map(ToString::to_string));
        let group = known(secret.effective_group.known().map(ToString::to_string));
        let mode = known(
            secret
                .effective_mode
                .known()
                .map(|mode| format!("{mode:04o}")),
        );
        self.nodes.push(Node {
            column: 1,
            middle,
            text: secret.attribute.clone(),
            title: format!("{} lands at {path}, {owner}:{group} {mode}", secret.option),
            verdict: None,
        });
        for (to, verdict) in middles {
            self.edges.push(Edge {
                from: (1, middle),
                to: (2, to),
                verdict,
            });
        }
        middle
    }

    /// Adds a row with a reader, and gives the middle of its box.
    fn reader(&mut self, reader: &Reader, verdict: Verdict) -> (usize, Verdict) {
        let middle = 2 * self.rows + 1;
        self.rows += 1;
        let user = reader
            .user
            .known()
            .map_or("?".to_owned(), ToString::to_string);
        self.nodes.push(Node {
            column: 2,
            middle,
            text: format!("{} {user} · {}", verdict.sign(), reader.via),
            title: format!(
                "{user} · {} ({}): {}",
                reader.via,
                reader.moment.name(),
                reader.verdict.reason
            ),
            verdict: Some(verdict),
        });
        (middle, verdict)
    }

    /// Adds a reader of a path at which no declared secret lands.
    fn without_secret(&mut self, reader: &Reader, is_missing: bool) {
        if self.rows >= MOST {
            return;
        }
        let verdict = if is_missing {
            Verdict::No
        } else {
            reader.verdict.readable.into()
        };
        let (middle, verdict) = self.reader(reader, verdict);
        let path = reader.path.known().map_or("?", String::as_str);
        self.nodes.push(Node {
            column: 1,
            middle,
            text: path.to_owned(),
            title: format!("{path}: no declared secret lands there"),
            verdict: Some(verdict),
        });
        self.edges.push(Edge {
            from: (1, middle),
            to: (2, middle),
            verdict,
        });
    }
}

/// Readers that look the same on the drawing, once.
fn merged<'a>(readers: &[&'a Reader]) -> Vec<&'a Reader> {
    let mut kept: Vec<&Reader> = Vec::new();
    for reader in readers {
        let is_same = |known: &&Reader| {
            known.via == reader.via
                && known.user.known() == reader.user.known()
                && known.verdict == reader.verdict
        };
        if !kept.iter().any(is_same) {
            kept.push(reader);
        }
    }
    kept
}

fn write_edge(edge: &Edge, out: &mut dyn Write) -> io::Result<()> {
    let at = |(column, middle): (usize, usize), is_end: bool| {
        let (start, width) = COLUMNS.get(column).copied().unwrap_or_default();
        let x = if is_end { start } else { start + width };
        (x, middle * ROW / 2)
    };
    let ((x1, y1), (x2, y2)) = (at(edge.from, false), at(edge.to, true));
    let bend = (x1 + x2) / 2;
    writeln!(
        out,
        "<path class=\"edge {}\" d=\"M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2}\"/>",
        edge.verdict.class()
    )
}

fn write_node(node: &Node, out: &mut dyn Write) -> io::Result<()> {
    let (x, width) = COLUMNS.get(node.column).copied().unwrap_or_default();
    let (middle, class) = (
        node.middle * ROW / 2,
        node.verdict.map_or("", Verdict::class),
    );
    let y = middle.saturating_sub(BOX / 2);
    writeln!(
        out,
        "<g class=\"node {class}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"5\"/>\
         <text x=\"{}\" y=\"{}\">{}</text></g>",
        entities(&escape(&node.title)),
        x + 10,
        middle + 4,
        entities(&fitted(&escape(&node.text), width - 20))
    )
}

/// Text that fits into a width: cut at its start, where paths differ least.
fn fitted(text: &str, width: usize) -> String {
    let most = width * 10 / CHARACTER;
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let sign: String = text.chars().take(most / 3).collect();
    let end: String = text.chars().skip(length + 1 + most / 3 - most).collect();
    format!("{sign}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_too_long_keeps_both_ends() {
        assert_eq!(fitted("short", 240), "short");
        let long = fitted("hosts/desk/secrets/very/long/name/of/a/file.yaml", 220);
        assert_eq!(long.chars().count(), 30);
        assert!(
            long.starts_with("hosts/desk") && long.ends_with("a/file.yaml"),
            "{long}"
        );
    }
}
