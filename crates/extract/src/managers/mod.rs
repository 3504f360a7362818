//! Secret managers: one file each, with what others ask of it, and what turns the options of its schema into
//! secrets.

pub(crate) mod agenix;
pub(crate) mod agenix_rekey;
mod declared;
pub(crate) mod descriptor;
pub(crate) mod sops_nix;

use std::sync::LazyLock;

use nix_eval::Evaluator;

pub(crate) use declared::{Extracted, OptionRoot};
pub(crate) use descriptor::Descriptor;
use inventory::model::Manager;

/// Every manager, sorted by name.
pub(crate) const DESCRIPTORS: &[Descriptor] = &[agenix::DESCRIPTOR, sops_nix::DESCRIPTOR];

/// The facts about every manager, sorted by name.
pub static MANAGERS: LazyLock<Vec<&'static Manager>> =
    LazyLock::new(|| DESCRIPTORS.iter().map(|it| it.manager).collect());

/// The secrets, keys and problems of all managers.
pub(crate) fn extract(evaluator: &mut Evaluator, root: OptionRoot<'_>) -> Extracted {
    let mut extracted = Extracted::default();
    for descriptor in DESCRIPTORS {
        (descriptor.extract)(evaluator, root, &mut extracted);
    }
    extracted
}
