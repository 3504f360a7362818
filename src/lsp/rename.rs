//! A secret under another name: its declarations, what selects it, and texts that are its path.
//!
//! Encrypted files are left as they are: their message authentication covers the names of keys, and what
//! this program cannot decrypt it cannot sign anew. A secret of sops-nix keeps its key by a definition of
//! `key`. What cannot be followed for certain is refused with its reason, not done in part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gen_lsp_types::{Range, TextEdit, Uri, WorkspaceEdit};
use inventory::{Origin, Secret, Span};
use nix_source::ParsedFile;
use nix_syntax::quote::{attribute_name, escape as escape_string};

use super::analyse::Snapshot;
use super::index::{Name, Occurrence, Role, selected};
use super::uri;
use super::view::View;
use crate::display::escape;

/// What is written where the name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// An attribute, quoted where Nix needs it.
    Attribute,
    /// The last part of a path.
    InPath,
}

/// The places of a name, all of them, or why they are not known.
#[derive(Debug)]
struct Places {
    names: BTreeMap<Span, Written>,
    /// Behind the braces of declarations that need the key they had by their name.
    keys: BTreeSet<Span>,
}

/// The range of the name at a place, and the name.
///
/// # Errors
///
/// Why it cannot be renamed.
pub(crate) fn prepare(
    view: &View<'_>,
    snapshot: &Snapshot,
    found: &Occurrence,
) -> Result<(Range, String), String> {
    let places = places(view, snapshot, &found.name)?;
    let own = { places.names.keys() }.find(|at| {
        at.file == found.at.file && found.at.start <= at.start && at.end <= found.at.end
    });
    let own = own.ok_or("here it is not named by an attribute")?;
    let (_, range) = view.place(snapshot, *own).ok_or(CHANGED)?;
    Ok((range, found.name.attribute.clone()))
}

/// The edits that give a secret another name.
///
/// # Errors
///
/// Why there are none.
pub(crate) fn rename(
    view: &View<'_>,
    snapshot: &Snapshot,
    name: &Name,
    new: &str,
) -> Result<WorkspaceEdit, String> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./@+".contains(c);
    let has_parts = new.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !(has_parts && new.chars().all(is_plain)) {
        return Err("a name has letters, digits and `_ - . @ +`, and `/` between parts".to_owned());
    }
    let is_taken = { snapshot.index.names() }
        .any(|known| known.option == name.option && known.attribute == new);
    if is_taken {
        return Err(format!("`{new}` is declared already"));
    }
    let places = places(view, snapshot, name)?;
    let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    let names = { places.names.iter() }.map(|(at, written)| {
        let text = match written {
            Written::Attribute => attribute_name(new),
            Written::InPath => new.to_owned(),
        };
        (*at, text)
    });
    let keys = { places.keys.iter() }.map(|at| {
        let key = quoted(&name.attribute);
        (*at, format!(" key = {key};"))
    });
    for (at, new_text) in names.chain(keys) {
        let (path, range) = view.place(snapshot, at).ok_or(CHANGED)?;
        let edits = changes.entry(uri::of_path(&path).0).or_default();
        edits.push(TextEdit { range, new_text });
    }
    let changes = changes.into_iter().map(|(uri, edits)| (Uri(uri), edits));
    Ok(WorkspaceEdit {
        changes: Some(changes.collect()),
        ..WorkspaceEdit::default()
    })
}

const CHANGED: &str = "its text has changed since the last analysis: try again in a moment";

fn places(view: &View<'_>, snapshot: &Snapshot, name: &Name) -> Result<Places, String> {
    let mut places = Places {
        names: BTreeMap::new(),
        keys: BTreeSet::new(),
    };
    let secrets: Vec<&Secret> = { snapshot.index.secrets(name).iter() }
        .filter_map(|(host, secret)| snapshot.inventory.hosts.get(*host)?.secrets.get(*secret))
        .collect();
    for secret in &secrets {
        declarations(view, snapshot, name, secret, &mut places)?;
    }
    if !(places.keys.is_empty() || secrets.iter().all(|secret| is_by_name(secret))) {
        return Err("its key follows its name on some hosts only: define `key` first".to_owned());
    }
    // Where its file lands, if that follows its name.
    let paths: BTreeSet<&str> = { secrets.iter() }
        .filter(|secret| {
            secret.path.origin == Origin::Default && secret.name.origin == Origin::Default
        })
        .filter_map(|secret| secret.path.known().map(String::as_str))
        .collect();
    for file in &snapshot.parsed {
        if file.path.starts_with(&snapshot.inventory.root) {
            selections(view, snapshot, name, file, &mut places)?;
            texts(view, snapshot, name, (file, &paths), &mut places)?;
        }
    }
    for found in snapshot.index.of(name) {
        let is_followed = { places.names.keys() }.any(|at| {
            at.file == found.at.file && found.at.start <= at.start && at.end <= found.at.end
        });
        let text = text(snapshot, found.at).unwrap_or_default();
        if found.role == Role::Use && !is_followed && text.contains(&name.attribute) {
            return Err(refused(
                view,
                snapshot,
                found.at,
                "what names it is not understood",
            ));
        }
    }
    Ok(places)
}

/// Where a secret is declared, and where the key that it has by its name has to be written out.
fn declarations(
    view: &View<'_>,
    snapshot: &Snapshot,
    name: &Name,
    secret: &Secret,
    places: &mut Places,
) -> Result<(), String> {
    if secret.declared_at.is_empty() {
        return Err("it is not declared in this project".to_owned());
    }
    for at in &secret.declared_at {
        let quoted = quoted(&name.attribute);
        let is_written =
            text(snapshot, *at).is_some_and(|text| *text == *name.attribute || *text == *quoted);
        if !(is_own(snapshot, *at) && is_written) {
            return Err(refused(
                view,
                snapshot,
                *at,
                "its name is computed, or not the project's",
            ));
        }
        places.names.insert(*at, Written::Attribute);
    }
    if secret.has_formats() && secret.key.known().is_none() {
        return Err("it is not known which key it has".to_owned());
    }
    if is_by_name(secret) {
        let braces = { secret.declared_at.iter() }.find_map(|at| opening_brace(snapshot, *at));
        let brace = braces.ok_or_else(|| {
            let why =
                "its key follows its name: define `key` first, or write it as a set in braces";
            match secret.declared_at.first() {
                Some(at) => refused(view, snapshot, *at, why),
                None => why.to_owned(),
            }
        })?;
        places.keys.insert(brace);
    }
    Ok(())
}

/// Whether a secret has its key by its name.
fn is_by_name(secret: &Secret) -> bool {
    let is_default = secret.key.origin == Origin::Default;
    let key = secret.key.known().and_then(Option::as_deref);
    secret.has_formats() && is_default && key == Some(&*secret.attribute)
}

/// What selects the secret in a file.
fn selections(
    view: &View<'_>,
    snapshot: &Snapshot,
    name: &Name,
    file: &ParsedFile,
    places: &mut Places,
) -> Result<(), String> {
    for selection in &file.hir.selections {
        let Some(found) = selected(&file.hir, selection.path) else {
            continue;
        };
        if found.option != name.option {
            continue;
        }
        match found.attribute {
            Some((attribute, at)) if attribute == name.attribute => {
                places.names.insert(at.in_file(file.id), Written::Attribute);
            }
            Some(_) => {}
            None => {
                let at = found.at.in_file(file.id);
                let why = "all secrets are used here, and it is not known which";
                return Err(refused(view, snapshot, at, why));
            }
        }
    }
    Ok(())
}

/// Texts of a file that are one of the secret's paths.
fn texts(
    view: &View<'_>,
    snapshot: &Snapshot,
    name: &Name,
    (file, paths): (&Arc<ParsedFile>, &BTreeSet<&str>),
    places: &mut Places,
) -> Result<(), String> {
    use extract::hir::Expr;
    let mut whole = BTreeSet::new();
    for (expr, span) in file.hir.exprs.iter().zip(&file.hir.spans) {
        let (Expr::String(id) | Expr::Path(id)) = expr else {
            continue;
        };
        let text_of = file.hir.strings.get(id.0 as usize).unwrap_or_default();
        if !paths.contains(text_of) {
            continue;
        }
        whole.insert(id.0 as usize);
        let at = span.in_file(file.id);
        let written = text(snapshot, at).unwrap_or_default();
        let unquoted = written.strip_suffix('"').unwrap_or(&written);
        let Some(before) = unquoted.strip_suffix(&*name.attribute) else {
            return Err(refused(
                view,
                snapshot,
                at,
                "its path is written in another way here",
            ));
        };
        let start = at.start + u32::try_from(before.len()).unwrap_or(0);
        let end = at.start + u32::try_from(unquoted.len()).unwrap_or(0);
        places
            .names
            .insert(Span { start, end, ..at }, Written::InPath);
    }
    for (id, longer) in file.hir.strings.iter().enumerate() {
        if !whole.contains(&id) && paths.iter().any(|path| names(longer, path)) {
            let file = uri::of_path(&file.path).0;
            return Err(format!(
                "its path is a part of a longer text in {}",
                escape(&file)
            ));
        }
    }
    Ok(())
}

/// Whether a text has a path in it that does not go on.
fn names(text: &str, path: &str) -> bool {
    let goes_on =
        |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || "_-.@+".contains(c));
    { text.match_indices(path) }
        .any(|(at, _)| !goes_on(text.get(at + path.len()..).unwrap_or_default()))
}

/// The place behind the brace of `name = {`; `None` if it is declared in another way.
fn opening_brace(snapshot: &Snapshot, at: Span) -> Option<Span> {
    let source = snapshot.sources.get(at.file)?;
    let rest = source.text().get(at.end as usize..)?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let behind = value.strip_prefix('{')?;
    let offset = u32::try_from(source.text().len() - behind.len()).ok()?;
    Some(Span {
        file: at.file,
        start: offset,
        end: offset,
    })
}

/// A string of Nix.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    escape_string(text, &mut quoted);
    quoted.push('"');
    quoted
}

fn text(snapshot: &Snapshot, at: Span) -> Option<String> {
    let source = snapshot.sources.get(at.file)?;
    let text = source.text().get(at.start as usize..at.end as usize)?;
    Some(text.to_owned())
}

fn is_own(snapshot: &Snapshot, at: Span) -> bool {
    let source = snapshot.sources.get(at.file);
    source.is_some_and(|source| source.path().starts_with(&snapshot.inventory.root))
}

/// Why, and where.
fn refused(view: &View<'_>, snapshot: &Snapshot, at: Span, why: &str) -> String {
    let shown = |path: &Path| {
        let shown = path.strip_prefix(&snapshot.inventory.root).unwrap_or(path);
        escape(&shown.display().to_string())
    };
    match view.place(snapshot, at) {
        Some((path, range)) => format!("{why} ({}:{})", shown(&path), range.start.line + 1),
        None => why.to_owned(),
    }
}
