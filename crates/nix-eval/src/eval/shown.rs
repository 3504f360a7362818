//! Which contents of files values may hold.

use std::path::Path;

use nix_source::{ReadError, encrypting_filter};

use super::evaluator::Evaluator;
use crate::value::UnknownId;

/// The filter of Git after which a file has another text where the repository is unlocked; what other filters encrypt
/// may be meant to be read as it is.
const GIT_CRYPT: &str = "git-crypt";

impl Evaluator {
    /// The bytes of a file as a value may hold them; `Err` with the reason if they are a secret.
    pub(crate) fn shown(&mut self, path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, UnknownId> {
        if let Some(why) = self.withheld(path, &bytes) {
            return Err(why);
        }
        match encrypting_filter(&bytes) {
            Some(GIT_CRYPT) => {
                let error = ReadError::Encrypted(GIT_CRYPT);
                Err(self.read_error(&path.to_string_lossy(), &error))
            }
            _ => Ok(bytes),
        }
    }
}
