//! The comments of a text: in shells, Python, YAML and most else, they begin with `#`.

use std::ops::Range;

/// Where the comments of a text are, looked through once, whichever paths are in it.
pub(super) struct Comments {
    /// In bytes, ascending; at most one in a line.
    ranges: Vec<Range<usize>>,
}

impl Comments {
    pub(super) fn of(text: &str) -> Self {
        let mut at = 0;
        let lines = text.split_inclusive('\n').filter_map(|line| {
            let start = at;
            at += line.len();
            Some(start + begins_at(line)?..at)
        });
        Self {
            ranges: lines.collect(),
        }
    }

    /// Whether an offset, in bytes, is in one of them.
    pub(super) fn have(&self, at: usize) -> bool {
        let before = self.ranges.partition_point(|range| range.start <= at);
        let last = before.checked_sub(1).and_then(|it| self.ranges.get(it));
        last.is_some_and(|range| range.contains(&at))
    }
}

/// Where the comment of a line begins; `None` if it has none.
fn begins_at(line: &str) -> Option<usize> {
    let code = line.trim_start();
    let indent = line.len() - code.len();
    if code.starts_with("// ") {
        return Some(indent);
    }
    if let Some(text) = code.strip_prefix('#') {
        // `#!/bin/sh`, and what a preprocessor reads.
        let is_read = ["!", "include", "define", "embed", "import", "if"];
        return (!is_read.iter().any(|it| text.starts_with(it))).then_some(indent);
    }
    let mut is_open = [false; 3];
    let mut before = None;
    for (at, character) in line.char_indices() {
        let is_closed = !is_open.contains(&true);
        let rest = line.get(at + 1..).unwrap_or_default();
        // In `##` and `# `, after a space.
        if character == '#' && before == Some(' ') && is_closed && rest.starts_with([' ', '#']) {
            return Some(at);
        }
        for (open, quote) in is_open.iter_mut().zip(['"', '\'', '`']) {
            *open ^= character == quote;
        }
        before = Some(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_reaches_to_the_end_of_its_line() {
        let text = "a b # c\n  # d\n#!e\nf 'it # g' # h\n  // i\nj#k #l";
        let comments = Comments::of(text);
        let found: String = { text.char_indices() }
            .filter(|(at, c)| c.is_alphabetic() && comments.have(*at))
            .map(|(_, c)| c)
            .collect();
        assert_eq!(found, "cdhi");
    }
}
