//! How long scanning, parsing and lowering take, against rnix alone on the same texts in the same
//! run: `cargo bench -p nix-syntax -- [DIRECTORY]`. Without a directory it takes a generated
//! corpus. Each figure is the least of several rounds; both sides drop what they made.
#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let directory = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let texts = match &directory {
        Some(directory) => {
            let mut texts = Vec::new();
            read(Path::new(directory), &mut texts)?;
            texts
        }
        None => (0..200).map(module).collect(),
    };
    let bytes: usize = texts.iter().map(String::len).sum();
    let rounds = 20;
    let mut rnix = Duration::MAX;
    let mut ours = Duration::MAX;
    for _ in 0..rounds {
        rnix = rnix.min(time(&texts, |text| {
            drop(black_box(rnix::Root::parse(text)))
        }));
        ours = ours.min(time(&texts, |text| {
            drop(black_box(nix_syntax::parse(text)))
        }));
    }
    let arena: usize = texts
        .iter()
        .map(|text| size(&nix_syntax::parse(text).file))
        .sum();
    println!(
        "{} files, {bytes} bytes, least of {rounds} rounds",
        texts.len()
    );
    println!("rnix alone:  {rnix:?}");
    println!("parse:       {ours:?}");
    println!(
        "ratio:       {:.3}",
        ours.as_secs_f64() / rnix.as_secs_f64()
    );
    println!(
        "tree:        {:.2} bytes per byte of text",
        arena as f64 / bytes as f64
    );
    Ok(())
}

fn time(texts: &[String], work: impl Fn(&str)) -> Duration {
    let start = Instant::now();
    for text in texts {
        work(text);
    }
    start.elapsed()
}

/// Every `.nix` file below a directory that is UTF-8; no links are followed.
fn read(directory: &Path, texts: &mut Vec<String>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read(&path, texts)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "nix") {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
    Ok(())
}

/// A module as configurations have them.
fn module(number: usize) -> String {
    let mut out =
        String::from("{ config, lib, pkgs, ... }:\nlet\n  cfg = config.services;\nin\n{\n");
    for item in 0..30 {
        let _ = write!(
            out,
            "  # Service {item} of module {number}.\n  \
             services.app{item} = lib.mkIf cfg.enable{item} {{\n    \
               enable = true;\n    \
               package = pkgs.app{item};\n    \
               settings.port = {};\n    \
               extraArgs = [ \"--user\" \"app-${{toString {item}}}\" \"--verbose\" ];\n    \
               preStart = ''\n      mkdir -p /var/lib/app{item}\n      \
                 exec ${{pkgs.coreutils}}/bin/true\n    '';\n  \
             }};\n  \
             sops.secrets.\"app{item}/token\" = {{ owner = config.users.users.app{item}.name; mode = \"0400\"; }};\n",
            8000 + item
        );
    }
    out.push_str("}\n");
    out
}

/// What a tree takes, in bytes, spare capacity excluded.
fn size(file: &nix_syntax::hir::File) -> usize {
    fn of<T>(items: &[T]) -> usize {
        size_of_val(items)
    }
    let texts = file.names.iter().chain(file.strings.iter());
    of(&file.exprs)
        + of(&file.spans)
        + texts
            .map(|text| text.len() + size_of::<u32>())
            .sum::<usize>()
        + of(&file.children)
        + of(&file.parts)
        + of(&file.attr_names)
        + of(&file.selections)
        + of(&file.sets)
        + of(&file.bindings)
        + of(&file.dynamic_bindings)
        + of(&file.lambdas)
        + of(&file.formals)
}
