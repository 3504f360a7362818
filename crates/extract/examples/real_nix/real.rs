//! Secrets as Nix evaluates them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stub_names::{Stubs, stubs};

/// One host takes seconds; a stub that a project configures may make Nix recurse without end.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long between two looks whether Nix has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// A secret as Nix has it.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) owner: String,
    pub(crate) group: String,
    pub(crate) mode: String,
    pub(crate) path: String,
}

/// A project that Nix evaluates.
#[derive(Debug)]
pub(crate) struct RealNix {
    /// What evaluates the project: its configurations by their names.
    expression: String,
    /// Modules of nixpkgs that set nothing.
    _modules: tempfile::TempDir,
}

impl RealNix {
    /// # Errors
    ///
    /// A path that is not there, or that Nix cannot name.
    pub(crate) fn of(sources: &Path, project: &Path) -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/real_nix/project.nix");
        let text = |path: &Path| -> Result<String, String> {
            let path: PathBuf = path.canonicalize().map_err(|why| why.to_string())?;
            let text = path.to_str().ok_or("a path that is no text")?;
            Ok(quoted(text))
        };
        let Stubs {
            modules,
            options,
            files,
        } = stubs(project);
        let empty = empty_modules(&files).map_err(|why| why.to_string())?;
        let expression = format!(
            "import (/. + {}) {{ dir = /. + {}; sources = /. + {}; modulesPath = /. + {}; stubNames = {modules}; stubOptions = [ {options} ]; }}",
            text(&here)?,
            text(project)?,
            text(sources)?,
            text(empty.path())?,
        );
        Ok(Self {
            expression,
            _modules: empty,
        })
    }

    /// The secrets of a host, by the manager's root and their attribute.
    ///
    /// # Errors
    ///
    /// Why Nix cannot evaluate them.
    pub(crate) fn secrets(&self, host: &str) -> Result<BTreeMap<(String, String), Facts>, String> {
        let expression = format!("({}).{}", self.expression, quoted(host));
        let text = evaluated(&expression)?;
        let managers: Value = serde_json::from_str(&text).map_err(|why| why.to_string())?;
        let managers = managers.as_object().into_iter().flatten();
        let mut found = BTreeMap::new();
        for (root, secrets) in managers {
            for (name, facts) in secrets.as_object().into_iter().flatten() {
                let field = |name: &str| {
                    let value = facts.get(name).and_then(Value::as_str);
                    value.unwrap_or_default().to_owned()
                };
                let facts = Facts {
                    owner: field("owner"),
                    group: field("group"),
                    mode: field("mode"),
                    path: field("path"),
                };
                found.insert((root.clone(), name.clone()), facts);
            }
        }
        Ok(found)
    }
}

/// A folder with these files, none of which sets anything.
fn empty_modules(files: &BTreeSet<String>) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for file in files.iter().filter(|file| !file.contains("..")) {
        let path = folder.path().join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, "{ }\n")?;
    }
    Ok(folder)
}

/// A string of Nix.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace("${", "\\${"))
}

fn evaluated(expression: &str) -> Result<String, String> {
    let mut command = Command::new("nix-instantiate");
    command.args(["--read-write-mode", "--eval", "--strict", "--json", "-E"]);
    let mut child = { command.arg(expression) }
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|why| format!("nix-instantiate: {why}"))?;
    // Both are read meanwhile: a pipe that is full would stop Nix.
    let out = child.stdout.take().map(read);
    let errors = child.stderr.take().map(read);
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() < TIMEOUT => std::thread::sleep(PAUSE),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("takes too long".to_owned());
            }
            Err(why) => return Err(why.to_string()),
        }
    };
    let joined = |reader: Option<std::thread::JoinHandle<String>>| {
        reader
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default()
    };
    if status.success() {
        return Ok(joined(out));
    }
    let errors = joined(errors);
    let line = errors.lines().find(|line| line.starts_with("error"));
    Err(line.unwrap_or("error: it does not say which").to_owned())
}

fn read(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
