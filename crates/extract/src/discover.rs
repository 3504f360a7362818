//! Which project the given paths belong to, and what of it was named.

use std::path::{Path, PathBuf};

use flake_lock::OverrideOrigin;

use crate::project_walk::walk;

/// Why there is nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoverError {
    /// What was asked for.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub message: String,
    /// The input that the user gives a directory for and the project does not have.
    pub unknown_input: Option<UnknownInput>,
}

/// An input that the project does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownInput {
    /// `a/b`
    pub name: String,
    /// Those that it has, sorted.
    pub known: Vec<String>,
    /// Where the user names it.
    pub origin: OverrideOrigin,
}

impl DiscoverError {
    /// An error of a path.
    pub(crate) fn new(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            unknown_input: None,
        }
    }
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
    /// Files and directories that were named below the flake that they belong to, sorted.
    pub below_flake: Vec<PathBuf>,
    /// Whether nothing but `below_flake` was named: what is found elsewhere was not asked for.
    pub is_part: bool,
}

impl Discovery {
    /// A flake, all of it.
    fn of_flake(flake: &Path) -> Self {
        Self {
            root: flake.to_owned(),
            flake: Some(flake.to_owned()),
            modules: Vec::new(),
            directory: Some(flake.to_owned()),
            below_flake: Vec::new(),
            is_part: false,
        }
    }

    /// A file or directory below the flake that it belongs to.
    fn below(flake: &Path, named: PathBuf) -> Self {
        Self {
            below_flake: vec![named],
            is_part: true,
            ..Self::of_flake(flake)
        }
    }

    /// What is named to be inspected without a flake.
    fn without_flake(directory: &Path, modules: Vec<PathBuf>) -> Self {
        Self {
            root: project_root(directory),
            flake: None,
            modules,
            directory: None,
            below_flake: Vec::new(),
            is_part: false,
        }
    }

    /// Where declarations that no host has are looked for: in what was named, or below the directory that
    /// was, or whose flake was.
    pub(crate) fn searched(&self) -> &[PathBuf] {
        match self.part() {
            [] => self.directory.as_slice(),
            part => part,
        }
    }

    /// The files and directories that findings are asked for; empty if all are.
    #[must_use]
    pub fn part(&self) -> &[PathBuf] {
        if self.is_part { &self.below_flake } else { &[] }
    }
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
/// If a path is missing, is no Nix file, belongs to another flake than the others, or a directory
/// holds no Nix at all.
pub fn discover(paths: &[PathBuf]) -> Result<Discovery, DiscoverError> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut discovery: Option<Discovery> = None;
    for path in paths {
        let found = discover_one(path)?;
        discovery = Some(match discovery {
            None => found,
            Some(mut all) => {
                if let (Some(first), Some(other)) = (&all.flake, &found.flake)
                    && first != other
                {
                    let message = format!(
                        "it belongs to another flake than the paths before it: {}",
                        first.display()
                    );
                    return Err(DiscoverError::new(path, message));
                }
                all.root = common_root(&all.root, &found.root);
                all.flake = all.flake.or(found.flake);
                all.modules.extend(found.modules);
                all.directory = all.directory.or(found.directory);
                all.below_flake.extend(found.below_flake);
                all.is_part &= found.is_part;
                all
            }
        });
    }
    let Some(mut discovery) = discovery else {
        return Err(DiscoverError::new(".", "nothing to look at"));
    };
    for paths in [&mut discovery.modules, &mut discovery.below_flake] {
        paths.sort();
        paths.dedup();
    }
    Ok(discovery)
}

fn discover_one(path: &Path) -> Result<Discovery, DiscoverError> {
    let fail = |message: String| DiscoverError::new(path, message);
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
        return Ok(Discovery::of_flake(&directory));
    }
    if name == "flake.lock" {
        return discover_directory(path, &directory);
    }
    if let Some(flake) = find_flake(&directory)? {
        return Ok(Discovery::below(flake, real));
    }
    if !name.ends_with(".nix") {
        return Err(fail(
            "not a Nix file: name a flake.nix, a module, or a directory".to_owned(),
        ));
    }
    Ok(Discovery::without_flake(&directory, vec![real]))
}

fn discover_directory(path: &Path, real: &Path) -> Result<Discovery, DiscoverError> {
    match find_flake(real)? {
        Some(flake) if flake == real => return Ok(Discovery::of_flake(real)),
        Some(flake) => return Ok(Discovery::below(flake, real.to_owned())),
        None => {}
    }
    if let Some(entry) = entry_point(real) {
        return Ok(Discovery {
            directory: Some(real.to_owned()),
            ..Discovery::without_flake(real, vec![entry])
        });
    }
    let files = nix_files(real);
    if files.is_empty() {
        let message = "no .nix file in this directory";
        return Err(DiscoverError::new(path, message));
    }
    let mut flakes = flakes_among(&files);
    match (flakes.pop(), flakes.as_slice()) {
        (None, _) => Ok(Discovery::without_flake(real, files)),
        (Some(flake), []) => Ok(Discovery {
            // What is beside it belongs to the same repository, and so to its source.
            root: real.to_owned(),
            directory: Some(real.to_owned()),
            ..Discovery::of_flake(&flake)
        }),
        (Some(last), others) => {
            let shown = others.iter().chain([&last]).take(MAX_NAMED);
            let shown = shown.map(|flake| flake.strip_prefix(real).unwrap_or(flake).display());
            let shown: Vec<String> = shown.map(|flake| flake.to_string()).collect();
            let message = format!(
                "no flake.nix in this directory, and {} below it: name one of them ({})",
                others.len() + 1,
                shown.join(", ")
            );
            Err(DiscoverError::new(path, message))
        }
    }
}

/// So many flakes are named where one has to be chosen: more do not help to choose.
const MAX_NAMED: usize = 5;

/// What flakes that define configurations mention in their texts, one of these at least.
const OF_CONFIGURATIONS: [&str; 6] = [
    "Configurations",
    "nixosSystem",
    "darwinSystem",
    "colmena",
    "mkFlake",
    "Modules",
];

/// The directories of the flakes among files below a directory: those that may define configurations, if
/// any does; a flake below another one is that one's own.
fn flakes_among(files: &[PathBuf]) -> Vec<PathBuf> {
    let flakes = files.iter().filter(|file| file.ends_with("flake.nix"));
    let mut all: Vec<PathBuf> = Vec::new();
    for directory in flakes.filter_map(|file| file.parent()) {
        if !all.iter().any(|above| directory.starts_with(above)) {
            all.retain(|below| !below.starts_with(directory));
            all.push(directory.to_owned());
        }
    }
    let may_configure = |directory: &&PathBuf| {
        let text = std::fs::read_to_string(directory.join("flake.nix"));
        let has = |text: String| OF_CONFIGURATIONS.iter().any(|word| text.contains(word));
        text.is_ok_and(has)
    };
    let configuring: Vec<PathBuf> = all.iter().filter(may_configure).cloned().collect();
    if configuring.is_empty() {
        all
    } else {
        configuring
    }
}

/// Whether a directory has a `flake.nix`.
///
/// # Errors
///
/// If there is something of that name that is no file or cannot be reached: the project would look
/// like one without a flake.
fn has_flake(directory: &Path) -> Result<bool, String> {
    let flake = directory.join("flake.nix");
    match no_file(&flake) {
        Some(what) => Err(format!("{what}: nothing is known of the flake")),
        None => Ok(flake.is_file()),
    }
}

/// The entry point of a directory without a flake; `None` if it has none.
pub(crate) fn entry_point(directory: &Path) -> Option<PathBuf> {
    let mut files = ENTRY_POINTS.iter().map(|name| directory.join(name));
    files.find(|file| file.is_file())
}

/// Whether a file is called as the entry point of a project is.
pub(crate) fn is_entry_point(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| ENTRY_POINTS.contains(&name))
}

/// The directory of the flake that a directory belongs to: the nearest one upwards with a
/// `flake.nix`; `None` if there is none, or if that is no file. As for Nix, a repository inside another
/// is a project of its own.
#[must_use]
pub fn flake_above(directory: &Path) -> Option<&Path> {
    find_flake(directory).ok().flatten()
}

fn find_flake(directory: &Path) -> Result<Option<&Path>, DiscoverError> {
    for above in directory.ancestors() {
        let fail = |message| DiscoverError::new(above.join("flake.nix"), message);
        if has_flake(above).map_err(fail)? {
            return Ok(Some(above));
        }
        if above.join(".git").exists() {
            break;
        }
    }
    Ok(None)
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
    let repository = || {
        let mut above = directory.ancestors();
        above.find(|above| above.join(".git").exists())
    };
    let root = flake_above(directory).or_else(repository);
    root.unwrap_or(directory).to_owned()
}

fn common_root(a: &Path, b: &Path) -> PathBuf {
    a.ancestors()
        .find(|above| b.starts_with(above))
        .unwrap_or_else(|| Path::new("/"))
        .to_owned()
}

/// The `.nix` files below a directory, without hidden and ignored ones.
pub(crate) fn nix_files(directory: &Path) -> Vec<PathBuf> {
    let is_listed = |entry: &ignore::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        !(name == "result" || name.starts_with("result-") || name.starts_with('.'))
    };
    walk(directory, None, is_listed, |entries| {
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .map(ignore::DirEntry::into_path)
            .filter(|path| path.extension().is_some_and(|extension| extension == "nix"))
            .collect()
    })
}
