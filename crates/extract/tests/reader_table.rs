//! The page of the book that lists the table of readers is made from the data file. `UPDATE=1`
//! writes it.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use std::fmt::Write as _;
use std::path::Path;

use extract::READER_TABLE;

#[test]
fn the_page_of_the_table_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/readers/table.md");
    let text = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).expect("a writable book");
    }
    let now = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        now == text,
        "docs/src/readers/table.md is out of date: run UPDATE=1 cargo test -p mcp-lint-extract --test reader_table"
    );
}

fn page() -> String {
    let mut page = String::from(
        "<!-- Made from crates/extract/data/readers.tsv: change it there. -->\n\
         # The table of options\n\n\
         Who opens the file that an option of a NixOS module names. An option that is not here has an unknown\n\
         reader, and no finding rests on it.\n\n\
         `<name>` is any attribute, `*` any element of a list or part of a name, `**` any attributes in between.\n\
         *Opened by* is the user of the process: where an option decides it, the option stands after the\n\
         default. `EnvironmentFile`, `credential` and `privileged step` are opened by root, whoever the unit runs as.\n\
         A ? after the user: the module was not read, so no finding rests on the row. A ? alone: it depends on the release.\n\
         Where rows are for some releases, `flake.lock` says which one counts: by the branch of nixpkgs, or by its date.\n\n\
         Read from `nixos/modules` of nixpkgs at commit 4aa6836a648c (mid-2026), and from the projects of other modules.\n\n\
         | option | unit | opened by | how | releases |\n|---|---|---|---|---|\n",
    );
    let rows = READER_TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for row in rows.skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let unit = match columns[1] {
            "-" => String::new(),
            unit => format!("`{unit}`"),
        };
        let (how, as_root) = match columns[6] {
            "environment-file" => ("EnvironmentFile", true),
            "credential" => ("credential", true),
            "root-step" => ("privileged step", true),
            "activation" => ("activation", true),
            "bootloader" => ("boot loader", true),
            "container-engine" => ("container engine", false),
            _ => ("process", false),
        };
        writeln!(
            page,
            "| `{}` | {unit} | {} | {how} | {} |",
            columns[0],
            user(&columns, as_root),
            releases(columns[9])
        )
        .expect("a string");
    }
    page
}

/// `until 25.11`, `since 26.05`; empty for all.
fn releases(range: &str) -> String {
    match range.split_once('-') {
        Some(("", "")) => String::new(),
        Some(("", until)) => format!("until {until}"),
        Some((since, "")) => format!("since {since}"),
        Some((since, until)) => format!("{since} to {until}"),
        None => range.to_owned(),
    }
}

fn user(columns: &[&str], as_root: bool) -> String {
    let mark = if columns[8] == "inferred" { " ?" } else { "" };
    if as_root {
        return format!("root{mark}");
    }
    let user = match columns[2] {
        "-" => return "?".to_owned(),
        "dynamic" => "a dynamic user".to_owned(),
        user => match user.strip_prefix("dynamic:") {
            Some(name) => format!("`{name}`, dynamic"),
            None => format!("`{user}`"),
        },
    };
    match (columns[3], columns[3].strip_prefix('!')) {
        ("-", _) => format!("{user}{mark}"),
        (_, Some(option)) => format!("{user}, root if `{option}` is false{mark}"),
        (option, None) => format!("{user}, `{option}`{mark}"),
    }
}
