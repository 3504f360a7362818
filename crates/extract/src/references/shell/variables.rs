//! Where a shell's text assigns and uses its variables.

use rustc_hash::FxHashMap;

/// The variables of a text, by their names.
pub(super) struct Variables<'a> {
    /// The offsets, in bytes, of the `$` before each; ascending.
    uses: FxHashMap<&'a str, Vec<usize>>,
    /// The offsets, in bytes, of the names that white space or a semicolon precedes and `=` follows; ascending.
    assignments: FxHashMap<&'a str, Vec<usize>>,
}

impl<'a> Variables<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut found = Self {
            uses: FxHashMap::default(),
            assignments: FxHashMap::default(),
        };
        for (at, _) in text.match_indices('$') {
            let after = text.get(at + 1..).unwrap_or_default();
            let after = after.strip_prefix('{').unwrap_or(after);
            let end = after.find(|c| !is_of_a_name(c)).unwrap_or(after.len());
            if let Some(name) = after.get(..end).filter(|name| !name.is_empty()) {
                found.uses.entry(name).or_default().push(at);
            }
        }
        for (end, _) in text.match_indices('=') {
            let before = text.get(..end).unwrap_or_default();
            let start = before.trim_end_matches(is_of_a_name).len();
            let previous = before.get(..start).and_then(|it| it.chars().next_back());
            if previous.is_some_and(|c| c.is_whitespace() || c == ';')
                && let Some(name) = before.get(start..).filter(|name| !name.is_empty())
            {
                found.assignments.entry(name).or_default().push(start);
            }
        }
        found
    }

    /// The offsets of the `$` before a variable from one offset to another.
    pub(super) fn uses(&self, name: &str, from: usize, to: usize) -> &[usize] {
        let all = self.uses.get(name).map_or(&[][..], Vec::as_slice);
        let start = all.partition_point(|at| *at < from);
        let end = all.partition_point(|at| *at < to);
        all.get(start..end).unwrap_or_default()
    }

    /// The offset, from this one on, at which a variable gets a value after white space or a semicolon.
    pub(super) fn next_assignment(&self, name: &str, from: usize) -> Option<usize> {
        let all = self.assignments.get(name)?;
        let next = all.partition_point(|at| *at < from);
        all.get(next).copied()
    }
}

const fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_found_and_no_others() {
        let text = "A=1; AB=2\nüA=3 A=4 -A=5\n$A ${A} $AB ${A:-x} $A1 \\$A $ü $";
        let variables = Variables::of(text);
        let at = |part: &str| text.find(part).unwrap_or_default();
        let uses = [at("$A "), at("${A}"), at("${A:-"), at("\\$A") + 1];
        assert_eq!(variables.uses("A", 0, text.len()), uses);
        assert_eq!(variables.uses("A", at("${A}"), at("\\$A")), &uses[1..3]);
        assert_eq!(variables.uses("B", 0, text.len()), &[] as &[usize]);
        assert_eq!(variables.next_assignment("A", 0), Some(at("A=4")));
        assert_eq!(variables.next_assignment("A", at("A=4") + 1), None);
        assert_eq!(variables.next_assignment("AB", 0), Some(at("AB=2")));
    }
}
