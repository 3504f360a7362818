//! Unified differences, for `patch -p1` and `git apply`.

use std::io::{self, Write};
use std::path::Path;

use similar::TextDiff;

use super::rounds::ChangedFile;
use crate::display::{Known, escape_whole};
use crate::report::Names;

/// Writes what would change. On a terminal, characters that it could take for commands are spelled
/// out; elsewhere the difference is exact but for credentials, which are covered in every line. Gives the files
/// that have some, whose difference cannot be applied.
pub(crate) fn write<'f>(
    root: &Path,
    files: &'f [ChangedFile],
    known: &Known,
    to_terminal: bool,
    out: &mut dyn Write,
) -> io::Result<Vec<&'f Path>> {
    let names = Names::for_people(root);
    let mut covered = Vec::new();
    for file in files {
        let name = names.of(&file.path);
        let exact = unified(&name, &file.before, &file.after);
        let lines = exact.split_inclusive('\n');
        let text: String = lines.map(|line| known.cover_line(line)).collect();
        if text != exact {
            covered.push(file.path.as_path());
        }
        if to_terminal {
            write!(out, "{}", escape_whole(&text))?;
        } else {
            write!(out, "{text}")?;
        }
    }
    Ok(covered)
}

fn unified(name: &str, before: &str, after: &str) -> String {
    // Only a line feed ends a line: a lone carriage return is content.
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut text = format!("--- {}\n+++ {}\n", header("a", name), header("b", name));
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Equal => ' ',
                similar::ChangeTag::Delete => '-',
                similar::ChangeTag::Insert => '+',
            };
            let line: &str = change.value();
            text.push(sign);
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// A name as git writes it: quoted where it has characters that would end it.
fn header(side: &str, name: &str) -> String {
    let needs_quotes = |c: char| c.is_control() || c == '"' || c == '\\';
    if name.contains(needs_quotes) {
        let mut quoted = format!("\"{side}/");
        for c in name.chars() {
            match c {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                c if c.is_control() => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        quoted.push_str(&format!("\\{byte:03o}"));
                    }
                }
                c => quoted.push(c),
            }
        }
        return quoted + "\"";
    }
    // patch takes a name with spaces as a whole where a tab follows.
    let end = if name.contains(' ') { "\t" } else { "" };
    format!("{side}/{name}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_ends() {
        assert_eq!(
            unified("a b.nix", "x\r\ny\rz", "x\r\nw"),
            "--- a/a b.nix\t\n+++ b/a b.nix\t\n@@ -1,2 +1,2 @@\n x\r\n-y\rz\n\\ No newline at end of file\n+w\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn names_are_quoted_as_git_does() {
        assert_eq!(header("a", "x\ny\u{1b}\".nix"), "\"a/x\\ny\\033\\\".nix\"");
    }
}
