//! The inputs of a project with what became of each: what `mcp-lint inputs` shows.

use std::sync::Arc;

use extract::Built;
use flake_lock::{Located, NodeId, Sources};
use nix_eval::flake::project_of_input;
use nix_eval::value::KnownProject;

/// An input of the flake, or of one of its inputs.
#[derive(Debug)]
pub(crate) struct ListedInput {
    /// The names on the way from the project's flake: `a/b`.
    pub(crate) name: String,
    /// Its node; `None` if its `follows` lead nowhere.
    pub(crate) node: Option<NodeId>,
    /// Its reference, without a revision: `github:owner/repo`.
    pub(crate) reference: Option<String>,
    /// The locked revision.
    pub(crate) revision: Option<String>,
    /// The locked hash.
    pub(crate) nar_hash: Option<String>,
    /// What became of it.
    pub(crate) source: InputSource,
    /// Whether an evaluation asked for its source.
    pub(crate) used: bool,
}

/// What became of an input.
#[derive(Debug)]
pub(crate) enum InputSource {
    /// Its source is here.
    Located(Located),
    /// It is not, and this program knows what it gives.
    Emulated,
    /// It is not, and nothing is known of it: why.
    Missing(String),
}

impl InputSource {
    /// The word for it in every format.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Located(located) => located.source.word(),
            Self::Emulated => "emulated",
            Self::Missing(_) => "missing",
        }
    }
}

impl ListedInput {
    /// Whether it is nixpkgs, which is never fetched: what it declares is built in.
    pub(crate) fn is_nixpkgs(&self) -> bool {
        self.project() == Some(KnownProject::Nixpkgs)
    }

    fn project(&self) -> Option<KnownProject> {
        let name = self.name.rsplit('/').next().unwrap_or(&self.name);
        project_of_input(name, self.reference.as_deref().unwrap_or(""))
    }
}

/// Every input of a project that was evaluated, sorted by depth and name.
pub(crate) fn list(built: &Built) -> Vec<ListedInput> {
    let Some(sources) = &built.inputs else {
        return Vec::new();
    };
    let lock = sources.lock();
    let paths = lock.input_paths().into_iter();
    let nodes = paths.filter(|(node, _)| *node != lock.root());
    let mut listed: Vec<ListedInput> = nodes
        .map(|(node, path)| of_node(sources, node, &path))
        .collect();
    listed.extend(lock.follows_errors().map(|error| ListedInput {
        name: error.input.to_string(),
        node: None,
        reference: None,
        revision: None,
        nar_hash: None,
        source: InputSource::Missing(error.to_string()),
        used: false,
    }));
    let depth = |input: &ListedInput| input.name.matches('/').count();
    listed.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));
    listed
}

fn of_node(sources: &Sources, node: NodeId, path: &[Arc<str>]) -> ListedInput {
    let data = sources.lock().node(node);
    let locked = data.locked.as_ref();
    let mut input = ListedInput {
        name: path.join("/"),
        node: Some(node),
        reference: locked.map(ToString::to_string),
        revision: { locked.and_then(|it| it.revision()) }.map(ToOwned::to_owned),
        nar_hash: { locked.and_then(|it| it.nar_hash) }.map(|hash| hash.to_string()),
        source: InputSource::Missing(String::new()),
        used: sources.was_asked_for(node),
    };
    input.source = match (sources.state(node), input.project()) {
        (Ok(located), _) => InputSource::Located(located),
        (Err(_), Some(_)) => InputSource::Emulated,
        (Err(why), None) => InputSource::Missing(why.to_string()),
    };
    input
}

/// The inputs that an evaluation asked for and whose sources are not here, nor emulated.
pub(crate) fn missing(built: &Built) -> Vec<ListedInput> {
    let mut inputs = list(built);
    inputs.retain(|input| input.used && matches!(input.source, InputSource::Missing(_)));
    inputs
}

/// The inputs that an evaluation asked for, and that can be brought. What is emulated can, too: its
/// source has more than this program knows of it.
pub(crate) fn fetchable(built: &Built) -> Vec<ListedInput> {
    let mut inputs = list(built);
    let is_here = |input: &ListedInput| matches!(input.source, InputSource::Located(_));
    inputs.retain(|input| {
        input.used && !is_here(input) && !input.is_nixpkgs() && input.nar_hash.is_some()
    });
    inputs
}
