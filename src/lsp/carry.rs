//! Carrying places from the text that was analysed over to the text as it is now.

/// What stayed the same between two texts: a beginning and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carry {
    /// Bytes at the beginning that both have.
    before: usize,
    /// Bytes at the end that both have, without those of the beginning.
    after: usize,
    old: usize,
    new: usize,
}

impl Carry {
    /// Compares two texts.
    pub(crate) fn between(old: &str, new: &str) -> Self {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let same = |(a, b): &(&u8, &u8)| a == b;
        let before = old.iter().zip(new).take_while(same).count();
        let most = old.len().min(new.len()) - before;
        let ends = old.iter().rev().zip(new.iter().rev());
        let after = ends.take(most).take_while(same).count();
        Self {
            before,
            after,
            old: old.len(),
            new: new.len(),
        }
    }

    /// A range of bytes of the old text in the new one, unless it was changed.
    pub(crate) fn to_new(self, start: usize, end: usize) -> Option<(usize, usize)> {
        carried(start, end, self.before, self.after, self.old, self.new)
    }

    /// A range of bytes of the new text in the old one, unless it is new.
    pub(crate) fn to_old(self, start: usize, end: usize) -> Option<(usize, usize)> {
        carried(start, end, self.before, self.after, self.new, self.old)
    }
}

fn carried(
    start: usize,
    end: usize,
    before: usize,
    after: usize,
    from: usize,
    to: usize,
) -> Option<(usize, usize)> {
    if end <= before {
        return Some((start, end));
    }
    let moved = |at: usize| to.checked_sub(from.checked_sub(at)?);
    (start >= from - after).then_some(())?;
    Some((moved(start)?, moved(end)?))
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
    fn equal_and_empty_texts() {
        let same = Carry::between("abc", "abc");
        assert_eq!(same.to_new(1, 3), Some((1, 3)));
        assert_eq!(Carry::between("", "abc").to_old(1, 2), None);
        assert_eq!(Carry::between("abc", "").to_new(1, 2), None);
        let doubled = Carry::between("aa", "aaaa");
        assert_eq!(doubled.to_new(0, 2), Some((0, 2)));
    }
}
