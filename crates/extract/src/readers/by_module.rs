//! One reader is known in one way: what the module of an option does with it counts more than the table.

use inventory::model::{Readable, Reader, ReaderOrigin, Via};

/// Leaves out what is known of options where their modules say who reads.
pub(crate) fn prefer_modules(readers: &mut Vec<Reader>) {
    let (by_module, others): (Vec<Reader>, Vec<Reader>) =
        { readers.drain(..) }.partition(|reader| reader.from == ReaderOrigin::Module);
    let others: Vec<Reader> = { others.into_iter() }
        .filter(|other| !by_module.iter().any(|reader| replaces(reader, other)))
        .collect();
    // What a module leaves open, the table may know.
    let is_open = |reader: &Reader| {
        let mut rows = others.iter().filter(|row| row.secret == reader.secret);
        !is_decided(reader)
            && rows
                .any(|row| is_decided(row) && is_of_option(row) && unit_of(row) == unit_of(reader))
    };
    let by_module = by_module.into_iter().filter(|reader| !is_open(reader));
    readers.extend(by_module);
    readers.extend(others);
}

/// Whether a reader that a module gives stands for what is known of an option without it: the same unit, or
/// anything decided where that is not.
fn replaces(by_module: &Reader, other: &Reader) -> bool {
    is_of_option(other)
        && other.from != ReaderOrigin::User
        && other.secret.is_some()
        && other.secret == by_module.secret
        && is_decided(by_module)
        && (!is_decided(other) || unit_of(other).is_none() || unit_of(by_module) == unit_of(other))
}

fn is_decided(reader: &Reader) -> bool {
    reader.verdict.readable != Readable::Unknown
}

pub(crate) const fn is_of_option(reader: &Reader) -> bool {
    matches!(reader.via, Via::Option { .. })
}

/// The unit that a reader is.
fn unit_of(reader: &Reader) -> Option<&str> {
    match &reader.via {
        Via::Unit { name, .. } => Some(name),
        Via::Option { unit, .. } => unit.as_deref(),
        _ => None,
    }
}
