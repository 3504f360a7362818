//! The texts that the editor has open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::TextDocumentContentChangeEvent;

use super::position::{Encoding, Lines};

/// A larger text is not looked at, in bytes; the file on disk is, as far as analyses do.
const LARGEST: usize = 16 << 20;

/// One open text.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The text, without what was typed since the last message.
    pub(crate) text: Arc<str>,
    /// The editor's number for it.
    pub(crate) version: i32,
}

/// All open texts by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// The text of a file, if the editor has it open.
    pub(crate) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// The editor opened a file.
    pub(crate) fn open(&mut self, path: PathBuf, text: String, version: i32) {
        if text.len() > LARGEST {
            self.open.remove(&path);
            return;
        }
        let text = Arc::from(text);
        self.open.insert(path, Document { text, version });
    }

    /// The editor changed a file. `false` if it is not open.
    pub(crate) fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> bool {
        let Some(document) = self.open.get_mut(path) else {
            return false;
        };
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let lines = Lines::new(&text, encoding);
                    let start = lines.offset(part.range.start);
                    let end = lines.offset(part.range.end).max(start);
                    text.replace_range(start..end, &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    text.clone_from(&whole.text);
                }
            }
            if text.len() > LARGEST {
                self.open.remove(path);
                return true;
            }
        }
        *document = Document {
            text: Arc::from(text),
            version,
        };
        true
    }

    /// The editor closed a file: what is on disk counts again.
    pub(crate) fn close(&mut self, path: &Path) -> bool {
        self.open.remove(path).is_some()
    }

    /// The open texts by path, as an analysis takes them.
    pub(crate) fn texts(&self) -> BTreeMap<PathBuf, Arc<str>> {
        let open = self.open.iter();
        open.map(|(path, document)| (path.clone(), Arc::clone(&document.text)))
            .collect()
    }

    /// The open files, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.open.keys().map(PathBuf::as_path)
    }
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument,
    };

    use super::*;

    fn part(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let position = |(line, character)| Position { line, character };
        TextDocumentContentChangePartial::new(
            Range {
                start: position(start),
                end: position(end),
            },
            None,
            text.to_owned(),
        )
        .into()
    }

    fn changed(text: &str, changes: &[TextDocumentContentChangeEvent]) -> String {
        let mut documents = Documents::default();
        let path = Path::new("/x.nix");
        documents.open(path.to_owned(), text.to_owned(), 1);
        assert!(documents.change(path, 2, changes, Encoding::Utf16));
        documents.get(path).unwrap().text.to_string()
    }

    #[test]
    fn changes_apply_one_after_the_other() {
        let changes = [part((0, 0), (0, 1), "xy"), part((0, 2), (0, 2), "\n")];
        assert_eq!(changed("abc\r\ndef", &changes), "xy\nbc\r\ndef");
        let whole = TextDocumentContentChangeWholeDocument::new("new".to_owned());
        assert_eq!(changed("old", &[whole.into()]), "new");
    }

    #[test]
    fn ranges_behind_emoji_and_outside_the_text() {
        assert_eq!(
            changed("\"🔑\" a", &[part((0, 5), (0, 6), "b")]),
            "\"🔑\" b"
        );
        assert_eq!(changed("ab", &[part((0, 1), (9, 9), "!")]), "a!");
        assert_eq!(changed("ab", &[part((9, 9), (0, 0), "!")]), "ab!");
        assert_eq!(changed("🔑", &[part((0, 1), (0, 1), "!")]), "!🔑");
    }

    #[test]
    fn a_huge_text_is_not_kept() {
        let mut documents = Documents::default();
        let path = Path::new("/x.nix");
        documents.open(path.to_owned(), "x".repeat(LARGEST + 1), 1);
        assert!(documents.get(path).is_none());
        documents.open(path.to_owned(), "x".to_owned(), 1);
        let long = part((0, 0), (0, 0), &"x".repeat(LARGEST));
        assert!(documents.change(path, 2, &[long], Encoding::Utf16));
        assert!(documents.get(path).is_none());
    }
}
