//! A list of questions about files, answered with the rights of this process.

use std::path::PathBuf;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::buffer::{EXAMINED, SecretBuffer};
use super::file::{Depth, Observation, observe};
use super::list::{Extent, Listing, list};
use super::walk::{Chain, Walker};
use crate::escape::WirePath;

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The directory that paths start from; `/` where empty.
    pub(crate) root: Option<WirePath>,
    /// Files, and how closely.
    pub(crate) files: Vec<(WirePath, Depth)>,
    /// Directories to list, and how far.
    pub(crate) listings: Vec<(WirePath, Extent)>,
}

impl Request {
    /// An empty request for paths below `root`.
    pub(crate) fn below(root: &std::path::Path) -> Self {
        Self {
            root: Some(WirePath(root.to_owned())),
            ..Self::default()
        }
    }
}

/// The answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Survey {
    /// The ways to directories.
    pub(crate) chains: Vec<Chain>,
    /// One for each file asked for, in that order.
    pub(crate) files: Vec<Observation>,
    /// One for each directory asked for, in that order.
    pub(crate) listings: Vec<Listing>,
    /// Whether links moved while it was made, twice: the answers may mix two generations.
    pub(crate) moved: bool,
}

/// Looks at everything asked for. If a link moves meanwhile (a switch to a new generation), looks
/// once more from the start.
///
/// # Errors
///
/// If the root directory cannot be opened.
pub(crate) fn survey(request: &Request) -> Result<Survey, Errno> {
    let (survey, steady) = once(request)?;
    if steady {
        return Ok(survey);
    }
    let (mut survey, steady) = once(request)?;
    survey.moved = !steady;
    Ok(survey)
}

fn once(request: &Request) -> Result<(Survey, bool), Errno> {
    let root = match &request.root {
        Some(WirePath(root)) => root.clone(),
        None => PathBuf::from("/"),
    };
    let mut walker = Walker::new(&root)?;
    let mut buffer = SecretBuffer::new(EXAMINED);
    let listings = request
        .listings
        .iter()
        .map(|(WirePath(path), extent)| list(&mut walker, path, *extent))
        .collect();
    let files = request
        .files
        .iter()
        .map(|(WirePath(path), depth)| observe(&mut walker, &mut buffer, path, *depth))
        .collect();
    let steady = walker.links_unchanged();
    let survey = Survey {
        chains: walker.into_chains(),
        files,
        listings,
        moved: false,
    };
    Ok((survey, steady))
}
