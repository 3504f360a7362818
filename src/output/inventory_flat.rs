//! The inventory as CSV, a row for each reader of each secret, and as tables of Markdown.

use std::collections::BTreeSet;
use std::io::{self, Write};

use inventory::{Answer, Fact, Inventory, Readable, Reader, SecretKind, Who};
use mcp_lint_lints::Diagnostic;

use super::exposure_text;
use super::markdown_text::markdown_text;
use crate::display::{Known, escape};
use crate::secret_rows::{Filter, SecretRow};

const COLUMNS: [&str; 16] = [
    "host",
    "secret",
    "path",
    "owner",
    "group",
    "mode",
    "file",
    "key",
    "file_state",
    "standing",
    "readable",
    "user",
    "reader",
    "reason",
    "also_can",
    "findings",
];

/// A secret in words: each is inert, and `? (reason)` if it is not known.
struct Flat {
    host: String,
    secret: String,
    path: String,
    owner: String,
    group: String,
    mode: String,
    file: String,
    key: String,
    file_state: &'static str,
    standing: &'static str,
    also_can: String,
    findings: String,
}

impl Flat {
    fn of(row: &SecretRow<'_>) -> Self {
        let secret = row.secret;
        let others = secret.exposure.others.as_slice();
        let is_more = others.iter().any(|other| other.who != Who::Root);
        let others = is_more.then(|| exposure_text::others(others, &|_| String::new()));
        Self {
            host: escape(&row.host.attribute),
            secret: escape(&secret.attribute),
            path: words(&secret.path, Clone::clone),
            owner: words(&secret.effective_owner, ToString::to_string),
            group: words(&secret.effective_group, ToString::to_string),
            mode: words(&secret.effective_mode, |mode| format!("{mode:04o}")),
            file: words(&secret.file, |file| match (file, secret.kind) {
                (Some(file), _) => file.display.clone(),
                (None, SecretKind::Template) => "secrets, as a template".to_owned(),
                (None, SecretKind::Secret) => "no file".to_owned(),
            }),
            key: words(&secret.key, |key| key.clone().unwrap_or_default()),
            file_state: row.file.map_or("", |file| file.state.name()),
            standing: row.standing().name(),
            also_can: others.unwrap_or_default().join("; "),
            findings: { row.findings.iter() }
                .map(|found| found.lint.name)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

fn words<T>(fact: &Fact<T>, show: impl Fn(&T) -> String) -> String {
    match &fact.value {
        Ok(value) => escape(&show(value)),
        Err(why) => escape(&format!("? ({})", why.reason)),
    }
}

/// Whether and by whom a secret is read: `yes`, `alice`, `services.mcp github`, and the reason.
fn reader_words(reader: &Reader) -> [String; 4] {
    let readable = match reader.verdict.readable {
        Readable::Yes => "yes",
        Readable::No => "no",
        Readable::Unknown => "?",
    };
    [
        readable.to_owned(),
        words(&reader.user, ToString::to_string),
        escape(&reader.via.to_string()),
        escape(&reader.verdict.reason),
    ]
}

/// What an empty list of readers means.
const fn nobody(row: &SecretRow<'_>) -> &'static str {
    match row.secret.exposure.answer {
        Answer::Nobody => "nobody reads it",
        _ if !row.secret.exposure.templates.is_empty() => "in a template",
        _ => "not found",
    }
}

/// Writes CSV (RFC 4180).
pub(crate) fn csv(
    inventory: &Inventory,
    reported: &[Diagnostic],
    filter: &Filter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(io_error)?;
    for index in 0..inventory.hosts.len() {
        for row in filter.rows(inventory, reported, index) {
            let mut readers: Vec<[String; 4]> = { row.readers.iter() }
                .map(|reader| reader_words(reader))
                .collect();
            if readers.is_empty() {
                let [user, via, reason] = [const { String::new() }; 3];
                readers.push([nobody(&row).to_owned(), user, via, reason]);
            }
            for [readable, user, via, reason] in readers {
                let flat = Flat::of(&row);
                let record = [
                    flat.host,
                    flat.secret,
                    flat.path,
                    flat.owner,
                    flat.group,
                    flat.mode,
                    flat.file,
                    flat.key,
                    flat.file_state.to_owned(),
                    flat.standing.to_owned(),
                    readable,
                    user,
                    via,
                    reason,
                    flat.also_can,
                    flat.findings,
                ];
                let record = record.map(|cell| no_formula(&cell));
                writer.write_record(record).map_err(io_error)?;
            }
        }
    }
    writer.flush()
}

/// The error of the stream itself: whoever reads the output may have closed it.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A cell that a spreadsheet takes for text: names of a repository must not become formulas.
fn no_formula(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Writes a heading and a table for each host that has secrets.
pub(crate) fn markdown(
    inventory: &Inventory,
    reported: &[Diagnostic],
    known: &Known,
    filter: &Filter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut is_first = true;
    for (index, host) in inventory.hosts.iter().enumerate() {
        let rows = filter.rows(inventory, reported, index);
        if rows.is_empty() {
            continue;
        }
        let cell = |text: &str| markdown_text(&known.cover(text));
        let before = if std::mem::take(&mut is_first) {
            ""
        } else {
            "\n"
        };
        writeln!(out, "{before}## {}\n", cell(&escape(&host.attribute)))?;
        writeln!(
            out,
            "| secret | lands at | belongs to | from | read by | also can | findings |"
        )?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
        for row in rows {
            let flat = Flat::of(&row);
            let readers = row.readers.iter().map(|reader| {
                let [readable, user, via, reason] = reader_words(reader);
                match readable.as_str() {
                    "yes" => format!("✓ {} · {}", cell(&user), cell(&via)),
                    "no" => format!("✗ {} · {}: {}", cell(&user), cell(&via), cell(&reason)),
                    _ => format!("? {}: {}", cell(&via), cell(&reason)),
                }
            });
            let mut readers: Vec<String> = readers.collect();
            if readers.is_empty() {
                readers.push(nobody(&row).to_owned());
            }
            let key = match flat.key.as_str() {
                "" => String::new(),
                key => format!("#{key}"),
            };
            let file = format!("{}{key}", flat.file);
            let belongs = format!("{}:{} {}", flat.owner, flat.group, flat.mode);
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                cell(&flat.secret),
                cell(&flat.path),
                cell(&belongs),
                cell(&file),
                readers.join("<br>"),
                cell(&flat.also_can),
                cell(&flat.findings)
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(no_formula("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(no_formula("/run/a"), "/run/a");
    }
}
