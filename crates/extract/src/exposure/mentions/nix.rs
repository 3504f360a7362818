//! Names and paths in a file of Nix.

use std::collections::BTreeSet;

use nix_source::ParsedFile;
use nix_syntax::hir::{AttrName, BindingValue, Expr, ExprId, File, Part, Selection};
use nix_syntax::source::{Span, TextSpan};
use rustc_hash::FxHashSet;

use crate::exposure::mentions::computed::ComputedNames;
use crate::exposure::mentions::text::{directories_in, names_in};
use crate::exposure::mentions::{Mentions, Names, OF_A_DIRECTORY};
use crate::managers::MANAGERS;

/// Attributes of which the value is a directory of secrets.
const DIRECTORIES: [&str; 4] = [
    "secretsDir",
    "secretsMountPoint",
    "defaultSymlinkPath",
    "defaultSecretsMountPoint",
];

/// Settings of a unit that hide what they name from its processes (systemd.exec(5)).
const HIDING: [&str; 2] = ["InaccessiblePaths", "TemporaryFileSystem"];

/// The name of the set whose attributes are templates.
const TEMPLATES: &str = "templates";

/// How many parts of a string are read after the text in which a path begins: no path has as many.
const MAX_PARTS: usize = 32;

/// Names of sets whose attributes are secrets.
const SETS: [&str; 3] = ["secrets", TEMPLATES, "placeholder"];

/// Why any secret may be meant.
pub(crate) const COMPUTED: &str = "a secret is chosen by a name that is computed";

/// The search of one file.
pub(super) struct Search<'a> {
    pub(super) file: &'a ParsedFile,
    pub(super) text: &'a str,
    pub(super) names: &'a Names,
    /// Names that are bound to a set of secrets anywhere in the project.
    pub(super) aliases: &'a BTreeSet<String>,
    /// Whether the file is the project's, not an input's.
    pub(super) is_own: bool,
    /// Where a directory of secrets is named for a reader that is known.
    pub(super) known_directories: &'a [Span],
}

impl Search<'_> {
    pub(super) fn run(&self, found: &mut Mentions) {
        let hir = &self.file.hir;
        let transparent = transparent(hir);
        let computed = ComputedNames::new(hir, self.text);
        let hidden = hidden(hir);
        for (number, (expr, span)) in (0..).zip(hir.exprs.iter().zip(&hir.spans)) {
            let id = ExprId(number);
            let at = Some(span.in_file(self.file.id));
            match expr {
                _ if hidden.contains(&id) => {}
                Expr::String(text) | Expr::Path(text) | Expr::SearchPath(text) => {
                    let text = hir.strings.get(text.0 as usize).unwrap_or_default();
                    self.literal(text, &[], at, found);
                }
                Expr::Interpolation(run) | Expr::PathInterpolation(run) => {
                    let mut parts = hir.parts.get(run.range()).unwrap_or_default();
                    while let Some((part, rest)) = parts.split_first() {
                        parts = rest;
                        if let Part::Text(text) = part {
                            let text = hir.strings.get(text.0 as usize).unwrap_or_default();
                            self.literal(text, rest, at, found);
                        }
                    }
                }
                Expr::Select(selection) | Expr::HasAttribute(selection) => {
                    if let Some(selection) = hir.selections.get(selection.0 as usize) {
                        self.selection(selection, &computed, transparent.contains(&id), at, found);
                    }
                }
                Expr::Dynamic { name, .. } | Expr::Global(name) => {
                    let name = hir.names.get(name.0 as usize).unwrap_or_default();
                    if self.names.has(name) {
                        found.name(name, at);
                    }
                    self.alias(name, transparent.contains(&id), at, found);
                }
                Expr::Local { .. } => {
                    let name = written(self.text, *span);
                    self.alias(name, transparent.contains(&id), at, found);
                }
                _ => {}
            }
        }
        for binding in &hir.bindings {
            if let BindingValue::From(_) = binding.value {
                let name = hir.names.get(binding.name.0 as usize).unwrap_or_default();
                if self.names.has(name) {
                    found.name(name, Some(binding.name_span.in_file(self.file.id)));
                }
            }
        }
    }

    /// `rest`: what follows the text in its string.
    fn literal(&self, text: &str, rest: &[Part], at: Option<Span>, found: &mut Mentions) {
        let goes_on = !rest.is_empty();
        names_in(text, self.names, goes_on, at, found);
        let is_known = at.is_some_and(|at| self.known_directories.contains(&at));
        if self.is_own && !is_known {
            let strings = &self.file.hir.strings;
            let is_cut = rest.len() > MAX_PARTS;
            let rest = rest.iter().take(MAX_PARTS).map(|part| match part {
                Part::Text(text) => strings.get(text.0 as usize),
                Part::Expr(_) => None,
            });
            let rest: Vec<Option<&str>> = rest.chain(is_cut.then_some(None)).collect();
            directories_in(text, &rest, at, found);
        }
    }

    /// What a selection names: a secret, any secret, or nothing.
    fn selection(
        &self,
        selection: &Selection,
        computed: &ComputedNames<'_>,
        is_transparent: bool,
        at: Option<Span>,
        found: &mut Mentions,
    ) {
        let hir = &self.file.hir;
        let mut before = chain_of(hir, self.text, selection.base);
        let path = hir
            .attr_names
            .get(selection.path.range())
            .unwrap_or_default();
        for (part, _) in path {
            let last = before.last().copied();
            let may_be_set =
                last.is_none_or(|last| SETS.contains(&last) || self.aliases.contains(last));
            match part {
                AttrName::Static(name) => {
                    let name = hir.names.get(name.0 as usize).unwrap_or_default();
                    if may_be_set && self.names.has(name) {
                        found.name(name, at);
                    }
                    if self.is_own && DIRECTORIES.contains(&name) {
                        found.may_be_any(OF_A_DIRECTORY, at);
                    }
                    before.push(name);
                }
                AttrName::Dynamic(name) => {
                    if self.is_own && last.is_some() && may_be_set {
                        let of_templates = last == Some(TEMPLATES);
                        match computed.texts(*name) {
                            Some(all) => {
                                for texts in all {
                                    found.pattern(texts, of_templates, at);
                                }
                            }
                            None if of_templates => found.may_be_any_template(COMPUTED, at),
                            None => found.may_be_any(COMPUTED, at),
                        }
                    }
                    // What follows is of a secret, or of something else.
                    before.push("${}");
                }
            }
        }
        if self.is_own && is_whole(&before) && !is_transparent {
            match before.last().copied() {
                Some(TEMPLATES) => {
                    found.may_be_any_template("the templates are used as a whole", at);
                }
                _ => found.may_be_any("the secrets are used as a whole", at),
            }
        }
    }

    fn alias(&self, name: &str, is_transparent: bool, at: Option<Span>, found: &mut Mentions) {
        if self.is_own && !is_transparent && self.aliases.contains(name) {
            found.may_be_any("the secrets are used as a whole", at);
        }
    }
}

/// Adds the names that are bound to a set of secrets in a file.
pub(super) fn aliases(file: &ParsedFile, text: &str, found: &mut BTreeSet<String>) {
    let hir = &file.hir;
    for binding in &hir.bindings {
        let BindingValue::Expr(value) = binding.value else {
            continue;
        };
        if let Some(Expr::Select(_)) = hir.exprs.get(value.0 as usize)
            && is_whole(&chain_of(hir, text, value))
        {
            let name = hir.names.get(binding.name.0 as usize);
            found.extend(name.map(str::to_owned));
        }
    }
    for set in &hir.sets {
        let sources = hir.children.get(set.sources.range()).unwrap_or_default();
        for binding in hir.bindings.get(set.bindings.range()).unwrap_or_default() {
            let BindingValue::From(source) = binding.value else {
                continue;
            };
            let Some(source) = sources.get(source as usize) else {
                continue;
            };
            let name = hir.names.get(binding.name.0 as usize).unwrap_or_default();
            let mut chain = chain_of(hir, text, *source);
            chain.push(name);
            if is_whole(&chain) {
                found.insert(name.to_owned());
            }
        }
    }
}

/// The expressions that only hand a set on: what is selected from, inherited from, opened by `with`, or bound to a
/// name.
fn transparent(hir: &File) -> FxHashSet<ExprId> {
    let mut found: FxHashSet<ExprId> = hir.selections.iter().map(|it| it.base).collect();
    for set in &hir.sets {
        let sources = hir.children.get(set.sources.range()).unwrap_or_default();
        found.extend(sources);
    }
    for expr in &hir.exprs {
        if let Expr::With { scope, .. } = expr {
            found.insert(*scope);
        }
    }
    for binding in &hir.bindings {
        if let BindingValue::Expr(value) = binding.value {
            found.insert(value);
        }
    }
    found
}

/// The texts that are written in [`HIDING`] settings.
fn hidden(hir: &File) -> FxHashSet<ExprId> {
    let mut found = FxHashSet::default();
    for binding in &hir.bindings {
        let name = hir.names.get(binding.name.0 as usize);
        let BindingValue::Expr(value) = binding.value else {
            continue;
        };
        if name.is_some_and(|name| HIDING.contains(&name)) {
            found.insert(value);
            if let Some(Expr::List(items)) = hir.exprs.get(value.0 as usize) {
                found.extend(hir.children.get(items.range()).unwrap_or_default());
            }
        }
    }
    let is_text = |id: &ExprId| matches!(hir.exprs.get(id.0 as usize), Some(Expr::String(_)));
    found.retain(is_text);
    found
}

/// The names by which an expression is reached: `config`, `sops`, `secrets`; of what is no selection from a
/// variable, none.
fn chain_of<'a>(hir: &'a File, text: &'a str, expr: ExprId) -> Vec<&'a str> {
    let index = expr.0 as usize;
    match hir.exprs.get(index) {
        Some(Expr::Local { .. } | Expr::Dynamic { .. } | Expr::Global(_)) => {
            let span = hir.spans.get(index).copied();
            let name = span.map_or("", |span| written(text, span));
            vec![name]
        }
        Some(Expr::Select(selection)) => {
            let Some(selection) = hir.selections.get(selection.0 as usize) else {
                return Vec::new();
            };
            let mut chain = chain_of(hir, text, selection.base);
            let path = hir
                .attr_names
                .get(selection.path.range())
                .unwrap_or_default();
            chain.extend(path.iter().map(|(part, _)| match part {
                AttrName::Static(name) => hir.names.get(name.0 as usize).unwrap_or_default(),
                AttrName::Dynamic(_) => "${}",
            }));
            chain
        }
        _ => Vec::new(),
    }
}

/// Whether names lead to a set of secrets: `config.sops.secrets`, `config.age`.
fn is_whole(chain: &[&str]) -> bool {
    let is_end = |last: &&str| SETS.contains(last) || is_root(last);
    if !chain.last().is_some_and(is_end) {
        return false;
    }
    let ends_with = |option: &str| {
        let mut names = option.rsplit('.');
        let mut chain = chain.iter().rev();
        names.all(|name| chain.next() == Some(&name))
    };
    let sets = MANAGERS.iter().flat_map(|manager| manager.naming_options());
    if { sets }.any(|(set, _)| ends_with(set)) {
        return true;
    }
    let above = chain.len().checked_sub(2).and_then(|at| chain.get(at));
    let of_configuration = above.is_some_and(|name| name.to_lowercase().ends_with("config"));
    of_configuration && chain.last().is_some_and(|last| is_root(last))
}

/// Whether a name is that of all options of a manager: `sops`, `age`.
fn is_root(name: &str) -> bool {
    MANAGERS.iter().any(|manager| manager.root == name)
}

pub(super) fn written(text: &str, span: TextSpan) -> &str {
    text.get(span.start as usize..span.end as usize)
        .unwrap_or_default()
}
