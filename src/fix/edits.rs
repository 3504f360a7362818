//! Edits of one file's text.

use std::ops::Range;

/// A replacement of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The bytes, on character boundaries.
    pub(super) range: Range<usize>,
    /// What to put there.
    pub(super) text: String,
}

impl Change {
    /// A change of `text`, as a person would make it: line ends as in the file, and no empty line
    /// left where all of a line is taken out. Nothing where the bytes are not in the text.
    pub(super) fn new(text: &str, range: Range<usize>, replacement: &str) -> Option<Self> {
        text.get(range.clone())?;
        if replacement.is_empty() {
            let range = with_line(text, range);
            return Some(Self {
                range,
                text: String::new(),
            });
        }
        let text = if has_carriage_returns(text) && !replacement.contains('\r') {
            replacement.replace('\n', "\r\n")
        } else {
            replacement.to_owned()
        };
        Some(Self { range, text })
    }

    /// Whether both cannot be made: they share bytes, or insert at the same place.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (&self.range, &other.range);
        // Which of two things at the same place comes first is nobody's to say.
        a.start == b.start || (a.start < b.end && b.start < a.end)
    }
}

/// Whether the first line ends with a carriage return and a line feed.
fn has_carriage_returns(text: &str) -> bool {
    text.find('\n')
        .and_then(|at| text.get(..at))
        .is_some_and(|line| line.ends_with('\r'))
}

/// The bytes, and the rest of their lines where nothing else stands there.
fn with_line(text: &str, range: Range<usize>) -> Range<usize> {
    let is_blank = |c: char| c == ' ' || c == '\t';
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let kept = before.trim_end_matches(is_blank);
    let rest = after.trim_start_matches(is_blank);
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    match rest.strip_prefix('\n') {
        Some(next) if kept.is_empty() || kept.ends_with('\n') => {
            kept.len()..text.len() - next.len()
        }
        // What stood at the end of a line leaves no white space there.
        Some(_) => kept.len()..range.end,
        // What stood between other things leaves no double space.
        None if kept.len() < before.len() => {
            range.start..text.len() - after.trim_start_matches(is_blank).len()
        }
        None => range,
    }
}

/// The text with the changes made; they do not overlap.
pub(super) fn changed(text: &str, changes: &[Change]) -> String {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| (change.range.start, change.range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for change in sorted {
        out.push_str(text.get(at..change.range.start).unwrap_or_default());
        out.push_str(&change.text);
        at = change.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(text: &str, what: &str, replacement: &str) -> String {
        let start = text.find(what).unwrap();
        let change = Change::new(text, start..start + what.len(), replacement).unwrap();
        changed(text, &[change])
    }

    #[test]
    fn a_line_that_is_taken_out_leaves_none() {
        let text = "{\n  a = 1;\n  b = 2; # why\n  c = 3; d = 4;\n}\n";
        assert_eq!(
            make(text, "a = 1;", ""),
            "{\n  b = 2; # why\n  c = 3; d = 4;\n}\n"
        );
        assert_eq!(
            make(text, "b = 2;", ""),
            "{\n  a = 1;\n  # why\n  c = 3; d = 4;\n}\n"
        );
        assert_eq!(
            make(text, "c = 3;", ""),
            "{\n  a = 1;\n  b = 2; # why\n  d = 4;\n}\n"
        );
        assert_eq!(
            make(text, "d = 4;", ""),
            "{\n  a = 1;\n  b = 2; # why\n  c = 3;\n}\n"
        );
        assert_eq!(make("{ a = 1; }", "a = 1;", ""), "{ }");
        assert_eq!(make("{\r\n  a = 1;\r\n}\r\n", "a = 1;", ""), "{\r\n}\r\n");
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        assert_eq!(
            make("{\r\n  a = 1;\r\n}\r\n", "1;", "1;\n  b = 2;"),
            "{\r\n  a = 1;\r\n  b = 2;\r\n}\r\n"
        );
        assert_eq!(
            make("{\n  a = 1;\n}\n", "1;", "1;\n  b = 2;"),
            "{\n  a = 1;\n  b = 2;\n}\n"
        );
    }

    #[test]
    fn changes_of_the_same_bytes_overlap() {
        let change = |range: Range<usize>| Change {
            range,
            text: "x".to_owned(),
        };
        assert!(change(1..3).overlaps(&change(2..4)));
        assert!(change(2..2).overlaps(&change(2..2)));
        assert!(change(1..3).overlaps(&change(2..2)));
        assert!(!change(1..3).overlaps(&change(3..4)));
        assert!(change(3..3).overlaps(&change(3..4)));
        assert!(!change(1..3).overlaps(&change(4..4)));
    }
}
