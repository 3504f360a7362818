//! A table of texts.

use std::ops::Index;

/// Texts one after another in one piece of memory: reading a file makes thousands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    text: String,
    /// Where each text ends in `text`.
    ends: Vec<u32>,
}

impl Texts {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of that index, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let before = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        self.text
            .get(before.copied().unwrap_or(0) as usize..end as usize)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// Adds a text that is written at the end of what it is given.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.push("");
    }

    /// Takes the last text away if it is empty.
    pub(crate) fn pop_if_empty(&mut self) -> bool {
        let is_empty = self.len().checked_sub(1).and_then(|last| self.get(last)) == Some("");
        if is_empty {
            self.ends.pop();
        }
        is_empty
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

impl Index<usize> for Texts {
    type Output = str;

    #[expect(clippy::panic, reason = "what an index out of range does")]
    fn index(&self, index: usize) -> &str {
        match self.get(index) {
            Some(text) => text,
            None => panic!("no text {index} of {}", self.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn texts_come_back_as_they_went_in() {
        let mut texts = Texts::default();
        for text in ["a", "", "grüße", ""] {
            texts.push(text);
        }
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "grüße", ""]);
        assert_eq!(&texts[2], "grüße");
        assert_eq!(texts.get(4), None);
    }
}
