//! Comments that speak to this program, and what each covers.

use nix_eval::Project;
use nix_eval::project::ParsedFile;
use nix_syntax::hir::{self, Expr};
use nix_syntax::source::{FileId, Source, TextSpan};

use crate::model::Directive;

/// What a comment for this program contains.
const DIRECTIVE: &str = "mcp-lint:";

/// Every such comment in the project's files, sorted by file and place.
pub(super) fn find(project: &Project) -> Vec<Directive> {
    let sources = project.sources();
    let mut parsed = project.parsed_files();
    parsed.sort_by_key(|file| file.id);
    let mut directives = Vec::new();
    for index in 0..u32::try_from(sources.len()).unwrap_or(u32::MAX) {
        let id = FileId(index);
        let Some(source) = sources.get(id) else {
            continue;
        };
        if !source.path().starts_with(project.root()) || !source.text().contains(DIRECTIVE) {
            continue;
        }
        let nix = parsed.binary_search_by_key(&id, |file| file.id);
        match nix.ok().and_then(|index| parsed.get(index)) {
            Some(file) => directives.extend(in_nix(&source, file)),
            None => directives.extend(in_text(&source, id)),
        }
    }
    directives.sort();
    directives.dedup();
    directives
}

fn in_nix(source: &Source, file: &ParsedFile) -> Vec<Directive> {
    let starts = Starts::of(&file.hir);
    let directive = |at: &TextSpan| {
        let line = target(source, *at, |line| {
            line.starts_with('#') || (line.starts_with("/*") && line.ends_with("*/"))
        })?;
        Some(Directive {
            at: at.in_file(file.id),
            covers: starts.extend(line).in_file(file.id),
        })
    };
    file.hir.directives.iter().filter_map(directive).collect()
}

/// In a file that is not Nix (YAML, dotenv, INI), comments begin with `#` or `;`. What is indented
/// below the line belongs to it.
fn in_text(source: &Source, id: FileId) -> Vec<Directive> {
    let text: &str = source.text();
    let mut directives = Vec::new();
    for (found, _) in text.match_indices(DIRECTIVE) {
        let line = line_at(source, found);
        let before = text.get(line.0..found).unwrap_or_default().trim_end();
        let Some(code) = before.strip_suffix(['#', ';']) else {
            continue;
        };
        let is_comment = code.is_empty() || code.ends_with([' ', '\t', '#', ';']);
        let start = line.0 + code.trim_end_matches(['#', ';']).len();
        let end = start + text.get(start..line.1).unwrap_or_default().trim_end().len();
        let span = TextSpan::new(offset(start), offset(end));
        let target = target(source, span, |line| line.starts_with(['#', ';']));
        if let Some(target) = target.filter(|_| is_comment) {
            directives.push(Directive {
                at: span.in_file(id),
                covers: with_indented(source, target).in_file(id),
            });
        }
    }
    directives
}

/// The line that a comment is about: its own where code stands there, else the next one that is no
/// comment.
fn target(source: &Source, at: TextSpan, is_comment: impl Fn(&str) -> bool) -> Option<TextSpan> {
    let text: &str = source.text();
    let first = line_at(source, at.start as usize);
    let last = line_at(source, (at.end as usize).saturating_sub(1));
    let before = text.get(first.0..at.start as usize)?;
    let after = text.get(at.end as usize..last.1)?;
    if !(before.trim().is_empty() && after.trim().is_empty()) {
        return Some(span(first.0, last.1));
    }
    let mut next = last.1 + 1;
    while next < text.len() {
        let line = line_at(source, next);
        if !is_comment(text.get(line.0..line.1)?.trim()) {
            return Some(span(line.0, line.1));
        }
        next = line.1 + 1;
    }
    // Nothing follows: it covers itself, that is, nothing.
    Some(at)
}

/// The start and end of the line around an offset, without its line feed.
fn line_at(source: &Source, at: usize) -> (usize, usize) {
    let line = source.line_column(offset(at)).line;
    let range = source.line_range(line);
    range.map_or((at, at), |range| (range.start, range.end))
}

fn with_indented(source: &Source, line: TextSpan) -> TextSpan {
    let text: &str = source.text();
    let depth = |start: usize, end: usize| {
        let line = text.get(start..end).unwrap_or_default();
        (!line.trim().is_empty()).then(|| line.len() - line.trim_start_matches([' ', '\t']).len())
    };
    let Some(own) = depth(line.start as usize, line.end as usize) else {
        return line;
    };
    let mut end = line.end as usize;
    let mut next = end + 1;
    while next < text.len() {
        let (start, stop) = line_at(source, next);
        match depth(start, stop) {
            Some(depth) if depth <= own => break,
            Some(_) => end = stop,
            None => {}
        }
        next = stop + 1;
    }
    span(line.start as usize, end)
}

/// Bindings and list elements, sorted by where they start.
struct Starts(Vec<TextSpan>);

impl Starts {
    fn of(file: &hir::File) -> Self {
        let bindings = file.bindings.iter().map(|binding| binding.span);
        let dynamic = file.dynamic_bindings.iter().map(|binding| binding.span);
        let lists = file.exprs.iter().filter_map(|expression| match expression {
            Expr::List(run) => file.children.get(run.range()),
            _ => None,
        });
        let elements = lists
            .flatten()
            .filter_map(|id| file.spans.get(id.0 as usize));
        let mut starts: Vec<TextSpan> = bindings.chain(dynamic).chain(elements.copied()).collect();
        starts.sort();
        Self(starts)
    }

    /// The line, with all of what begins on it.
    fn extend(&self, line: TextSpan) -> TextSpan {
        let first = self.0.partition_point(|span| span.start < line.start);
        let starting = self.0.iter().skip(first);
        let end = starting
            .take_while(|span| span.start < line.end)
            .map(|span| span.end)
            .fold(line.end, u32::max);
        TextSpan::new(line.start, end)
    }
}

fn span(start: usize, end: usize) -> TextSpan {
    TextSpan::new(offset(start), offset(end))
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
