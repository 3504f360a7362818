//! Whether it is known who reads each secret, and who else can.

mod answer;

use inventory::model::Inventory;

/// Fills in the exposure of every secret; all readers of the inventory have been found.
pub(crate) fn find(inventory: &mut Inventory) {
    for host in &mut inventory.hosts {
        answer::templates(host);
        answer::answers(host);
    }
}
