//! From a use to the declaration, to the key in the encrypted file, and back.

use gen_lsp_types::Location;

use super::analyse::Snapshot;
use super::index::{Occurrence, Role};
use super::view::View;

/// Where a secret is declared and kept; from its declaration, where it is kept; from there, where it
/// is declared.
pub(crate) fn definition(
    view: &View<'_>,
    snapshot: &Snapshot,
    found: &Occurrence,
) -> Vec<Location> {
    let wanted: &[Role] = match found.role {
        Role::Use => &[Role::Declaration, Role::Key],
        Role::Declaration => &[Role::Key],
        Role::Key => &[Role::Declaration],
    };
    let places = snapshot.index.of(&found.name);
    let mut places: Vec<&Occurrence> = places
        .filter(|place| wanted.contains(&place.role))
        .collect();
    // A declaration without a key is its own definition.
    if places.is_empty() {
        places.push(found);
    }
    places.sort_by_key(|place| (place.role, place.at));
    locations(view, snapshot, &places)
}

/// Everything that reads or names a secret, with its declarations and keys if asked for.
pub(crate) fn references(
    view: &View<'_>,
    snapshot: &Snapshot,
    found: &Occurrence,
    with_declaration: bool,
) -> Vec<Location> {
    let places = snapshot.index.of(&found.name);
    let places: Vec<&Occurrence> = places
        .filter(|place| with_declaration || place.role == Role::Use)
        .collect();
    locations(view, snapshot, &places)
}

fn locations(view: &View<'_>, snapshot: &Snapshot, places: &[&Occurrence]) -> Vec<Location> {
    let mut locations: Vec<Location> = Vec::new();
    for place in places {
        if let Some(location) = view.location(snapshot, place.at)
            && !locations.contains(&location)
        {
            locations.push(location);
        }
    }
    locations
}
