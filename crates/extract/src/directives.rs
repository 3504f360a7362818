//! Comments that speak to this program, and what each covers.

use std::sync::Arc;

use nix_eval::Workspace;
use nix_source::ParsedFile;
use nix_syntax::hir::{self, Expr};
use nix_syntax::source::{FileId, Source, TextSpan};

use inventory::model::Directive;

/// What a comment for this program contains.
const DIRECTIVE: &str = "mcp-lint:";

/// How many comments of a file are looked at. No person writes more, and each costs a look at its
/// line.
const MAX_DIRECTIVES: usize = 2000;

/// How many comment lines may stand between a comment and what it is about.
const MAX_COMMENT_LINES: usize = 50;

/// Every such comment in the project's files, sorted by file and place; `parsed` are those of Nix.
pub(crate) fn find(project: &Workspace, mut parsed: Vec<Arc<ParsedFile>>) -> Vec<Directive> {
    let sources = project.sources();
    parsed.sort_by_key(|file| file.id);
    let mut directives = Vec::new();
    for id in sources.ids() {
        let Some(source) = sources.get(id) else {
            continue;
        };
        if !source.path().starts_with(project.project_root()) || !source.text().contains(DIRECTIVE)
        {
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
    let directives = file.hir.directives.iter().take(MAX_DIRECTIVES);
    directives.filter_map(directive).collect()
}

/// In a file that is not Nix (YAML, dotenv, INI), comments begin with `#` or `;`. What is indented
/// below the line belongs to it.
fn in_text(source: &Source, id: FileId) -> Vec<Directive> {
    let text: &str = source.text();
    let mut directives = Vec::new();
    for (found, _) in text.match_indices(DIRECTIVE).take(MAX_DIRECTIVES) {
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
    for _ in 0..MAX_COMMENT_LINES {
        if next >= text.len() {
            break;
        }
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
    let text: &str = source.text();
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |found| found + 1);
    let end = after.find('\n').map_or(text.len(), |found| at + found);
    (start, end)
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;

    /// What each directive of a Nix text covers.
    fn nix(text: &str) -> Vec<String> {
        let project = Workspace::open(&std::env::temp_dir()).unwrap();
        let file = project.parse_text(&PathBuf::from("/a.nix"), text.to_owned());
        let source = project.sources().get(file.id).unwrap();
        covered(text, &in_nix(&source, &file))
    }

    /// The same of another text.
    fn other(text: &str) -> Vec<String> {
        let source = Source::new(PathBuf::from("/a.yaml"), Arc::from(text));
        covered(text, &in_text(&source, FileId::in_project("a.yaml")))
    }

    fn covered(text: &str, directives: &[Directive]) -> Vec<String> {
        let of = |directive: &Directive| {
            let range = directive.covers.start as usize..directive.covers.end as usize;
            text.get(range).unwrap().to_owned()
        };
        directives.iter().map(of).collect()
    }

    #[test]
    fn a_comment_above_covers_all_of_the_binding() {
        let text = "{\n  # mcp-lint: x\n  # more\n  a = {\n    b = 1;\n  };\n  c = 1;\n}\n";
        assert_eq!(nix(text), ["  a = {\n    b = 1;\n  };"]);
        let text = "[\n  # mcp-lint: x\n  {\n    b = 1;\n  }\n  2\n]\n";
        assert_eq!(nix(text), ["  {\n    b = 1;\n  }"]);
    }

    #[test]
    fn a_comment_beside_covers_what_begins_on_its_line() {
        let text =
            "{\n  a = { # mcp-lint: x\n    b = 1;\n  };\n  c = 1; /* mcp-lint: x */ d = 2;\n}\n";
        assert_eq!(
            nix(text),
            [
                "  a = { # mcp-lint: x\n    b = 1;\n  };",
                "  c = 1; /* mcp-lint: x */ d = 2;"
            ]
        );
        // The end of a binding is a line like any other.
        assert_eq!(
            nix("{\n  a = {\n  }; # mcp-lint: x\n}\n"),
            ["  }; # mcp-lint: x"]
        );
    }

    #[test]
    fn a_comment_above_a_file_does_not_cover_the_file() {
        assert_eq!(
            nix("# mcp-lint: x\n{ pkgs, ... }:\n{\n  a = 1;\n}\n"),
            ["{ pkgs, ... }:"]
        );
        assert_eq!(nix("{ a = 1; }\n# mcp-lint: x"), ["# mcp-lint: x"]);
        assert_eq!(nix("{\n  # mcp-lint: x\n\n  a = 1;\n}\n"), [""]);
    }

    #[test]
    fn text_in_a_string_is_no_comment() {
        assert!(nix("{ a = \"# mcp-lint: x\"; b = ''\n# mcp-lint: x\n''; }").is_empty());
    }

    #[test]
    fn in_other_files_a_comment_covers_what_is_indented_below() {
        let text =
            "a: 1\n# mcp-lint: x\nb:\n  c: 1\n\n  d: 2\ne: 3 # mcp-lint: y\nf: \"mcp-lint: z\"\n";
        assert_eq!(other(text), ["b:\n  c: 1\n\n  d: 2", "e: 3 # mcp-lint: y"]);
    }

    #[test]
    fn many_comments_take_no_longer_than_their_text() {
        let text = "# mcp-lint: ignore\n".repeat(100_000);
        assert_eq!(nix(&text).len(), MAX_DIRECTIVES);
        assert_eq!(other(&text).len(), MAX_DIRECTIVES);
        let line = format!("{{ {} }}", "/* mcp-lint: x */ ".repeat(50_000));
        assert_eq!(nix(&line).len(), MAX_DIRECTIVES);
    }
}
