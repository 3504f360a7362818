//! The inventory for people.

mod notes;
mod secrets;

use std::collections::BTreeMap;
use std::io::{self, Write};

use inventory::{Host, Inventory, SourceMap, Span, Unknown};
use mcp_lint_lints::Diagnostic;

use super::mcp_text::{self, Mark};
use super::place::{Place, place};
use super::style::{BAD, CAUTION, GOOD, STRONG, styled};
use super::width::Width;
use super::{exposure_text, gap_list};
use crate::display::{Known, escape};
use crate::report::Names;
use crate::secret_rows::Filter;
use notes::Notes;

/// What every host is shown with.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    sources: &'a SourceMap,
    names: &'a Names,
    known: &'a Known,
    width: Width,
    /// Whether the names of files have a word in place of the host's name.
    hosts_together: bool,
}

impl Shown<'_> {
    /// Text from the repository, inert and with credentials covered: a table may break it, and what is broken
    /// is not recognised any more.
    fn text(&self, text: &str) -> String {
        self.known.cover(&escape(text)).into_owned()
    }

    fn place(&self, at: Span) -> Option<Place> {
        place(self.sources, self.names, at)
    }
}

/// Hosts that differ in nothing else than their name.
struct Block {
    headings: Vec<String>,
    /// As it is shown for one host.
    text: Vec<u8>,
    /// As it is shown for several.
    of_several: Vec<u8>,
}

/// Writes every host: secrets, servers, and what may be missing; hosts that differ in nothing else than their name
/// together. Reasons follow at the end, each once.
pub(crate) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    known: &Known,
    reported: &[Diagnostic],
    filter: &Filter,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::for_people(&inventory.root);
    let shown = Shown {
        sources,
        names: &names,
        known,
        width,
        hosts_together: false,
    };
    let together = Shown {
        hosts_together: width.is_tight,
        ..shown
    };
    gap_list::render(inventory, sources, &names, width, out)?;
    let mut notes = Notes::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut empty: Vec<String> = Vec::new();
    let (mut all, mut left) = (0, 0);
    let hosts = || inventory.hosts.iter().enumerate();
    let (modules, configurations): (Vec<_>, Vec<_>) = hosts().partition(|(_, it)| it.is_module());
    for (index, host) in configurations.into_iter().chain(modules) {
        let rows = filter.rows(inventory, reported, index);
        all += host.secrets.len();
        left += rows.len();
        let has_servers = filter.is_open() && !host.mcp.is_empty();
        if rows.is_empty() && !has_servers {
            if filter.is_open() {
                let open = match open_signs(host, &mut notes).as_str() {
                    "" => String::new(),
                    open => format!(" (there may be{open})"),
                };
                empty.push(format!("{}{open}", shown.text(&host.attribute)));
            }
            continue;
        }
        let mut write = |shown: &Shown<'_>| -> io::Result<Vec<u8>> {
            let mut text = Vec::new();
            if !rows.is_empty() {
                secrets::write(&rows, shown, &mut notes, &mut text)?;
            }
            if filter.is_open() {
                servers(host, shown, &mut text)?;
                may_be_more(host, shown, &mut notes, &mut text)?;
            }
            Ok(text)
        };
        let (text, of_several) = (write(&shown)?, write(&together)?);
        let heading = heading(host, rows.len(), &shown);
        match { blocks.iter_mut() }.find(|block| block.of_several == of_several) {
            Some(block) => block.headings.push(heading),
            None => blocks.push(Block {
                headings: vec![heading],
                text,
                of_several,
            }),
        }
    }
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for heading in &block.headings {
            writeln!(out, "{}", width.line(heading))?;
        }
        let is_one = block.headings.len() == 1;
        out.write_all(if is_one {
            &block.text
        } else {
            &block.of_several
        })?;
    }
    if !empty.is_empty() {
        let text = format!("{} {}", styled(STRONG, "no secrets:"), empty.join(", "));
        let before = if blocks.is_empty() { "" } else { "\n" };
        writeln!(out, "{before}{}", width.wrap(&text, "", "  "))?;
    }
    if inventory.hosts.is_empty() {
        writeln!(out, "no configuration found")?;
    }
    if !filter.is_open() {
        let before = if blocks.is_empty() { "" } else { "\n" };
        writeln!(out, "{before}{left} of {all} secrets")?;
    }
    notes.write(&shown, out)
}

fn heading(host: &Host, secrets: usize, shown: &Shown<'_>) -> String {
    let mut parts = vec![styled(STRONG, &shown.text(&host.name))];
    if host.is_module() {
        parts.push("a module on its own".to_owned());
    }
    if host.attribute != host.name {
        parts.push(shown.text(&host.attribute));
    }
    if let Some(at) = host.at.and_then(|at| shown.place(at)) {
        parts.push(format!("{}:{}", escape(&at.file), at.line));
    }
    let noun = if secrets == 1 { "secret" } else { "secrets" };
    parts.push(format!("{secrets} {noun}"));
    parts.join(" · ")
}

fn servers(host: &Host, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    for block in mcp_text::blocks(host) {
        let title = styled(STRONG, &shown.known.cover(&block.title));
        writeln!(out, "\n{}", shown.width.wrap(&title, "", "  "))?;
        for line in block.lines {
            let style = match line.mark {
                Mark::Available => GOOD,
                Mark::Broken => BAD,
                Mark::Disabled | Mark::Undecided => CAUTION,
            };
            let sign = styled(style, line.mark.sign());
            let text = format!("{sign} {}", shown.known.cover(&line.text));
            writeln!(out, "{}", shown.width.wrap(&text, "", "  "))?;
        }
    }
    Ok(())
}

/// What the configuration may have beside what was found, and who else may be able to read which secrets.
fn may_be_more<'a>(
    host: &'a Host,
    shown: &Shown<'_>,
    notes: &mut Notes<'a>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines: Vec<String> = Vec::new();
    let open = open_signs(host, notes);
    if !open.is_empty() {
        lines.push(format!("there may be more{open}"));
    }
    let mut others: BTreeMap<&Unknown, Vec<&str>> = BTreeMap::new();
    for secret in &host.secrets {
        for why in &secret.exposure.others_unknown {
            others.entry(why).or_default().push(&secret.attribute);
        }
    }
    for (why, secrets) in others {
        let secrets = shown.text(&exposure_text::shortened(secrets.into_iter()));
        let sign = notes.unknown(why);
        lines.push(format!("who else can read {secrets} {sign}"));
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for line in lines {
        let line = format!("{} {line}", styled(CAUTION, "?"));
        writeln!(out, "{}", shown.width.wrap(&line, "", "  "))?;
    }
    Ok(())
}

/// ` secrets [1], users [1], settings [2] [3]`; empty if all is known.
fn open_signs<'a>(host: &'a Host, notes: &mut Notes<'a>) -> String {
    let told = [&host.secrets_open, &host.users_open];
    let rest: Vec<&Unknown> = { host.open.iter() }
        .filter(|why| !told.contains(&&Some((*why).clone())))
        .collect();
    let open = [
        ("secrets", host.secrets_open.iter().collect()),
        ("users", host.users_open.iter().collect()),
        ("settings", rest),
    ];
    let parts = open.into_iter().filter_map(|(what, why): (_, Vec<_>)| {
        let signs: Vec<String> = why.into_iter().map(|why| notes.unknown(why)).collect();
        (!signs.is_empty()).then(|| format!(" {what} {}", signs.join(" ")))
    });
    parts.collect::<Vec<_>>().join(",")
}
