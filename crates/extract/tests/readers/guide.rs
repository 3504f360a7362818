//! The configurations of the Secret Management Guide.

use std::path::Path;

use inventory::{McpStatus, Readable};

use crate::support::{project, seen};

#[test]
fn who_the_guide_lets_read_can_read() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guide");
    let entries = std::fs::read_dir(&guide).expect("the guide");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.retain(|path| path.is_dir());
    names.sort();
    assert!(names.len() >= 9, "{names:?}");
    for path in names {
        let (inventory, sources) = project(&path, &[]);
        let found = seen(inventory, &sources);
        for reader in &found.readers {
            assert_ne!(
                reader.readable,
                Readable::No,
                "{}: {reader:?}",
                path.display()
            );
            assert_eq!(reader.moment, "session", "{}: {reader:?}", path.display());
        }
        let servers = found.host.mcp.iter().flat_map(|mcp| &mcp.servers);
        let available = servers
            .filter(|server| server.status == McpStatus::Available)
            .count();
        let secrets = found
            .readers
            .iter()
            .filter(|reader| reader.readable == Readable::Yes)
            .count();
        assert_eq!(available, secrets, "{}", path.display());
    }
}
