//! The coverage as one JSON document: see `docs/schemas/coverage.schema.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use extract::{Coverage, Figures};
use inventory::{Declaration, Inventory};
use nix_eval::Workspace;
use serde::Serialize;

use super::document;
use super::inventory_json::gap;
use super::place::{Place, place};
use crate::report::Names;
use crate::report_summary::Gap;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    root: String,
    secrets: FiguresEntry,
    missing: Vec<DeclarationEntry<'a>>,
    unresolved: Vec<UnresolvedEntry<'a>>,
    hosts: HostsEntry<'a>,
    modules: ModulesEntry,
    reasons: Vec<ReasonEntry<'a>>,
    gaps: Vec<inventory_schema::Gap>,
}

#[derive(Serialize)]
struct FiguresEntry {
    declared: usize,
    found: usize,
    on_hosts: usize,
    switched_off: usize,
    not_loaded: usize,
    path: usize,
    owner: usize,
    group: usize,
    mode: usize,
    file: usize,
    external_file: usize,
    resolved: usize,
}

#[derive(Serialize)]
struct DeclarationEntry<'a> {
    option: &'static str,
    attribute: &'a str,
    at: Option<Place>,
}

#[derive(Serialize)]
struct UnresolvedEntry<'a> {
    #[serde(flatten)]
    declaration: DeclarationEntry<'a>,
    unknown: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct HostsEntry<'a> {
    defined: Option<usize>,
    evaluated: usize,
    hollow: usize,
    failed: Vec<FailedEntry<'a>>,
}

#[derive(Serialize)]
struct FailedEntry<'a> {
    attribute: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct ModulesEntry {
    reached: usize,
    not_reached: Vec<String>,
}

#[derive(Serialize)]
struct ReasonEntry<'a> {
    reason: &'a str,
    count: usize,
    places: Vec<Place>,
}

/// Writes the document.
pub(crate) fn render(
    coverage: &Coverage,
    inventory: &Inventory,
    project: &Workspace,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::in_project(project.project_root());
    let sources = project.sources();
    let declaration = |found: &'_ Declaration| place(sources, &names, found.at);
    let document = Document {
        schema: 1,
        root: project.project_root().to_string_lossy().into_owned(),
        secrets: figures(coverage.figures),
        missing: coverage
            .missing
            .iter()
            .map(|found| DeclarationEntry {
                option: found.option,
                attribute: &found.attribute,
                at: declaration(found),
            })
            .collect(),
        unresolved: coverage
            .unresolved
            .iter()
            .map(|found| UnresolvedEntry {
                declaration: DeclarationEntry {
                    option: found.declaration.option,
                    attribute: &found.declaration.attribute,
                    at: declaration(&found.declaration),
                },
                unknown: found
                    .unknown
                    .iter()
                    .map(|(field, why)| (*field, why.reason.to_string()))
                    .collect(),
            })
            .collect(),
        hosts: HostsEntry {
            defined: inventory.configurations().defined,
            evaluated: inventory.configurations().evaluated,
            hollow: inventory.configurations().hollow,
            failed: coverage
                .failed_hosts
                .iter()
                .map(|(attribute, reason)| FailedEntry { attribute, reason })
                .collect(),
        },
        modules: ModulesEntry {
            reached: coverage.modules_reached,
            not_reached: coverage
                .modules_not_reached
                .iter()
                .map(|path| names.of(path))
                .collect(),
        },
        reasons: coverage
            .reasons
            .iter()
            .map(|reason| ReasonEntry {
                reason: &reason.reason,
                count: reason.count,
                places: reason
                    .places
                    .iter()
                    .filter_map(|at| place(sources, &names, *at))
                    .collect(),
            })
            .collect(),
        gaps: { Gap::all(inventory).into_iter() }
            .map(|entry| gap(&entry, sources, &names))
            .collect(),
    };
    document::write(&document, out)
}

const fn figures(figures: Figures) -> FiguresEntry {
    FiguresEntry {
        declared: figures.written,
        found: figures.found,
        on_hosts: figures.on_hosts,
        switched_off: figures.switched_off,
        not_loaded: figures.not_loaded,
        path: figures.path,
        owner: figures.owner,
        group: figures.group,
        mode: figures.mode,
        file: figures.file,
        external_file: figures.external_file,
        resolved: figures.resolved,
    }
}
