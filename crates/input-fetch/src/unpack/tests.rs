//! Archives as they should not be.

use std::io::{Seek as _, Write as _};

use tar::{Builder, Header};

use super::*;

/// An archive of these entries: kind, path, content or target.
fn archive(entries: &[(EntryType, &str, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (kind, path, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        // The builder refuses such names; an attacker does not.
        let name = &mut header.as_old_mut().name;
        for (slot, byte) in name.iter_mut().zip(path.bytes()) {
            *slot = byte;
        }
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        let data: &[u8] = if is_link { b"" } else { content.as_bytes() };
        if is_link {
            for (slot, byte) in header.as_old_mut().linkname.iter_mut().zip(content.bytes()) {
                *slot = byte;
            }
        }
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).expect("an entry");
    }
    builder.into_inner().expect("an archive")
}

struct Unpacked {
    result: Result<(), FetchError>,
    folder: tempfile::TempDir,
}

impl Unpacked {
    fn of(bytes: &[u8], limits: &Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let into = folder.path().join("in/to");
        std::fs::create_dir_all(&into).expect("a folder");
        std::fs::write(folder.path().join("in/outside"), "outside").expect("a file");
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        let result = unpack(&mut file, &into, limits);
        let outside = std::fs::read_to_string(folder.path().join("in/outside"));
        assert_eq!(outside.expect("a file"), "outside");
        let around = std::fs::read_dir(folder.path().join("in")).expect("a folder");
        assert_eq!(around.count(), 2, "something was written outside");
        Self { result, folder }
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("in/to").join(path)).expect("a file")
    }
}

fn with_defaults(entries: &[(EntryType, &str, &str)]) -> Unpacked {
    Unpacked::of(&archive(entries), &Limits::default())
}

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

#[test]
fn trees_come_out_as_they_are() {
    let unpacked = with_defaults(&[
        (
            EntryType::XGlobalHeader,
            "pax_global_header",
            "52 comment=abc\n",
        ),
        (EntryType::Directory, "tree/", ""),
        (FILE, "tree/a/b/file", "text"),
        (LINK, "tree/link", "a/b/file"),
        (LINK, "tree/out", "/etc/passwd"),
        (EntryType::Link, "tree/same", "tree/a/b/file"),
        (FILE, "./tree/twice", "first"),
        (FILE, "tree/twice", "second"),
    ]);
    unpacked.result.as_ref().expect("unpacked");
    assert_eq!(unpacked.text("tree/a/b/file"), "text");
    assert_eq!(unpacked.text("tree/link"), "text");
    assert_eq!(unpacked.text("tree/same"), "text");
    assert_eq!(unpacked.text("tree/twice"), "second");
    let out = unpacked.folder.path().join("in/to/tree/out");
    assert_eq!(out.read_link().expect("a link"), Path::new("/etc/passwd"));
    let file = out.with_file_name("same").metadata().expect("a file");
    assert_eq!(file.permissions().mode() & 0o777, 0o755);
}

#[test]
fn no_entry_leaves_the_directory() {
    for entries in [
        &[(FILE, "../outside", "x")][..],
        &[(FILE, "/tmp/mcp-lint-outside", "x")],
        &[(FILE, "a/../../outside", "x")],
        &[(LINK, "up", ".."), (FILE, "up/outside", "x")],
        &[(LINK, "up", ".."), (EntryType::Directory, "up/made", "")],
        &[(LINK, "up", ".."), (LINK, "up/link", "x")],
        &[
            (LINK, "file", "../outside"),
            (EntryType::Link, "copy", "file"),
        ],
        &[(EntryType::Link, "copy", "../outside")],
        &[(EntryType::Link, "copy", "/etc/passwd")],
        &[(EntryType::Directory, "d", ""), (FILE, "d", "x")],
        &[(FILE, "d", "x"), (FILE, "d/file", "x")],
        &[(FILE, "", "x")],
        &[(FILE, ".", "x")],
        &[(EntryType::Fifo, "pipe", "")],
        &[(EntryType::Char, "device", "")],
        &[(EntryType::Block, "device", "")],
    ] {
        let unpacked = with_defaults(entries);
        let is_refused = matches!(unpacked.result, Err(FetchError::Entry(_)));
        assert!(is_refused, "{entries:?} {:?}", unpacked.result);
    }
    assert!(!Path::new("/tmp/mcp-lint-outside").exists());
}

#[test]
fn a_link_that_is_replaced_is_not_followed() {
    let unpacked = with_defaults(&[(LINK, "name", "../outside"), (FILE, "name", "inside")]);
    unpacked.result.as_ref().expect("unpacked");
    assert_eq!(unpacked.text("name"), "inside");
}

#[test]
fn bounds_hold() {
    let limits = Limits {
        download: 1 << 20,
        unpacked: 1 << 20,
        entries: 100,
    };
    let names: Vec<String> = (0..101).map(|n| format!("f{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| (FILE, &**name, "")).collect();
    let unpacked = Unpacked::of(&archive(&many), &limits);
    assert!(matches!(
        unpacked.result,
        Err(FetchError::TooManyEntries(100))
    ));
    // Directories that only paths name count as well.
    let names: Vec<String> = (0..60).map(|n| format!("d{n}/e/f")).collect();
    let deep: Vec<_> = names.iter().map(|name| (FILE, &**name, "")).collect();
    let unpacked = Unpacked::of(&archive(&deep), &limits);
    assert!(matches!(
        unpacked.result,
        Err(FetchError::TooManyEntries(100))
    ));
    // Zeros that gzip makes small.
    let zeros = "\0".repeat(2 << 20);
    let bomb = gzip(&archive(&[(FILE, "zeros", &zeros)]));
    assert!(bomb.len() < 10_000);
    let unpacked = Unpacked::of(&bomb, &limits);
    assert!(
        matches!(unpacked.result, Err(FetchError::TooLarge(_))),
        "{:?}",
        unpacked.result
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).expect("written");
    gzip.finish().expect("compressed")
}

#[test]
fn damaged_archives_are_errors() {
    let whole = archive(&[(FILE, "file", &"text".repeat(1000))]);
    for damaged in [
        whole.get(..1000).expect("a part").to_vec(),
        vec![b'x'; 2048],
        gzip(&whole).get(..60).expect("a part").to_vec(),
    ] {
        let unpacked = Unpacked::of(&damaged, &Limits::default());
        assert!(unpacked.result.is_err());
    }
    let zip = Unpacked::of(b"PK\x03\x04....", &Limits::default());
    assert!(matches!(zip.result, Err(FetchError::Compression)));
}
