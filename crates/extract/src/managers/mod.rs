//! Secret managers: one file each, with what others ask of it, and what turns the options of its schema into
//! secrets.

pub(crate) mod agenix;
pub(crate) mod agenix_rekey;
mod declared;
pub(crate) mod descriptor;
mod misspelt;
pub(crate) mod sops_nix;

use std::sync::LazyLock;

use nix_eval::Evaluator;

pub(crate) use declared::{Extracted, OptionRoot};
pub(crate) use descriptor::Descriptor;
use inventory::model::{Manager, Problem};

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
        let misspelt = misspelt::find(evaluator, root.config, descriptor.manager, root.prefix);
        let is_new = |problem: &Problem| !extracted.problems.contains(problem);
        let new: Vec<Problem> = misspelt.into_iter().filter(is_new).collect();
        extracted.problems.extend(new);
    }
    extracted
}
