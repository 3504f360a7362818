//! Whether it is known who reads each secret, and who else can.

mod answer;
mod copies;
mod mentioned_paths;
mod mentions;
mod nobody;
mod others;
mod processes;

use nix_eval::Workspace;

use crate::repository::GitIndex;
use inventory::model::Inventory;

pub(crate) use copies::copies;
pub(crate) use processes::processes;

/// Fills in the exposure of every secret; all readers of the inventory have been found. `git` is what Git tracks,
/// if that is known. Texts are searched on so many threads.
pub(crate) fn find(
    inventory: &mut Inventory,
    project: &Workspace,
    git: Option<&GitIndex>,
    threads: usize,
) {
    for host in &mut inventory.hosts {
        answer::templates(host);
        answer::answers(host);
    }
    nobody::nobody(inventory, project, git, threads);
    others::others(inventory);
}
