//! What a result depends on, as the name of its entry.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::directory::FILES;
use super::manifest::Manifest;
use crate::cli::check::CheckArguments;
use crate::config::Configuration;
use crate::policy::Policy;

/// Counts the changes of the key and of what is kept.
pub(super) const FORMAT: &str = "mcp-lint cache 4";

/// A hash of parts that cannot run into each other.
#[derive(Debug, Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    fn add_all<T: AsRef<[u8]>>(&mut self, parts: &[T]) {
        self.0.update((parts.len() as u64).to_le_bytes());
        for part in parts {
            self.add(part.as_ref());
        }
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The key of a run of `check`.
pub(super) fn key(
    arguments: &CheckArguments,
    configuration: &Configuration,
    policy: &Policy,
    root: &Path,
    manifest: &Manifest,
    inputs: &[String],
) -> Option<String> {
    let mut hasher = Hasher::default();
    hasher.add(FORMAT.as_bytes());
    hasher.add(env!("MCP_LINT_VERSION").as_bytes());
    program(&mut hasher)?;
    hasher.add(root.as_os_str().as_bytes());
    hasher.add(&manifest.digest);
    // Trees of inputs never change: which of them are here is enough.
    hasher.add_all(inputs);
    hasher.add(&[u8::from(arguments.input.sources.require_inputs)]);
    for path in &arguments.input.paths {
        hasher.add(path.canonicalize().ok()?.as_os_str().as_bytes());
    }
    hasher.add_all(&arguments.input.hosts);
    hasher.add(format!("{:?}", arguments.input.threads.limits.limits()).as_bytes());
    hasher.add_all(&arguments.select);
    hasher.add_all(&arguments.ignore);
    let levels = (
        arguments.pedantic,
        arguments.fail_on,
        arguments.more.min_confidence,
    );
    hasher.add(format!("{levels:?}").as_bytes());
    // The directory of the configuration file is what its globs are relative to.
    if let Some(source) = &configuration.source {
        hasher.add(source.directory.as_os_str().as_bytes());
        hasher.add(source.text.as_bytes());
    }
    policy.describe(&mut |part| hasher.add(part));
    if let Some(overlay) = &arguments.input.overlay {
        hasher.add(overlay.path.as_os_str().as_bytes());
        hasher.add(overlay.text.as_bytes());
    }
    Some(hex(&hasher.finish()))
}

/// The name of what is known of the files of the project at a root.
pub(super) fn of_files(root: &Path) -> String {
    let mut hasher = Hasher::default();
    hasher.add(b"files");
    hasher.add(root.as_os_str().as_bytes());
    hex(&hasher.finish()) + FILES
}

/// The file of this program: one that was built anew has the same version.
fn program(hasher: &mut Hasher) -> Option<()> {
    let path = std::env::current_exe().ok()?;
    let metadata = path.metadata().ok()?;
    let of_file = (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    hasher.add(path.as_os_str().as_bytes());
    hasher.add(format!("{of_file:?}").as_bytes());
    Some(())
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
