//! What the texts of a project mention: names of secrets, paths of managers, and what may name any secret.
//!
//! A text that nobody evaluates counts as well. Only what is certainly not a reference is left out: the
//! declaration itself, encrypted files, rules for keys, comments of Nix.

mod computed;
pub(super) mod nix;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use nix_eval::Workspace;
use nix_source::ParsedFile;
use nix_syntax::source::{Source, Span};
use rustc_hash::FxHashSet;

use crate::parallel::map_beside;
use crate::repository::{GitIndex, project_texts, read_at_most};
use inventory::model::{Inventory, Unknown};

/// All texts of a project together that are searched: 64 MiB. Of a larger project nothing is known.
const MAX_BYTES: u64 = 64 << 20;
/// A larger file is data, or cannot be searched: 4 MiB.
const MAX_FILE: u64 = 4 << 20;

/// So many files are searched by one thread before it takes others: many more than there are threads make even
/// shares, and each gives maps that are joined.
const FILES_AT_ONCE: usize = 16;

/// All names together that are searched for, in bytes: the automaton takes about fifty times as much.
const MAX_NAMES: usize = 4 << 20;
/// Names of so many bytes together have the faster automaton.
const SMALL: usize = 4 << 10;
/// A longer name is not searched for, in bytes: no path is as long.
pub(super) const MAX_NAME: usize = 4 << 10;

/// How many names and how many paths that are known in part are compared with each secret: no project has as many.
const MAX_PATTERNS: usize = 1 << 12;

/// Why any secret that lands in a directory may be meant.
pub(super) const OF_A_DIRECTORY: &str = "a directory of secrets is used as a whole";

/// Where a name or path is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mention {
    /// Where; `None` in a file that is no Nix.
    pub(super) at: Option<Span>,
}

/// What the texts of a project mention.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// Something that may name any secret. The first that is found: with it the search is over.
    pub(super) any: Option<Unknown>,
    /// Names that are computed in part: the texts in their order, a hole between each two.
    pub(super) patterns: Vec<(Vec<String>, Option<Span>)>,
    /// Something that may name any template, and with it the secrets in it.
    pub(super) any_template: Option<Unknown>,
    /// [`patterns`](Self::patterns) of templates.
    pub(super) template_patterns: Vec<(Vec<String>, Option<Span>)>,
    /// Paths below a manager's directory that are known in part, like [`patterns`](Self::patterns), with the directory.
    pub(super) open_paths: Vec<(String, Vec<String>, Option<Span>)>,
    /// By the name of a secret.
    pub(super) names: BTreeMap<String, Vec<Mention>>,
    /// By a whole path below a manager's directory.
    pub(super) paths: BTreeMap<String, Vec<Mention>>,
}

impl Mentions {
    fn may_be_any(&mut self, what: &str, at: Option<Span>) {
        self.any.get_or_insert_with(|| Unknown {
            reason: what.into(),
            at,
        });
    }

    fn may_be_any_template(&mut self, what: &str, at: Option<Span>) {
        self.any_template.get_or_insert_with(|| Unknown {
            reason: what.into(),
            at,
        });
    }

    /// Adds a name that is known in part: of a template, or of a secret.
    fn pattern(&mut self, texts: Vec<String>, of_templates: bool, at: Option<Span>) {
        let patterns = if of_templates {
            &mut self.template_patterns
        } else {
            &mut self.patterns
        };
        if patterns.len() < MAX_PATTERNS {
            patterns.push((texts, at));
        } else {
            self.may_be_any(nix::COMPUTED, at);
        }
    }

    /// Adds a path that is known in part.
    fn open_path(&mut self, directory: &str, texts: Vec<String>, at: Option<Span>) {
        if self.open_paths.len() < MAX_PATTERNS {
            self.open_paths.push((directory.to_owned(), texts, at));
        } else {
            self.may_be_any(OF_A_DIRECTORY, at);
        }
    }

    /// Where a name is computed that may be this one.
    pub(super) fn computed(&self, name: &str) -> Option<Option<Span>> {
        let mut patterns = self.patterns.iter();
        let found = patterns.find(|(texts, _)| may_be(name, texts));
        found.map(|(_, at)| *at)
    }

    /// Where a template is chosen by a name that is computed, which may be one of these.
    pub(super) fn computed_template<'a>(
        &self,
        mut names: impl Iterator<Item = &'a str>,
    ) -> Option<Option<Span>> {
        names.find_map(|name| {
            let mut patterns = self.template_patterns.iter();
            let found = patterns.find(|(texts, _)| may_be(name, texts));
            found.map(|(_, at)| *at)
        })
    }

    /// Where a path is known in part that may be this one.
    pub(super) fn open_path_to(&self, path: &str) -> Option<Option<Span>> {
        let mut paths = self.open_paths.iter();
        let found = paths.find(|(directory, texts, _)| {
            // That of a user is below a home directory.
            let path = path.find(directory.as_str()).and_then(|at| path.get(at..));
            path.is_some_and(|path| may_be(path, texts))
        });
        found.map(|(_, _, at)| *at)
    }

    /// Adds what was found in later texts.
    fn append(&mut self, later: Self) {
        self.any = self.any.take().or(later.any);
        self.any_template = self.any_template.take().or(later.any_template);
        self.patterns.extend(later.patterns);
        self.template_patterns.extend(later.template_patterns);
        self.open_paths.extend(later.open_paths);
        for (name, mentions) in later.names {
            self.names.entry(name).or_default().extend(mentions);
        }
        for (path, mentions) in later.paths {
            self.paths.entry(path).or_default().extend(mentions);
        }
    }

    fn name(&mut self, name: &str, at: Option<Span>) {
        let known = self.names.entry(name.to_owned()).or_default();
        known.push(Mention { at });
    }

    fn path(&mut self, path: &str, at: Option<Span>) {
        let known = self.paths.entry(path.to_owned()).or_default();
        known.push(Mention { at });
    }
}

/// The names that are searched for.
pub(super) struct Names {
    names: Vec<String>,
    matcher: AhoCorasick,
}

impl Names {
    /// `None` if there are none, or too many: more than [`MAX_NAMES`].
    pub(super) fn new(names: BTreeSet<String>) -> Option<Self> {
        let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return None;
        }
        let bytes: usize = names.iter().map(String::len).sum();
        if bytes > MAX_NAMES {
            return None;
        }
        // To make the faster automaton of names that repeat themselves takes the square of their length.
        let kind = (bytes > SMALL).then_some(AhoCorasickKind::ContiguousNFA);
        let matcher = AhoCorasick::builder().kind(kind).build(&names).ok()?;
        Some(Self { names, matcher })
    }

    fn has(&self, name: &str) -> bool {
        self.names
            .binary_search_by(|known| known.as_str().cmp(name))
            .is_ok()
    }
}

/// Searches all texts of a project, those of Nix on so many threads.
pub(super) fn mentions(
    project: &Workspace,
    git: Option<&GitIndex>,
    inventory: &Inventory,
    names: &Names,
    threads: usize,
) -> Mentions {
    let mut found = Mentions::default();
    let Some(files) = project_texts(project, git, inventory.repository.is_flake) else {
        found.may_be_any("not all files of the project are known", None);
        return found;
    };
    let encrypted = encrypted(inventory);
    let parsed = project.parsed_files();
    let of_project = parsed
        .iter()
        .filter(|file| !file.path.starts_with(nix_source::EMBEDDED));
    let mut nix: Vec<Arc<ParsedFile>> = of_project.map(Arc::clone).collect();
    // By their bytes: these paths are normal, and as paths they are compared part by part.
    let known: FxHashSet<OsString> = { nix.iter() }
        .map(|file| file.path.clone().into_os_string())
        .collect();
    let mut unread = Vec::new();
    let mut bytes_read = 0;
    for path in files {
        let is_known = known.contains(path.as_os_str());
        if is_known || encrypted.contains(path.as_path()) || is_skipped(&path) {
            continue;
        }
        let Some(bytes) = read_at_most(&path, MAX_FILE) else {
            continue;
        };
        bytes_read += bytes.len() as u64;
        if bytes_read > MAX_BYTES {
            found.may_be_any("the project is too large to search all of it", None);
            return found;
        }
        // What is no text has no references in it.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if path.extension().is_some_and(|extension| extension == "nix") {
            unread.push((path, text));
        } else {
            let is_prose = text::is_prose(&path);
            text::plain(&text, names, is_prose, &mut found);
        }
    }
    if found.any.is_some() {
        return found;
    }
    let parse = |(path, text): &(PathBuf, String)| project.parse_text(path, text.clone());
    let ((), parsed) = map_beside(threads, &unread, parse, || ());
    nix.extend(parsed.into_iter().map(Arc::new));
    nix.sort_by(|a, b| a.path.cmp(&b.path));
    let secrets_paths: Vec<Span> = { inventory.hosts.iter().flat_map(|host| &host.mcp) }
        .filter_map(|mcp| mcp.secrets_path.as_ref()?.at)
        .collect();
    let rules: BTreeSet<&Path> = { inventory.repository.age_rules.iter() }
        .map(|rules| rules.path.absolute.as_path())
        .collect();
    let files: Vec<_> = { nix.iter() }
        .filter(|file| !rules.contains(file.path.as_path()))
        .filter_map(|file| {
            let source = project.sources().get(file.id)?;
            let is_own = file.path.starts_with(project.project_root());
            Some((Arc::clone(file), source, is_own))
        })
        .collect();
    let mut aliases = BTreeSet::new();
    for (file, source, is_own) in &files {
        if *is_own {
            nix::aliases(file, source.text(), &mut aliases);
        }
    }
    // Set by a part that comes before all those that were not begun.
    let is_over = AtomicBool::new(false);
    let search = |files: &&[(Arc<ParsedFile>, Arc<Source>, bool)]| {
        let mut found = Mentions::default();
        if is_over.load(Ordering::Relaxed) {
            return found;
        }
        for (file, source, is_own) in *files {
            let search = nix::Search {
                file,
                text: source.text(),
                names,
                aliases: &aliases,
                is_own: *is_own,
                known_directories: &secrets_paths,
            };
            search.run(&mut found);
            if found.any.is_some() {
                is_over.store(true, Ordering::Relaxed);
                break;
            }
        }
        found
    };
    let parts: Vec<_> = files.chunks(FILES_AT_ONCE).collect();
    let ((), parts) = map_beside(threads, &parts, search, || ());
    for part in parts {
        found.append(part);
        if found.any.is_some() {
            break;
        }
    }
    found
}

/// Files whose text is no text of the project.
fn encrypted(inventory: &Inventory) -> BTreeSet<&Path> {
    let repository = &inventory.repository;
    let files = inventory.files.iter().chain(&repository.unnamed_files);
    let files = files.map(|file| file.path.absolute.as_path());
    let configs = repository.sops_configs.iter();
    files
        .chain(configs.map(|config| config.path.absolute.as_path()))
        .collect()
}

/// What says nothing of who reads a secret: locks, keys, images, this program's own files.
fn is_skipped(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_ascii_lowercase();
    matches!(
        &*name,
        "flake.lock" | ".sops.yaml" | "mcp-lint.toml" | ".gitignore"
    ) || extension == "pub"
        || secret_files::UNSEARCHED_EXTENSIONS.contains(&extension.as_str())
}

/// Whether a name has these texts in their order, begins with the first and ends with the last.
fn may_be(name: &str, texts: &[String]) -> bool {
    let Some((last, others)) = texts.split_last() else {
        return true;
    };
    let Some((first, middle)) = others.split_first() else {
        return name == last;
    };
    let rest = name.strip_prefix(first.as_str());
    let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    middle.iter().all(|text| match rest.find(text.as_str()) {
        Some(at) => {
            rest = rest.get(at + text.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Mentions, may_be};

    #[test]
    fn an_open_path_leads_to_what_lands_there() {
        let mut found = Mentions::default();
        let of = |found: &Mentions, path: &str| found.open_path_to(path).is_some();
        let directory = ".config/sops-nix/secrets";
        found.open_path(directory, vec![directory.to_owned(), String::new()], None);
        assert!(of(&found, "/home/a/.config/sops-nix/secrets/b"));
        assert!(!of(&found, "/run/secrets/b"));
        let texts = ["/run/secrets/vpn/", "/key"].map(str::to_owned);
        found.open_path("/run/secrets", texts.to_vec(), None);
        assert!(of(&found, "/run/secrets/vpn/desk/key"));
        assert!(!of(&found, "/run/secrets/vpn/desk/psk") && !of(&found, "/run/secrets/key"));
    }

    #[test]
    fn a_computed_name_keeps_what_is_written_of_it() {
        let may = |name: &str, texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            may_be(name, &texts)
        };
        assert!(may("github_token", &["", "_token"]));
        assert!(may("wg-desk-key", &["wg-", "-key"]) && may("wg--key", &["wg-", "-key"]));
        assert!(may("a.b.c", &["a", ".b", "c"]) && may("anything", &["", ""]));
        assert!(!may("github_key", &["", "_token"]) && !may("wg-key", &["wg-", "-key"]));
        assert!(!may("a.c", &["a", ".b", "c"]));
    }
}
