//! Secrets and hosts of all projects, by name.

use gen_lsp_types::{BaseSymbolInformation, SymbolKind, WorkspaceSymbol};

use super::analyse::Snapshot;
use super::index::Role;
use super::view::View;
use crate::display::escape;

/// More are not sent.
const MOST: usize = 500;

/// The secrets at their declarations, and the hosts, whose names have these letters in this order.
pub(crate) fn symbols(
    view: &View<'_>,
    snapshots: &[&Snapshot],
    query: &str,
) -> Vec<WorkspaceSymbol> {
    let mut found: Vec<WorkspaceSymbol> = Vec::new();
    let symbol = |name: &str, kind, container: &str, location| WorkspaceSymbol {
        location,
        data: None,
        base_symbol_information: BaseSymbolInformation {
            name: escape(name),
            kind,
            tags: None,
            container_name: Some(escape(container)),
        },
    };
    for snapshot in snapshots {
        let hosts = snapshot.inventory.hosts.iter();
        for host in hosts.filter(|host| is_like(&host.name, query)) {
            if let Some(location) = host.at.and_then(|at| view.location(snapshot, at)) {
                let kind = SymbolKind::Namespace;
                found.push(symbol(&host.name, kind, &host.attribute, location.into()));
            }
        }
        let names = snapshot.index.names();
        for name in names.filter(|name| is_like(&name.attribute, query)) {
            let places = snapshot.index.of(name);
            for place in places.filter(|place| place.role == Role::Declaration) {
                if let Some(location) = view.location(snapshot, place.at) {
                    let kind = SymbolKind::Key;
                    found.push(symbol(&name.attribute, kind, name.option, location.into()));
                }
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

/// Whether a name has the letters of a query in their order, upper and lower case being the same.
fn is_like(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut wanted = query.chars().filter(|c| !c.is_whitespace());
    wanted.all(|wanted| {
        wanted
            .to_lowercase()
            .all(|wanted| letters.any(|letter| letter == wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn letters_in_their_order() {
        for query in ["", "git", "GHT", "github token", "gt"] {
            assert!(is_like("github_Token", query), "{query}");
        }
        for query in ["x", "tokengit", "gg"] {
            assert!(!is_like("github_Token", query), "{query}");
        }
    }
}
