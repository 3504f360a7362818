//! Trees of earlier runs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix_syntax::{SyntaxError, hir};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::workspace::Digest;

/// The text of a file and its tree.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) text: Arc<str>,
    pub(crate) hir: Arc<hir::File>,
    pub(crate) errors: Vec<SyntaxError>,
}

impl Tree {
    pub(crate) fn of(text: Arc<str>) -> Self {
        let nix_syntax::Parsed { file, errors } = nix_syntax::parse(&text);
        let hir = Arc::new(file);
        Self { text, hir, errors }
    }
}

/// Trees of earlier runs, for a program that looks at the same files again and again. A tree is used for a
/// file of the same path whose text is the same, byte for byte.
#[derive(Debug, Default)]
pub struct ParseCache {
    trees: Mutex<FxHashMap<PathBuf, Tree>>,
    digests: Mutex<FxHashMap<PathBuf, (Arc<str>, Digest)>>,
    parsed: AtomicUsize,
}

impl ParseCache {
    /// How many texts were parsed because no tree was known for them.
    #[must_use]
    pub fn parsed(&self) -> usize {
        self.parsed.load(Ordering::Relaxed)
    }

    /// SHA-256 of the text of a file, if its tree is known.
    pub(crate) fn digest(&self, path: &Path, bytes: &[u8]) -> Option<Digest> {
        let digests = || self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |text: &Arc<str>| text.as_bytes() == bytes;
        if let Some((text, digest)) = digests().get(path)
            && is_same(text)
        {
            return Some(*digest);
        }
        let trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let text = { trees.get(path) }.map(|tree| Arc::clone(&tree.text));
        drop(trees);
        let text = text.filter(is_same)?;
        let digest = Sha256::digest(bytes).into();
        digests().insert(path.to_owned(), (text, digest));
        Some(digest)
    }

    pub(crate) fn tree(&self, path: &Path, text: String) -> Tree {
        let trees = || self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let known = trees().get(path).cloned();
        if let Some(known) = known.filter(|known| *known.text == *text) {
            return known;
        }
        self.parsed.fetch_add(1, Ordering::Relaxed);
        let tree = Tree::of(Arc::from(text));
        trees().insert(path.to_owned(), tree.clone());
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_again_only_if_it_differs() {
        let cache = ParseCache::default();
        let tree = |path: &str, text: &str| cache.tree(Path::new(path), text.to_owned());
        let first = tree("/a.nix", "{ a = 1; }");
        assert!(Arc::ptr_eq(&first.hir, &tree("/a.nix", "{ a = 1; }").hir));
        assert_eq!(cache.parsed(), 1);
        let changed = tree("/a.nix", "{ a = ; }");
        assert_eq!((cache.parsed(), changed.errors.is_empty()), (2, false));
        assert!(
            !tree("/a.nix", "{ a = ; }").errors.is_empty(),
            "errors are kept as well"
        );
        tree("/b.nix", "{ a = ; }");
        assert_eq!(cache.parsed(), 3);
    }
}
