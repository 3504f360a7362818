//! The one place in memory where a secret's bytes are, for as long as they are looked at.

use std::os::fd::AsFd;

use region::LockGuard;
use rustix::io::Errno;
use zeroize::Zeroize as _;

/// How much of a file is looked at.
pub(crate) const EXAMINED: usize = 64 * 1024;

/// Memory that is locked where the system allows it, wiped after every use and never copied.
pub(crate) struct SecretBuffer {
    // The bytes go before the lock: dropped first, they are wiped while still locked.
    bytes: Wiped,
    _lock: Option<LockGuard>,
}

struct Wiped(Box<[u8]>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl SecretBuffer {
    /// A buffer for `capacity` bytes.
    pub(crate) fn new(capacity: usize) -> Self {
        let bytes = Wiped(vec![0_u8; capacity].into_boxed_slice());
        // Without the right to lock memory the check still works; core files are off anyway.
        let lock = region::lock(bytes.0.as_ptr(), bytes.0.len()).ok();
        Self { bytes, _lock: lock }
    }

    /// Reads a file from its start, as much as fits, shows it to `look`, and wipes it.
    ///
    /// # Errors
    ///
    /// If reading fails. What was read until then is wiped too.
    pub(crate) fn with_content<T>(
        &mut self,
        file: impl AsFd,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Errno> {
        let mut filled = 0;
        let outcome = loop {
            let Some(free) = self
                .bytes
                .0
                .get_mut(filled..)
                .filter(|free| !free.is_empty())
            else {
                break Ok(());
            };
            match rustix::io::read(&file, free) {
                Ok(0) => break Ok(()),
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(error) => break Err(error),
            }
        };
        let used = self.bytes.0.get_mut(..filled).unwrap_or_default();
        let result = outcome.map(|()| look(used));
        used.zeroize();
        result
    }
}

impl std::fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBuffer(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    #[test]
    fn reads_no_more_than_fits_and_leaves_nothing_behind() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[b'x'; 100]).unwrap();
        file.rewind().unwrap();
        let mut buffer = SecretBuffer::new(64);
        let length = buffer.with_content(&file, <[u8]>::len).unwrap();
        assert_eq!(length, 64);
        assert!(buffer.bytes.0.iter().all(|&byte| byte == 0));
    }

    #[test]
    fn says_nothing_about_its_bytes() {
        assert_eq!(format!("{:?}", SecretBuffer::new(8)), "SecretBuffer(..)");
    }
}
