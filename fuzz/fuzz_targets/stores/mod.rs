//! One store of sops on any bytes: no panic, every place in the file, nothing that is not encrypted without a
//! problem that says so, and an answer for every key.

use secret_files::{SopsFormat, describe_sops};

#[allow(dead_code, reason = "the target for all entry points uses all of it")]
#[path = "../../../crates/secret-files/tests/invariants/mod.rs"]
mod invariants;

pub(crate) fn check(format: SopsFormat, bytes: &[u8]) {
    let facts = describe_sops(format, bytes);
    invariants::check(&facts, bytes);
    for key in ["a/b", "sops", "", "db/password", "//", "0/1"] {
        let _ = facts.lookup(format, key);
    }
    // The verdict does not depend on anything but the bytes.
    assert_eq!(facts.state, describe_sops(format, bytes).state);
}
