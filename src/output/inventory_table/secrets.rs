//! The table of one host's secrets.

use std::collections::BTreeMap;
use std::io::{self, Write};

use inventory::{Answer, Fact, FilePath, Other, Principal, Readable, Reader, SecretKind, Who, Why};

use super::super::exposure_text;
use super::super::style::{BAD, CAUTION, FAINT, GOOD, styled};
use super::super::table::{FIXED_SPACE, Table, painted};
use super::Shown;
use super::notes::Notes;
use crate::secret_rows::SecretRow;

/// What stands for the name of the secret in what several rows have in common.
const NAME: &str = "NAME";

/// What stands for the name of the host where several hosts are shown together.
pub(super) const HOST: &str = "HOST";

impl Shown<'_> {
    fn file(&self, row: &SecretRow<'_>, file: &FilePath) -> String {
        let text = self.text(&file.display);
        if self.hosts_together {
            replaced(&text, &self.text(&row.host.name), HOST)
        } else {
            text
        }
    }
}

/// A secret in words.
struct Cells {
    name: String,
    path: String,
    file: String,
    belongs: String,
    readers: String,
    /// Who else can read it; `None` if that is root and the owner alone.
    others: Option<String>,
    /// What `check` reports of it that the rest does not show.
    told: Vec<String>,
}

/// Writes the table, below what its rows have in common.
pub(super) fn write<'a>(
    rows: &[SecretRow<'a>],
    shown: &Shown<'_>,
    notes: &mut Notes<'a>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let cells: Vec<Cells> = { rows.iter() }
        .map(|row| Cells::of(row, shown, notes))
        .collect();
    // Where nobody sees the width, a search for a path has to find it.
    let common = |of: fn(&Cells) -> &str| {
        let common = shown.width.is_tight.then(|| common(&cells, of)).flatten();
        common.unwrap_or_default()
    };
    let path = common(|cells| &cells.path);
    let file = common(|cells| &cells.file);
    let belongs = Some(common(|cells| &cells.belongs));
    let belongs = belongs.filter(|common| { cells.iter() }.all(|cells| cells.belongs == *common));
    let belongs = belongs.unwrap_or_default();
    let said = [
        ("lands at ", &path),
        ("comes from ", &file),
        ("belongs to ", &belongs),
    ];
    let said: Vec<String> = { said.iter() }
        .filter(|(_, common)| !common.is_empty())
        .map(|(word, common)| format!("{word}{common}"))
        .collect();
    if !said.is_empty() {
        let said = said.join(" · ");
        let said = format!("each, unless it says otherwise, {said}");
        writeln!(out, "{}", styled(FAINT, &shown.width.wrap(&said, "", "  ")))?;
    }
    let titles: &[&str] = if belongs.is_empty() {
        &["secret", "belongs to", "read by"]
    } else {
        &["secret", "read by"]
    };
    let mut table = Table::new(shown.width, titles);
    for cells in cells {
        let own = [("at", &cells.path, &path), ("from", &cells.file, &file)];
        let own: Vec<String> = { own.iter() }
            .filter(|(_, text, common)| pattern(text, &cells.name) != **common)
            .map(|(word, text, _)| format!("{} {text}", painted(FAINT, word)))
            .collect();
        let middle = belongs.is_empty().then_some(cells.belongs);
        let row = [cells.name].into_iter().chain(middle);
        table.row(row.chain([cells.readers]));
        if !own.is_empty() {
            table.below(&own.join(" · "));
        }
        if let Some(others) = &cells.others {
            table.below(&format!("{} {others}", painted(FAINT, "also can:")));
        }
        for told in &cells.told {
            table.below(&format!("{} {told}", painted(BAD, "✗")));
        }
    }
    writeln!(out)?;
    table.write(out)
}

/// What most rows have in common, with [`NAME`] in place of the secret's name; `None` if there are not two.
fn common(cells: &[Cells], of: fn(&Cells) -> &str) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for cells in cells {
        *counts.entry(pattern(of(cells), &cells.name)).or_default() += 1;
    }
    let (pattern, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count > 1 && count * 2 >= cells.len()).then_some(pattern)
}

/// The text with [`NAME`] in place of the name, wherever that is a word of its own.
fn pattern(text: &str, name: &str) -> String {
    replaced(text, name, NAME)
}

/// The text with another word in place of each one that is `word`.
fn replaced(text: &str, word: &str, other: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word).filter(|_| !word.is_empty()) {
        shown.push_str(before);
        let is_part = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
        let is_word = !is_part(shown.chars().last()) && !is_part(after.chars().next());
        shown.push_str(if is_word { other } else { word });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

impl Cells {
    fn of<'a>(row: &SecretRow<'a>, shown: &Shown<'_>, notes: &mut Notes<'a>) -> Self {
        let secret = row.secret;
        let name = shown.text(&secret.attribute);
        let path = match &secret.path.value {
            Ok(path) => shown.text(path),
            Err(why) => format!("? {}", notes.unknown(why)),
        };
        let file = match (&secret.file.value, secret.key.known()) {
            (Ok(Some(file)), Some(Some(key))) if !key.is_empty() => {
                format!("{}#{}", shown.file(row, file), shown.text(key))
            }
            (Ok(Some(file)), _) => shown.file(row, file),
            (Ok(None), _) if secret.kind == SecretKind::Template => "secrets, as a template".into(),
            (Ok(None), _) => "no file".to_owned(),
            (Err(why), _) => format!("? {}", notes.unknown(why)),
        };
        Self {
            name,
            path,
            file,
            belongs: belongs(row, shown, notes),
            readers: readers(row, shown, notes),
            others: others(row, shown),
            told: { row.told_by_check().iter() }
                .map(|found| format!("{} ({})", shown.text(&found.message), found.lint.name))
                .collect(),
        }
    }
}

/// `alice:users 0400`
fn belongs<'a>(row: &SecretRow<'a>, shown: &Shown<'_>, notes: &mut Notes<'a>) -> String {
    let secret = row.secret;
    let mut signs: Vec<String> = Vec::new();
    let mut known = |why| {
        let sign = notes.unknown(why);
        if !signs.contains(&sign) {
            signs.push(sign);
        }
        "?".to_owned()
    };
    let owner = match &secret.effective_owner.value {
        Ok(owner) => shown.text(&owner.to_string()),
        Err(why) => known(why),
    };
    let mode = match &secret.effective_mode.value {
        Ok(mode) => format!("{mode:04o}"),
        Err(why) => known(why),
    };
    let group = principal(&secret.effective_group, shown);
    let text = match (owner.as_str(), group.as_str(), mode.as_str()) {
        ("?", "?", "?") => "?".to_owned(),
        _ => format!("{owner}:{group} {mode}"),
    };
    [vec![text], signs].concat().join(" ")
}

fn principal(fact: &Fact<Principal>, shown: &Shown<'_>) -> String {
    let known = fact.known().map(ToString::to_string);
    known.map_or_else(|| "?".to_owned(), |name| shown.text(&name))
}

/// Who reads it, a line for each user.
fn readers<'a>(row: &SecretRow<'a>, shown: &Shown<'_>, notes: &mut Notes<'a>) -> String {
    let secret = row.secret;
    let mut by_user: Vec<(String, Vec<String>)> = Vec::new();
    for reader in &row.readers {
        let (who, via) = reader_text(row, reader, shown, notes);
        match by_user.iter_mut().find(|(known, _)| *known == who) {
            Some((_, all)) if !all.contains(&via) => all.push(via),
            Some(_) => {}
            None => by_user.push((who, vec![via])),
        }
    }
    let mut lines: Vec<String> = { by_user.into_iter() }
        .map(|(who, via)| format!("{who}{}", via.join(", ")))
        .collect();
    let templates = secret.exposure.templates.iter();
    lines.extend(templates.filter_map(|template| {
        let template = row.host.secrets.get(*template)?;
        Some(format!("in template {}", shown.text(&template.attribute)))
    }));
    if lines.is_empty() {
        lines.push(match secret.exposure.answer {
            Answer::Nobody => painted(CAUTION, "nobody reads it"),
            _ => painted(FAINT, "not found"),
        });
    }
    lines.join("\n")
}

fn others(row: &SecretRow<'_>, shown: &Shown<'_>) -> Option<String> {
    let others = row.secret.exposure.others.as_slice();
    // That root can read it says nothing of the secret, and the owner has a column.
    let is_more = |other: &Other| other.who != Who::Root && other.why != Why::Owner;
    { others.iter() }.any(is_more).then(|| {
        let place = exposure_text::place_of(shown.sources, shown.names);
        let others = exposure_text::others(others, &place).join(" · ");
        shown.known.cover(&others).into_owned()
    })
}

/// `✓ alice · ` and `services.mcp github`
fn reader_text<'a>(
    row: &SecretRow<'a>,
    reader: &'a Reader,
    shown: &Shown<'_>,
    notes: &mut Notes<'a>,
) -> (String, String) {
    let mark = match reader.verdict.readable {
        Readable::Yes => painted(GOOD, "✓"),
        Readable::No => painted(BAD, "✗"),
        Readable::Unknown => painted(CAUTION, "?"),
    };
    let via = shown.text(&reader.via.to_string());
    // That it can be read needs no reason here; the JSON has it.
    let via = match reader.verdict.readable {
        Readable::Yes => via,
        Readable::No | Readable::Unknown => format!(
            "{via}{FIXED_SPACE}{}",
            notes.reader(reader, row.needs(reader))
        ),
    };
    match reader.user.known() {
        Some(user) => (
            format!("{mark}{FIXED_SPACE}{} · ", shown.text(&user.to_string())),
            via,
        ),
        None => (format!("{mark}{FIXED_SPACE}"), via),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_replaced_where_it_is_a_word() {
        let pattern = |text| pattern(text, "run");
        assert_eq!(pattern("/run/rune/run.age#run"), "/NAME/rune/NAME.age#NAME");
        assert_eq!(super::pattern("/run", ""), "/run");
    }
}
