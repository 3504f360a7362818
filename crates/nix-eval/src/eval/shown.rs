//! Which contents of files values may hold.

use std::path::Path;

use nix_source::{GIT_CRYPT, ReadError, encrypting_filter};

use super::evaluator::Evaluator;
use crate::value::UnknownId;

impl Evaluator {
    /// The bytes of a file as a value may hold them; `Err` with the reason if they are withheld, or encrypted here.
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
