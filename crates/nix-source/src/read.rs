//! Reading files and directories.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use crate::file_kind::{FileKind, MAX_FILE_SIZE, ReadError};
use crate::root::OpenRoot;
use crate::workspace::Workspace;

/// The filter after which a file has another text where the repository is unlocked: everybody who evaluates has it in
/// clear. What other filters encrypt may be meant to be read as it is.
pub const GIT_CRYPT: &str = "git-crypt";

/// How a file begins that a filter of Git encrypted, and the name of the filter: its text is known where the repository
/// is unlocked.
const ENCRYPTED: [(&[u8], &str); 3] = [
    (b"\0GITCRYPT\0", GIT_CRYPT),
    (b"age-encryption.org/v1\n", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
];

impl Workspace {
    /// The bytes of a file, read once: evaluations and what looks at files see one content.
    ///
    /// # Errors
    ///
    /// If it is no regular file of a root, or larger than [`MAX_FILE_SIZE`].
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if let Some(text) = self.text_of_parsed(path) {
            return Ok(text.as_bytes().to_vec());
        }
        if let Some(known) = self.contents.get(path) {
            return Ok(known.to_vec());
        }
        let bytes = self.read_now(path)?;
        // Little of an input is read twice.
        if path.starts_with(self.project_root()) {
            self.contents.keep(path, &bytes);
        }
        Ok(bytes)
    }

    /// The text of a file that was parsed.
    fn text_of_parsed(&self, path: &Path) -> Option<Arc<str>> {
        let file = self.parsed_as(path)?.ok()?;
        let source = self.sources().get(file.id)?;
        Some(Arc::clone(source.text()))
    }

    /// As [`Self::read`], of a file whose content is kept elsewhere.
    pub(crate) fn read_now(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if let Some(text) = self.overlays.get(path) {
            let read = self.overlays_read.lock();
            { read.unwrap_or_else(PoisonError::into_inner) }.insert(path.to_owned());
            return Ok(text.as_bytes().to_vec());
        }
        let (real, kind) = self.locate(path)?;
        // The kind first: to open a device may do something.
        if kind != FileKind::Regular {
            return Err(ReadError::NotAFile);
        }
        let (root, relative) = self.below(&real)?;
        let (file, size) = root.file(relative)?;
        // One byte more, to meet its end without a larger buffer.
        let size = usize::try_from(size.min(MAX_FILE_SIZE)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(size + 1);
        file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_SIZE {
            Err(ReadError::TooLarge)
        } else {
            Ok(bytes)
        }
    }

    /// The root that a resolved path is in, and the path below it.
    fn below<'a>(&self, real: &'a Path) -> Result<(Arc<OpenRoot>, &'a Path), ReadError> {
        let root = self.root_of(real).ok_or(ReadError::NotAllowed)?;
        let relative = root.relative(real).ok_or(ReadError::NotAllowed)?;
        Ok((root, relative))
    }

    /// The text of a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not UTF-8.
    pub fn read_text(&self, path: &Path) -> Result<String, ReadError> {
        text(self.read(path)?)
    }

    /// The entries of a directory, sorted by name.
    ///
    /// # Errors
    ///
    /// If it is no directory of a root; names that are not UTF-8 are left out.
    pub fn read_directory(&self, path: &Path) -> Result<Vec<(String, FileKind)>, ReadError> {
        let (real, _) = self.locate(path)?;
        let (root, relative) = self.below(&real)?;
        let mut entries = root.entries(relative)?;
        entries.sort();
        Ok(entries)
    }
}

/// The filter of Git that encrypted a file; `None` if none did.
#[must_use]
pub fn encrypting_filter(bytes: &[u8]) -> Option<&'static str> {
    let found = ENCRYPTED.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, filter)| *filter)
}

/// The text of a file's bytes; an error if they are not UTF-8 or encrypted.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    if let Some(filter) = encrypting_filter(&bytes) {
        return Err(ReadError::Encrypted(filter));
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_git_encrypted_is_not_taken_for_broken_text() {
        for (bytes, tool) in [
            (b"\0GITCRYPT\0\x01\xff".to_vec(), "git-crypt"),
            (b"age-encryption.org/v1\n-> X25519 a\n\xff".to_vec(), "age"),
            (
                b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec(),
                "age",
            ),
        ] {
            assert_eq!(text(bytes), Err(ReadError::Encrypted(tool)));
        }
        assert_eq!(text(b"\0\xff".to_vec()), Err(ReadError::NotUtf8(1)));
        assert_eq!(text(b"{ }".to_vec()), Ok("{ }".to_owned()));
    }
}
