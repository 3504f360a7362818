//! The secret files for people.

use std::io::{self, Write};

use extract::{ListedCode, ListedFile, Listing};
use inventory::Problem;
use inventory::secret_files::{Code, State};

use super::style::{BAD, CAUTION, FAINT, GOOD, styled};
use super::table::{Table, painted};
use super::width::Width;
use crate::display::escape;
use crate::report_summary::Gap;

const TITLES: [&str; 4] = ["file", "format", "state", "in Git"];
/// Longer lists of recipients and uses are cut.
const SHOWN: usize = 4;

/// Writes a line for each file, and below it who can decrypt it, what uses it and what is wrong.
pub(crate) fn render(listing: &Listing, width: Width, out: &mut dyn Write) -> io::Result<()> {
    if listing.files.is_empty() {
        writeln!(out, "no secret files")?;
        return missing(listing, out);
    }
    let mut table = Table::new(width, &TITLES);
    for file in &listing.files {
        table.row(columns(file));
        if !file.recipients.is_empty() {
            table.below(&format!("for {}", several(&file.recipients)));
        }
        if !file.used_by.is_empty() {
            table.below(&format!("used by {}", uses(&file.used_by)));
        }
        for problem in &file.problems {
            let place = painted(FAINT, &format!("line {}:", problem.line));
            table.below(&format!("{place} {}", escape(&problem.message)));
        }
    }
    table.write(out)?;
    summary(listing, out)
}

fn columns(file: &ListedFile) -> [String; 4] {
    let tracked = match file.tracked {
        Some(true) => "tracked",
        Some(false) => "not tracked",
        None => "?",
    };
    [
        escape(&file.path),
        if is_read(file) { file.format } else { "?" }.to_owned(),
        painted(colour(file.state), state(file)),
        tracked.to_owned(),
    ]
}

/// Whether its content could be had: otherwise nothing is known of it.
fn is_read(file: &ListedFile) -> bool {
    let unread = ListedCode::File(Code::Unreadable);
    file.problems.iter().all(|problem| problem.code != unread)
}

/// Its state; `unreadable` if nobody could look.
pub(super) fn state(file: &ListedFile) -> &'static str {
    if is_read(file) {
        file.state.as_str()
    } else {
        "unreadable"
    }
}

const fn colour(state: State) -> anstyle::Style {
    match state {
        State::Encrypted => GOOD,
        State::OtherEncrypted | State::Empty => CAUTION,
        _ => BAD,
    }
}

/// The secrets that come from a file, after the name of their host, which is there once.
fn uses(used_by: &[String]) -> String {
    let mut shown = Vec::new();
    let mut last = "";
    for name in used_by.iter().take(SHOWN) {
        let (host, secret) = name.split_once(": ").unwrap_or(("", name));
        shown.push(escape(if host == last { secret } else { name }));
        last = host;
    }
    if used_by.len() > SHOWN {
        shown.push(format!("{} more", used_by.len() - SHOWN));
    }
    shown.join(", ")
}

fn several(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| escape(name)).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

fn summary(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let files = listing.files.len();
    let encrypted = listing
        .files
        .iter()
        .filter(|file| file.state == State::Encrypted)
        .count();
    let noun = if files == 1 { "file" } else { "files" };
    writeln!(out, "\n{files} secret {noun}, {encrypted} encrypted")?;
    missing(listing, out)
}

/// What was not inspected: secrets that are declared there are not among the uses.
fn missing(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    for gap in Gap::by_cause(listing.gaps.clone()) {
        writeln!(out, "{}", styled(CAUTION, &escape(&gap.message())))?;
    }
    let is_any_unread = listing.problems.iter().any(Problem::is_unread);
    let what = if is_any_unread {
        "some files could not be read"
    } else {
        "some of the configuration could not be evaluated"
    };
    if listing.problems.is_empty() {
        Ok(())
    } else {
        writeln!(
            out,
            "{what}: secrets that are declared there are not among the uses (mcp-lint check --pedantic)"
        )
    }
}
