//! Where sources of inputs may be on this machine: the one place that reads the environment for it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use extract::InputOptions;
use flake_lock::{DEFAULT_STORE, Override, OverrideOrigin};

use crate::cache::user_directory;
use crate::cli::inputs::SourceArguments;
use crate::config::Configuration;

/// The name of the directory of verified trees, in the directory of our caches.
const TREES: &str = "inputs";

/// Where sources may be, as arguments, configuration and environment say, in this order.
pub(crate) fn input_options(
    arguments: &SourceArguments,
    configuration: &Configuration,
) -> InputOptions {
    let given = arguments.overrides.iter().map(|it| Override {
        input: it.input.iter().map(|name| Arc::from(&**name)).collect(),
        directory: it.directory.clone(),
        origin: OverrideOrigin::CommandLine,
    });
    let configured = configuration.inputs.iter().cloned();
    InputOptions {
        overrides: given.chain(configured).collect(),
        store: Some(store()),
        cache: tree_directory(),
        nixpkgs: arguments.nixpkgs.clone(),
    }
}

/// The store: as for Nix, `NIX_STORE_DIR` or the usual one.
fn store() -> PathBuf {
    let named = std::env::var_os("NIX_STORE_DIR").map(PathBuf::from);
    let named = named.filter(|path| path.is_absolute());
    named.unwrap_or_else(|| PathBuf::from(DEFAULT_STORE))
}

/// The directory of the trees that `mcp-lint inputs fetch` verified; `None` on a machine without a
/// place for caches, or if others may write there.
pub(crate) fn tree_directory() -> Option<PathBuf> {
    let directory = user_directory()?;
    match directory.symlink_metadata() {
        // Where others could write, trees are not the ones that were verified.
        Ok(found) => is_private(&found).then(|| directory.join(TREES)),
        Err(_) => Some(directory.join(TREES)),
    }
}

/// Whether a directory belongs to this user, and nobody else can write into it.
fn is_private(found: &Metadata) -> bool {
    let is_ours = found.uid() == rustix::process::geteuid().as_raw();
    found.is_dir() && is_ours && found.mode() & 0o022 == 0
}
