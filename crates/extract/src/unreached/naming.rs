//! Whether any other file of the project names a module: one that nothing names is loaded by nobody, even where not
//! every configuration is known.

use std::path::{Path, PathBuf};

use nix_eval::Workspace;

use crate::discover::nix_files;

/// Words with which files are loaded that nobody names: whole directories, or all that a framework finds. The project
/// itself is one, for what gets it may look for anything.
const LOADERS: [&str; 17] = [
    " ./.",
    "(./.",
    "self}",
    "self +",
    "self.outPath",
    "flakelight",
    "readDir",
    "listFilesRecursive",
    "import-tree",
    "importTree",
    "haumea",
    "snowfall",
    "blueprint",
    "digga",
    "fileset",
    "filesystem",
    "nixos-unified",
];

/// The texts of a project's Nix files without their comments.
pub(crate) struct Names {
    texts: Vec<(PathBuf, String)>,
    /// Whether a file may be loaded without being named.
    is_open: bool,
}

impl Names {
    /// Reads every Nix file of the project: `files`, if they are known.
    pub(crate) fn of(project: &Workspace, files: Option<Vec<PathBuf>>) -> Self {
        let files = files.unwrap_or_else(|| nix_files(project.project_root()));
        let files = files.into_iter();
        let read = |path: PathBuf| {
            let text = project.read_text(&path).ok()?;
            Some((path, without_comments(&text)))
        };
        let texts: Vec<(PathBuf, String)> = files.filter_map(read).collect();
        let loads = |text: &str| LOADERS.iter().any(|word| text.contains(word));
        let is_open = texts.iter().any(|(_, text)| loads(text));
        Self { texts, is_open }
    }

    /// Whether another file has the name of this one: without its extension, of a `default.nix` that of its directory.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let directory = path.parent().and_then(Path::file_name);
        let name = match stem {
            Some("default") => directory.and_then(|name| name.to_str()),
            stem => stem,
        };
        let Some(name) = name.filter(|_| !self.is_open) else {
            return true;
        };
        let above = path.ancestors().skip(1).filter_map(Path::file_name);
        let above: Vec<&str> = above.filter_map(|name| name.to_str()).collect();
        let mut others = self.texts.iter().filter(|(other, _)| other != path);
        others.any(|(_, text)| {
            has_word(text, name) || above.iter().any(|name| has_directory(text, name))
        })
    }
}

/// Whether a text has the path of a directory with that name, whose files may all be loaded.
fn has_directory(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = { text.get(at + name.len()..) }.and_then(|text| text.chars().next());
        let ends = |c: char| !(c.is_alphanumeric() || "_-/.".contains(c));
        before == Some('/') && after.is_none_or(ends)
    })
}

/// Whether a text has a name as that of a file: `./x`, `x.nix`, or `"x"`, of which a path may be made.
fn has_word(text: &str, name: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).unwrap_or_default();
        let is_whole = !before.is_some_and(goes_on) && !after.starts_with(goes_on);
        let is_text = before == Some('"') && after.starts_with('"');
        is_whole && (before == Some('/') || after.starts_with(".nix") || is_text)
    })
}

/// A text without what follows a `#` that begins a line or comes after white space.
fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| {
        let mut places = line.match_indices('#').map(|(at, _)| at);
        let comment = places.find(|at| {
            let before = line.get(..*at).and_then(|text| text.chars().next_back());
            before.is_none_or(char::is_whitespace)
        });
        comment.and_then(|at| line.get(..at)).unwrap_or(line)
    });
    code.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Names {
        Names {
            texts: vec![(PathBuf::from("/p/flake.nix"), without_comments(text))],
            is_open: false,
        }
    }

    #[test]
    fn a_module_is_named_by_its_path_or_in_a_list() {
        let path = Path::new("/p/hosts/a/restic.nix");
        assert!(names("imports = [ ./restic.nix ];").has(path));
        assert!(names("map (n: ./. + \"/${n}.nix\") [ \"restic\" ]").has(path));
        assert!(!names("imports = [\n  # ./restic.nix\n  ./restic-server.nix ];").has(path));
        assert!(!names("services.restic.backups = { };").has(path));
        assert!(names("imports = [ ./hosts/a ];").has(Path::new("/p/hosts/a/default.nix")));
        assert!(!names("imports = [ ./hosts/b ];").has(Path::new("/p/hosts/a/default.nix")));
        assert!(names("load ./hosts;").has(path));
    }
}
