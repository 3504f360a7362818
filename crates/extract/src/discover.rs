//! Which project the given paths belong to, and what of it was named.

use std::path::{Path, PathBuf};

/// Why there is nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoverError {
    /// What was asked for.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub message: String,
}

impl std::fmt::Display for DiscoverError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for DiscoverError {}

/// A project and what of it to evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The root: absolute, without symbolic links.
    pub root: PathBuf,
    /// The flake to evaluate: the directory of its `flake.nix`.
    pub flake: Option<PathBuf>,
    /// Module files that were named, and entry points of a project without a flake.
    pub modules: Vec<PathBuf>,
    /// The directory that was named, or whose flake was: modules below it that nothing reaches are
    /// looked at as well.
    pub directory: Option<PathBuf>,
}

/// The entry points of a project without a flake, in this order.
const ENTRY_POINTS: [&str; 5] = [
    "configuration.nix",
    "darwin-configuration.nix",
    "home.nix",
    "hive.nix",
    "default.nix",
];

/// Finds the project of the given paths (`.` if there are none).
///
/// # Errors
///
/// Where a path is missing, is no Nix file, or a directory holds no Nix at all.
pub fn discover(paths: &[PathBuf]) -> Result<Discovery, DiscoverError> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut discovery: Option<Discovery> = None;
    for path in paths {
        let found = discover_one(path)?;
        discovery = Some(match discovery {
            None => found,
            Some(mut all) => {
                all.root = common_root(&all.root, &found.root);
                all.flake = all.flake.or(found.flake);
                all.modules.extend(found.modules);
                all.directory = all.directory.or(found.directory);
                all
            }
        });
    }
    let Some(mut discovery) = discovery else {
        return Err(DiscoverError {
            path: PathBuf::from("."),
            message: "nothing to look at".to_owned(),
        });
    };
    discovery.modules.sort();
    discovery.modules.dedup();
    Ok(discovery)
}

fn discover_one(path: &Path) -> Result<Discovery, DiscoverError> {
    let fail = |message: String| DiscoverError {
        path: path.to_owned(),
        message,
    };
    let real = path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fail("no such file or directory".to_owned()),
        _ => fail(error.to_string()),
    })?;
    let metadata = std::fs::metadata(&real).map_err(|error| fail(error.to_string()))?;
    if metadata.is_dir() {
        return discover_directory(path, &real);
    }
    if !metadata.is_file() {
        return Err(fail("neither a file nor a directory".to_owned()));
    }
    let directory = real.parent().unwrap_or_else(|| Path::new("/")).to_owned();
    let name = real
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if name == "flake.nix" {
        return Ok(Discovery {
            root: directory.clone(),
            flake: Some(directory.clone()),
            modules: Vec::new(),
            directory: Some(directory),
        });
    }
    if name == "flake.lock" {
        return discover_directory(path, &directory);
    }
    if !name.ends_with(".nix") {
        return Err(fail(
            "not a Nix file: name a flake.nix, a module, or a directory".to_owned(),
        ));
    }
    Ok(Discovery {
        root: project_root(&directory),
        flake: None,
        modules: vec![real],
        directory: None,
    })
}

fn discover_directory(path: &Path, real: &Path) -> Result<Discovery, DiscoverError> {
    let flake = real.join("flake.nix");
    if let Some(what) = no_file(&flake) {
        return Err(DiscoverError {
            path: flake,
            message: format!("{what}: nothing is known of the flake"),
        });
    }
    if flake.is_file() {
        return Ok(Discovery {
            root: real.to_owned(),
            flake: Some(real.to_owned()),
            modules: Vec::new(),
            directory: Some(real.to_owned()),
        });
    }
    let modules: Vec<PathBuf> = ENTRY_POINTS
        .iter()
        .map(|name| real.join(name))
        .filter(|file| file.is_file())
        .take(1)
        .collect();
    if !modules.is_empty() {
        return Ok(Discovery {
            root: project_root(real),
            flake: None,
            modules,
            directory: Some(real.to_owned()),
        });
    }
    let mut files = nix_files(real);
    if files.is_empty() {
        return Err(DiscoverError {
            path: path.to_owned(),
            message: "no .nix file in this directory".to_owned(),
        });
    }
    files.sort();
    Ok(Discovery {
        root: project_root(real),
        flake: None,
        modules: files,
        directory: None,
    })
}

/// What is at a path instead of a file; `None` if it is a file, or nothing is there.
fn no_file(path: &Path) -> Option<&'static str> {
    path.symlink_metadata().ok()?;
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => None,
        Ok(metadata) if metadata.is_dir() => Some("it is a directory"),
        Ok(_) => Some("it is neither a file nor a directory"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Some("it is a link that leads nowhere")
        }
        Err(_) => Some("it cannot be opened"),
    }
}

/// The nearest directory upwards with a `flake.nix`, else the one with `.git`, else `directory`.
fn project_root(directory: &Path) -> PathBuf {
    let with = |name: &str| {
        directory
            .ancestors()
            .find(|above| above.join(name).exists())
    };
    with("flake.nix")
        .or_else(|| with(".git"))
        .unwrap_or(directory)
        .to_owned()
}

fn common_root(a: &Path, b: &Path) -> PathBuf {
    a.ancestors()
        .find(|above| b.starts_with(above))
        .unwrap_or_else(|| Path::new("/"))
        .to_owned()
}

/// The `.nix` files below a directory, without hidden and ignored ones.
pub(crate) fn nix_files(directory: &Path) -> Vec<PathBuf> {
    ignore::WalkBuilder::new(directory)
        .follow_links(false)
        .require_git(false)
        .git_global(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name == "result" || name.starts_with("result-"))
        })
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "nix"))
        .collect()
}
