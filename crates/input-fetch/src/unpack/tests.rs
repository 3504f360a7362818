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

#[test]
fn what_is_written_counts_whatever_the_entry() {
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    let content = "x".repeat(400 << 10);
    let names: Vec<String> = (0..3).map(|n| format!("l{n}")).collect();
    let mut entries = vec![(FILE, "f", &*content)];
    entries.extend(names.iter().map(|name| (EntryType::Link, &**name, "f")));
    let unpacked = Unpacked::of(&archive(&entries), &limits);
    assert!(
        matches!(unpacked.result, Err(FetchError::TooLarge(_))),
        "{:?}",
        unpacked.result
    );
    // A name of each that was written before is room that is taken.
    let of_links: Vec<_> = entries.iter().take(2).copied().collect();
    let unpacked = Unpacked::of(&archive(&of_links), &limits);
    unpacked.result.as_ref().expect("unpacked");
    assert_eq!(unpacked.text("l0"), content);
}

#[test]
fn names_and_headers_are_bounded_before_they_are_read() {
    // The size alone says it: nothing of that size ever comes.
    for kind in [
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
    ] {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(900 << 20);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.resize(1 << 20, b'a');
        let unpacked = Unpacked::of(&bytes, &Limits::default());
        let error = unpacked.result.expect_err("refused").to_string();
        assert!(error.contains("943718400 bytes"), "{kind:?} {error}");
    }
    // A sparse file says in as many blocks as it wants what it has where.
    let sparse = with_defaults(&[(EntryType::GNUSparse, "sparse", "")]);
    assert!(matches!(sparse.result, Err(FetchError::Entry(_))));
    let long = format!("{}\0", "a/".repeat(2100));
    let unpacked = with_defaults(&[
        (EntryType::GNULongName, "././@LongLink", &long),
        (FILE, "short", ""),
    ]);
    assert!(matches!(unpacked.result, Err(FetchError::Entry(_))));
}

#[test]
fn paths_of_all_entries_together_are_bounded() {
    let mut builder = Builder::new(Vec::new());
    let deep = "d".repeat(200);
    let deep = [&*deep; 19].join("/");
    for n in 0..20_000 {
        let long = format!("{deep}/{n}");
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::GNULongName);
        header.set_size(long.len() as u64);
        header.set_cksum();
        builder.append(&header, long.as_bytes()).expect("an entry");
        let mut header = Header::new_gnu();
        header.set_entry_type(LINK);
        header.set_link_name("x").expect("a name");
        header.set_size(0);
        header.set_cksum();
        builder.append(&header, &[][..]).expect("an entry");
    }
    let bytes = builder.into_inner().expect("an archive");
    let unpacked = Unpacked::of(&bytes, &Limits::default());
    assert!(
        matches!(unpacked.result, Err(FetchError::PathsTooLong(_))),
        "{:?}",
        unpacked.result
    );
}

#[test]
fn names_that_come_before_their_entry_are_used() {
    let long = format!("tree/{}", "n".repeat(200));
    let target = "t".repeat(150);
    let pax = |key: &str, value: &str| {
        let line = format!(" {key}={value}\n");
        let length = (line.len()..).find(|n| n.to_string().len() + line.len() == *n);
        format!("{}{line}", length.expect("a length"))
    };
    let gnu = [long.clone() + "\0", target.clone() + "\0"];
    let described = pax("path", &long) + &pax("linkpath", &target) + &pax("mtime", "1.5");
    for before in [
        &[
            (EntryType::GNULongName, "././@LongLink", &*gnu[0]),
            (EntryType::GNULongLink, "././@LongLink", &*gnu[1]),
        ][..],
        &[(EntryType::XHeader, "PaxHeaders/x", &*described)],
    ] {
        let mut entries = before.to_vec();
        entries.extend([(LINK, "short", "cut"), (FILE, "tree/next", "own name")]);
        let unpacked = with_defaults(&entries);
        unpacked.result.as_ref().expect("unpacked");
        let link = unpacked.folder.path().join("in/to").join(&long);
        assert_eq!(link.read_link().expect("a link"), Path::new(&target));
        assert_eq!(unpacked.text("tree/next"), "own name");
        // A description of nothing.
        let unpacked = with_defaults(before);
        assert!(matches!(unpacked.result, Err(FetchError::Archive(_))));
        // A name that leaves the directory is one wherever it is written.
        let out = pax("path", "../outside");
        let unpacked = with_defaults(&[(EntryType::XHeader, "x", &out), (FILE, "in", "x")]);
        assert!(matches!(unpacked.result, Err(FetchError::Entry(_))));
    }
    for (size, is_refused) in [("4", false), ("3", true), ("99999999999", true)] {
        let size = pax("size", size);
        let unpacked = with_defaults(&[(EntryType::XHeader, "x", &size), (FILE, "f", "text")]);
        assert_eq!(unpacked.result.is_err(), is_refused, "{size}");
    }
}
