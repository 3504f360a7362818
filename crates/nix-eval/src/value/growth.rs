//! How tables grow.

/// A table from this length on grows by more than it needs: pages that nothing is written to take no
/// memory, but to copy the table does.
const LARGE: usize = 1 << 15;

/// The most elements by which a table grows beyond twice its length.
const MUCH: usize = 1 << 22;

/// Makes room for so many more elements.
#[inline]
pub(crate) fn make_room<T>(table: &mut Vec<T>, more: usize) {
    if table.capacity() - table.len() < more {
        grow(table, more);
    }
}

#[cold]
fn grow<T>(table: &mut Vec<T>, more: usize) {
    let len = table.len();
    if len < LARGE {
        table.reserve(more);
    } else {
        let plenty = len.saturating_mul(15).min(MUCH).max(len);
        table.reserve_exact(plenty.max(more));
    }
}
