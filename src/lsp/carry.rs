//! Carrying places from the text that was analysed over to the text as it is now.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Where more lines than this differ, none of them is found again.
const MOST_LINES: usize = 4000;

/// A run of bytes that two texts share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shared {
    old: usize,
    new: usize,
    length: usize,
}

impl Shared {
    /// Where a byte of the one text is in the other, if this run holds it; its end counts.
    fn carry(self, at: usize, direction: Direction) -> Option<usize> {
        let (from, to) = match direction {
            Direction::ToNew => (self.old, self.new),
            Direction::ToOld => (self.new, self.old),
        };
        let within = at.checked_sub(from)?;
        (within <= self.length).then_some(to + within)
    }
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    ToNew,
    ToOld,
}

/// What stayed the same between two texts: the beginning, the end, and the lines between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carry {
    shared: Vec<Shared>,
}

impl Carry {
    /// Compares two texts.
    pub(crate) fn between(old: &str, new: &str) -> Self {
        let same = |(a, b): &(&u8, &u8)| a == b;
        let starts = old.as_bytes().iter().zip(new.as_bytes());
        let before = starts.take_while(same).count();
        let most = old.len().min(new.len()) - before;
        let ends = { old.bytes().rev() }.zip(new.bytes().rev());
        let after = ends.take(most).take_while(|(a, b)| a == b).count();
        let mut shared = vec![Shared {
            old: 0,
            new: 0,
            length: before,
        }];
        shared.extend(lines_between(old, new, before, after));
        shared.push(Shared {
            old: old.len() - after,
            new: new.len() - after,
            length: after,
        });
        grow(&mut shared, old.as_bytes(), new.as_bytes());
        // An empty run at a place that changed would hold it.
        shared.retain(|run| run.length > 0 || old == new);
        Self { shared }
    }

    /// A range of bytes of the old text in the new one, unless it was changed.
    pub(crate) fn to_new(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        self.carried(start, end, Direction::ToNew)
    }

    /// A range of bytes of the new text in the old one, unless it is new.
    pub(crate) fn to_old(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        self.carried(start, end, Direction::ToOld)
    }

    /// The same for a range that may have changed within, if both of its ends are there still.
    pub(crate) fn around(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let carry = |at| { self.shared.iter() }.find_map(|run| run.carry(at, Direction::ToNew));
        let (from, to) = (carry(start)?, carry(end)?);
        (from < to || start == end).then_some((from, to.max(from)))
    }

    fn carried(&self, start: usize, end: usize, direction: Direction) -> Option<(usize, usize)> {
        self.shared.iter().find_map(|run| {
            let (start, end) = (run.carry(start, direction)?, run.carry(end, direction)?);
            Some((start, end))
        })
    }
}

/// Adds what two texts share beside their shared runs, in lines that changed in part.
fn grow(shared: &mut [Shared], old: &[u8], new: &[u8]) {
    let same = |(a, b): &(&u8, &u8)| a == b;
    for index in 1..shared.len() {
        let (left, right) = shared.split_at_mut(index);
        let (Some(left), Some(right)) = (left.last_mut(), right.first_mut()) else {
            continue;
        };
        let old = { old.get(left.old + left.length..right.old) }.unwrap_or_default();
        let new = { new.get(left.new + left.length..right.new) }.unwrap_or_default();
        let after_left = old.iter().zip(new).take_while(same).count();
        left.length += after_left;
        let most = old.len().min(new.len()) - after_left;
        let ends = old.iter().rev().zip(new.iter().rev()).take(most);
        let before_right = ends.take_while(same).count();
        right.old -= before_right;
        right.new -= before_right;
        right.length += before_right;
    }
}

/// The lines that two texts share between so many bytes that they share at their ends.
fn lines_between(old: &str, new: &str, before: usize, after: usize) -> Vec<Shared> {
    let middle = |text: &str| {
        let mut lines: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let end = at + line.len();
            if at >= before && end + after <= text.len() {
                lines.push((at, end));
            }
            at = end;
        }
        lines
    };
    let (old_lines, new_lines) = (middle(old), middle(new));
    if old_lines.len().max(new_lines.len()) > MOST_LINES {
        return Vec::new();
    }
    let texts = |text, lines: &[(usize, usize)]| -> Vec<String> {
        let text: &str = text;
        let lines = lines.iter();
        lines
            .map(|(start, end)| text.get(*start..*end).unwrap_or_default().to_owned())
            .collect()
    };
    let (old_texts, new_texts) = (texts(old, &old_lines), texts(new, &new_lines));
    let changes = capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts);
    let runs = changes.iter().filter_map(|change| match *change {
        DiffOp::Equal {
            old_index,
            new_index,
            len,
        } => {
            let (start, _) = old_lines.get(old_index)?;
            let (_, end) = old_lines.get(old_index + len.checked_sub(1)?)?;
            let (new_start, _) = new_lines.get(new_index)?;
            Some(Shared {
                old: *start,
                new: *new_start,
                length: end - start,
            })
        }
        _ => None,
    });
    runs.collect()
}

#[cfg(test)]
mod tests {
    use super::Carry;

    #[test]
    fn what_is_before_stays_and_what_is_after_moves() {
        let (old, new) = ("a = 1; b = 2;", "a = 100; b = 2;");
        let carry = Carry::between(old, new);
        assert_eq!(carry.to_new(0, 1), Some((0, 1)));
        let b = (old.find('b').unwrap(), new.find('b').unwrap());
        assert_eq!(carry.to_new(b.0, b.0 + 1), Some((b.1, b.1 + 1)));
        assert_eq!(carry.to_old(b.1, b.1 + 1), Some((b.0, b.0 + 1)));
        assert_eq!(
            carry.to_old(5, 7),
            None,
            "what was typed is not in the old text"
        );
        assert_eq!(carry.to_new(0, old.len()), None, "it was changed within");
    }

    #[test]
    fn lines_between_two_changes_are_found_again() {
        let old = "{\n  a = 1;\n  b = 2;\n  c = 3;\n}\n";
        let new = "{\n  a = 100;\n  b = 2;\n  c = 300;\n}\n";
        let carry = Carry::between(old, new);
        let b = (old.find("b = 2").unwrap(), new.find("b = 2").unwrap());
        assert_eq!(carry.to_new(b.0, b.0 + 5), Some((b.1, b.1 + 5)));
        assert_eq!(carry.to_old(b.1, b.1 + 5), Some((b.0, b.0 + 5)));
        let c = (old.find("c = 3").unwrap(), new.find("c = 3").unwrap());
        assert_eq!(carry.to_new(c.0, c.0 + 6), None);
        assert_eq!(carry.around(c.0, c.0 + 6), Some((c.1, c.1 + 8)));
        let whole = (old.find('a').unwrap(), old.find('}').unwrap());
        assert_eq!(
            carry.around(whole.0, whole.1),
            Some((whole.0, new.find('}').unwrap()))
        );
    }

    #[test]
    fn equal_and_empty_texts() {
        let same = Carry::between("abc", "abc");
        assert_eq!(same.to_new(1, 3), Some((1, 3)));
        assert_eq!(Carry::between("", "abc").to_old(1, 2), None);
        assert_eq!(Carry::between("abc", "").to_new(1, 2), None);
        let doubled = Carry::between("aa", "aaaa");
        assert_eq!(doubled.to_new(0, 2), Some((0, 2)));
    }
}
