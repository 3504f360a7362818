//! The texts that the editor has open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::TextDocumentContentChangeEvent;
use nix_syntax::SyntaxError;

use super::position::{Encoding, Lines};

/// A larger text is not looked at, in bytes; the file on disk is, as far as analyses do.
const LARGEST: usize = 16 << 20;

/// A larger text is not parsed between two keystrokes, in bytes: that takes longer than the eye waits.
const LARGEST_PARSED: usize = 1 << 20;

/// One open text.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The text, without what was typed since the last message.
    pub(crate) text: Arc<str>,
    /// The editor's number for it.
    pub(crate) version: i32,
    /// What is wrong with the text; `None` if that is left to the analysis.
    pub(crate) errors: Option<Vec<SyntaxError>>,
    /// The newest text that parsed; `None` if none did.
    sound: Option<Arc<str>>,
    /// Whether `errors` and `sound` are those of an older text.
    is_stale: bool,
}

impl Document {
    const fn new(text: Arc<str>, version: i32) -> Self {
        Self {
            text,
            version,
            errors: None,
            sound: None,
            is_stale: true,
        }
    }

    /// The text to analyse: while a line does not parse, what was there before it.
    pub(crate) fn sound(&self) -> &Arc<str> {
        self.sound.as_ref().unwrap_or(&self.text)
    }

    /// Whether the text to analyse is the text.
    pub(crate) fn is_sound(&self) -> bool {
        **self.sound() == *self.text
    }

    fn parse(&mut self, path: &Path) {
        let is_nix = path.extension().is_some_and(|extension| extension == "nix");
        let errors = (is_nix && self.text.len() <= LARGEST_PARSED)
            .then(|| nix_syntax::parse(&self.text).errors);
        if errors.as_ref().is_none_or(Vec::is_empty) && self.sound.as_ref() != Some(&self.text) {
            self.sound = Some(Arc::clone(&self.text));
        }
        self.errors = errors;
        self.is_stale = false;
    }
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
        let document = Document::new(Arc::from(text), version);
        self.open.insert(path, document);
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
        document.text = Arc::from(text);
        document.version = version;
        document.is_stale = true;
        true
    }

    /// Parses the texts that changed since the last time; gives their paths, sorted.
    pub(crate) fn parse(&mut self) -> Vec<PathBuf> {
        let stale = { self.open.iter_mut() }.filter(|(_, document)| document.is_stale);
        let parsed = stale.map(|(path, document)| {
            document.parse(path);
            path.clone()
        });
        parsed.collect()
    }

    /// The editor closed a file: what is on disk counts again. Gives what it was.
    pub(crate) fn close(&mut self, path: &Path) -> Option<Document> {
        self.open.remove(path)
    }

    /// The open texts by path, as an analysis takes them.
    pub(crate) fn texts(&self) -> BTreeMap<PathBuf, Arc<str>> {
        let open = self.open.iter();
        open.map(|(path, document)| (path.clone(), Arc::clone(document.sound())))
            .collect()
    }

    /// The open texts and their paths, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
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
    fn what_does_not_parse_leaves_the_text_before_it_to_be_analysed() {
        let mut documents = Documents::default();
        let path = Path::new("/x.nix");
        let sound = |documents: &mut Documents, version, text: &str| {
            let whole = TextDocumentContentChangeWholeDocument::new(text.to_owned());
            assert!(documents.change(path, version, &[whole.into()], Encoding::Utf16));
            assert_eq!(documents.parse(), [path]);
            assert!(documents.parse().is_empty(), "it is parsed once");
            documents.texts()[path].to_string()
        };
        documents.open(path.to_owned(), "{ a = ; }".to_owned(), 1);
        documents.parse();
        assert_eq!(&*documents.texts()[path], "{ a = ; }", "there is no other");
        assert_eq!(sound(&mut documents, 2, "{ a = 1; }"), "{ a = 1; }");
        assert_eq!(sound(&mut documents, 3, "{ a = 1; b = }"), "{ a = 1; }");
        let errors = documents.get(path).unwrap().errors.clone();
        assert!(!errors.unwrap().is_empty());
        assert_eq!(
            sound(&mut documents, 4, "{ a = 1; b = 2; }"),
            "{ a = 1; b = 2; }"
        );
        let other = Path::new("/x.yaml");
        documents.open(other.to_owned(), "a: [".to_owned(), 1);
        documents.parse();
        assert!(documents.get(other).unwrap().errors.is_none());
        assert_eq!(&*documents.texts()[other], "a: [");
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
