//! Contents of files that several evaluations ask for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// The longest content that is kept, in bytes: what every host reads are scripts and tables, and a long file
/// is read by few.
const MAX_LENGTH: usize = 64 * 1024;

/// How much is kept together, in bytes: little beside what an evaluation takes.
const MAX_TOTAL: usize = 8 * 1024 * 1024;

/// Contents by the path that they were read at.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_path: FxHashMap<PathBuf, Arc<[u8]>>,
    total: usize,
}

impl Contents {
    /// The content that was kept; `None` if it was not read, or is too long.
    pub(crate) fn get(&self, path: &Path) -> Option<Arc<[u8]>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_path.get(path).cloned()
    }

    /// Keeps a content, unless there is one for that path, or no more room.
    pub(crate) fn keep(&self, path: &Path, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let total = kept.total.saturating_add(bytes.len());
        if bytes.len() > MAX_LENGTH || total > MAX_TOTAL || kept.by_path.contains_key(path) {
            return;
        }
        kept.by_path.insert(path.to_owned(), bytes.into());
        kept.total = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_content_of_a_path_stays_and_what_is_kept_has_a_bound() {
        let contents = Contents::default();
        let path = Path::new("/p/a.sh");
        contents.keep(path, b"one");
        contents.keep(path, b"two");
        assert_eq!(contents.get(path).as_deref(), Some(&b"one"[..]));
        contents.keep(Path::new("/p/long"), &vec![0; MAX_LENGTH + 1]);
        assert_eq!(contents.get(Path::new("/p/long")), None);
        let full = vec![0; MAX_LENGTH];
        for number in 0..2 * MAX_TOTAL / MAX_LENGTH {
            contents.keep(&PathBuf::from(format!("/p/{number}")), &full);
        }
        let kept = contents.kept.lock().expect("no thread panicked");
        assert!(kept.total <= MAX_TOTAL && kept.total > MAX_TOTAL / 2);
    }
}
