//! Directories of one generation of secrets that a Nix file writes out: `/run/secrets.d/11/token`.

use std::sync::{Arc, LazyLock};

use nix_eval::Workspace;
use nix_source::ParsedFile;
use nix_syntax::hir::{Expr, Part, StringId};
use nix_syntax::source::Span;

use crate::attribute_paths::each_value;
use crate::managers::MANAGERS;
use crate::repository::scope::Scope;
use crate::search::text_matcher::TextMatcher;
use crate::values::file_path;
use inventory::model::{GenerationPath, Manager, Repository};

/// Attributes of options whose text is for people.
const FOR_PEOPLE: [&str; 4] = ["description", "example", "longDescription", "meta"];

/// Searches the text of these files.
pub(crate) fn find(
    project: &Workspace,
    files: &[Arc<ParsedFile>],
    scope: &Scope,
    repository: &mut Repository,
) {
    let mut found = Vec::new();
    for file in files {
        for (manager, at, path) in in_file(file) {
            found.push(GenerationPath {
                manager,
                file: file_path(project, &file.path),
                at,
                path,
                is_fixture: scope.is_fixture(&file.path),
            });
        }
    }
    found.sort_by_key(|found| found.at);
    repository.generation_paths = found;
}

fn in_file(file: &ParsedFile) -> Vec<(&'static Manager, Span, String)> {
    let hir = &file.hir;
    let text = |id: &StringId| hir.strings.get(id.0 as usize).unwrap_or_default();
    let mut found = Vec::new();
    each_value(hir, |id, expr, path| {
        if path.last().is_some_and(|name| FOR_PEOPLE.contains(name)) {
            return;
        }
        let texts: Vec<&str> = match expr {
            Expr::String(id) => vec![text(&id)],
            Expr::Interpolation(run) => {
                let parts = hir.parts.get(run.range()).unwrap_or_default().iter();
                let texts = parts.filter_map(|part| match part {
                    Part::Text(id) => Some(text(id)),
                    Part::Expr(_) => None,
                });
                texts.collect()
            }
            _ => return,
        };
        let span = hir.spans.get(id.0 as usize);
        let span = span.map(|span| span.in_file(file.id));
        let generation = texts.into_iter().find_map(generation_path);
        if let (Some(span), Some((manager, path))) = (span, generation) {
            found.push((manager, span, path));
        }
    });
    found
}

/// Finds the directories whose numbered ones hold the generations.
static DIRECTORIES: LazyLock<TextMatcher> = LazyLock::new(|| {
    let directories = MANAGERS.iter().flat_map(|manager| manager.generations);
    TextMatcher::new(directories.copied())
});

/// The first path below a numbered directory of a manager.
fn generation_path(text: &str) -> Option<(&'static Manager, String)> {
    if !DIRECTORIES.may_be_in(text) {
        return None;
    }
    for manager in MANAGERS.iter() {
        for directory in manager.generations {
            for (start, _) in text.match_indices(directory) {
                let rest = text.get(start + directory.len()..)?;
                let number = rest.strip_prefix('/').unwrap_or_default();
                let digits = number.bytes().take_while(u8::is_ascii_digit).count();
                let after = number.get(digits..).unwrap_or_default();
                if digits == 0 || !after.starts_with('/') {
                    continue;
                }
                let is_other = |c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c);
                let end = rest.find(is_other).unwrap_or(rest.len());
                let path = format!("{directory}{}", rest.get(..end)?);
                return Some((manager, path));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::generation_path;

    #[test]
    fn a_generation_has_a_number_and_a_name_below_it() {
        let path = |text: &str| generation_path(text).map(|(_, path)| path);
        let found = path("cat /run/secrets.d/11/api_token >x");
        assert_eq!(found.as_deref(), Some("/run/secrets.d/11/api_token"));
        assert!(path("/run/agenix.d/2/a").is_some());
        for other in [
            "/run/secrets.d",
            "ls /run/secrets.d/",
            "/run/secrets/11/a",
            "/run/secrets.d/12",
        ] {
            assert!(path(other).is_none(), "{other}");
        }
    }
}
