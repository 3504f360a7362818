//! The coverage for people.

use std::io::{self, Write};

use extract::Coverage;
use inventory::{Inventory, Span};
use nix_eval::Workspace;

use super::gap_list;
use super::place::place;
use super::style::{FAINT, STRONG, styled};
use super::table::{Table, painted};
use super::width::Width;
use crate::display::escape;
use crate::report::Names;

/// How many names of a list are shown; JSON has them all.
const SHOWN: usize = 10;

/// Writes the figures, what is missing, and the commonest reasons.
pub(crate) fn render(
    coverage: &Coverage,
    inventory: &Inventory,
    project: &Workspace,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::for_people(project.project_root());
    gap_list::render(inventory, project.sources(), &names, width, out)?;
    let at = |span: Span| {
        place(project.sources(), &names, span)
            .map(|at| format!("{}:{}", escape(&at.file), at.line))
            .unwrap_or_default()
    };
    figures(coverage, out)?;
    writeln!(out, "\n{}", styled(STRONG, "Configurations and modules"))?;
    let numbers = inventory.configurations();
    let evaluated = match numbers.defined {
        Some(defined) => share(numbers.evaluated, defined),
        None => format!("{:>6} of ?", numbers.evaluated),
    };
    row(out, "configurations evaluated", &evaluated)?;
    let alone = { inventory.hosts.iter() }
        .filter(|host| host.is_module())
        .count();
    row(out, "modules inspected on their own", &alone.to_string())?;
    row(
        out,
        "modules they load",
        &coverage.modules_reached.to_string(),
    )?;
    let not_reached = coverage.modules_not_reached.len();
    row(out, "modules that none loads", &not_reached.to_string())?;
    let failed = coverage
        .failed_hosts
        .iter()
        .map(|(attribute, reason)| format!("{}: {}", escape(attribute), escape(reason)));
    list(out, width, "Not evaluated", failed.collect())?;
    let missing = coverage.missing.iter().map(|declaration| {
        let attribute = nix_syntax::quote::attribute_name(&declaration.attribute);
        let option = declaration.option;
        format!("{option}.{} · {}", escape(&attribute), at(declaration.at))
    });
    list(
        out,
        width,
        "Declared, and not in the inventory",
        missing.collect(),
    )?;
    let modules = coverage.modules_not_reached.iter();
    let modules = modules.map(|path| escape(&names.of(path)));
    list(
        out,
        width,
        "Modules that no configuration loads",
        modules.collect(),
    )?;
    if coverage.reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", styled(STRONG, "Why values are not known"))?;
    let mut table = Table::new(width, &["times", "why, and where"]);
    for reason in &coverage.reasons {
        let places: Vec<String> = reason.places.iter().map(|span| at(*span)).collect();
        let count = format!("{:>5}", reason.count);
        table.row([count, escape(&reason.reason)]);
        if !places.is_empty() {
            table.below(&painted(FAINT, &places.join(", ")));
        }
    }
    table.keep_whole(0);
    table.write(out)
}

fn figures(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let found = coverage.figures;
    writeln!(out, "{}", styled(STRONG, "Secrets that the files declare"))?;
    row(out, "declared", &found.written.to_string())?;
    let rows = [
        ("in the inventory", found.found, found.written),
        ("  on configurations", found.on_hosts, found.found),
        ("  switched off", found.switched_off, found.found),
        (
            "  in files that nothing loads",
            found.not_loaded,
            found.found,
        ),
        ("path known", found.path, found.found),
        ("owner known", found.owner, found.found),
        ("group known", found.group, found.found),
        ("mode known", found.mode, found.found),
        ("file known", found.file, found.found),
        (
            "path, owner, mode and file known",
            found.resolved,
            found.found,
        ),
    ];
    for (title, count, of) in rows {
        row(out, title, &share(count, of))?;
    }
    if found.external_file > 0 {
        row(
            out,
            "file in another repository",
            &share(found.external_file, found.found),
        )?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, title: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{title:<33} {value:>6}")
}

/// `46 of 49 (93.9 %)`
fn share(count: usize, of: usize) -> String {
    if of == 0 {
        return count.to_string();
    }
    // Tenths of a per cent, rounded down: 100 % is said of all only.
    let tenths = count * 1000 / of;
    format!("{count:>6} of {of} ({}.{} %)", tenths / 10, tenths % 10)
}

fn list(out: &mut dyn Write, width: Width, title: &str, items: Vec<String>) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", styled(STRONG, title))?;
    for item in items.iter().take(SHOWN) {
        writeln!(out, "{}", width.line(item))?;
    }
    if items.len() > SHOWN {
        let more = format!("and {} more (--format json lists all)", items.len() - SHOWN);
        writeln!(out, "{}", styled(FAINT, &more))?;
    }
    Ok(())
}
