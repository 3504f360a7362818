//! The expectation where nobody states one: what is there is what should be there.

use std::path::Path;

use super::{Expected, Place, Reader, Scope, Secret, Use};
use crate::observe::list::Listing;

/// Adds the files that were found in a place.
pub(crate) fn add_listed(
    directory: &Path,
    place: Option<&Place>,
    listing: &Listing,
    reader: Option<&str>,
    expected: &mut Expected,
) {
    for file in &listing.files {
        let path = directory.join(&file.0);
        let name = file.0.to_string_lossy().into_owned();
        let (manager, scope, for_users) = match place {
            Some(place) => (Some(place.manager), place.scope.clone(), place.for_users),
            None => (None, Scope::System, false),
        };
        let attribute = place.map(|_| name.clone());
        let index = expected.secrets.len();
        expected.secrets.push(Secret {
            name,
            attribute,
            manager,
            scope,
            path,
            owner: None,
            group: None,
            mode: None,
            needed_for_users: for_users,
            discovered: true,
            encrypted: None,
        });
        if let (None, Some(user)) = (place, reader) {
            expected.readers.push(Reader {
                secret: index,
                user: user.to_owned(),
                via: None,
                usage: Use::Value,
            });
        }
    }
}
