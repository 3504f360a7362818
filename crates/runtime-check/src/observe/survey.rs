//! A list of questions about files, answered with the rights of this process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
    /// Items that are left out because their file system does not answer: see [`Request::item`].
    #[serde(default)]
    pub(crate) unanswered: BTreeSet<usize>,
}

impl Request {
    /// An empty request for paths below `root`.
    pub(crate) fn below(root: &std::path::Path) -> Self {
        Self {
            root: Some(WirePath(root.to_owned())),
            ..Self::default()
        }
    }

    /// The path of an item: listings first, then files.
    pub(crate) fn item(&self, index: usize) -> Option<&Path> {
        match self.listings.get(index) {
            Some((WirePath(path), _)) => Some(path),
            None => { self.files.get(index - self.listings.len()) }.map(|(path, _)| &*path.0),
        }
    }

    /// Leaves out an item that got no answer, and what is in the same directory or below.
    pub(crate) fn leave_out(&mut self, index: usize) {
        let directory = self.item(index).and_then(Path::parent).map(Path::to_owned);
        let near = (0..self.listings.len() + self.files.len()).filter(|&other| {
            let path = self.item(other);
            path.zip(directory.as_deref())
                .is_some_and(|(path, directory)| {
                    directory != Path::new("/") && path.starts_with(directory)
                })
        });
        let near: Vec<usize> = near.collect();
        self.unanswered.extend(near);
        self.unanswered.insert(index);
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
/// `begin` is called with each item before it is looked at.
///
/// # Errors
///
/// If the root directory cannot be opened.
pub(crate) fn survey(request: &Request, begin: &mut dyn FnMut(usize)) -> Result<Survey, Errno> {
    let (survey, steady) = once(request, begin)?;
    if steady {
        return Ok(survey);
    }
    let (mut survey, steady) = once(request, begin)?;
    survey.moved = !steady;
    Ok(survey)
}

fn once(request: &Request, begin: &mut dyn FnMut(usize)) -> Result<(Survey, bool), Errno> {
    let root = match &request.root {
        Some(WirePath(root)) => root.clone(),
        None => PathBuf::from("/"),
    };
    let mut walker = Walker::new(&root)?;
    let mut buffer = SecretBuffer::new(EXAMINED);
    let mut listings = Vec::with_capacity(request.listings.len());
    for (index, (WirePath(path), extent)) in request.listings.iter().enumerate() {
        begin(index);
        listings.push(if request.unanswered.contains(&index) {
            Listing::unanswered(&mut walker, path)
        } else {
            list(&mut walker, path, *extent)
        });
    }
    let mut files = Vec::with_capacity(request.files.len());
    for (index, (WirePath(path), depth)) in request.files.iter().enumerate() {
        let index = request.listings.len() + index;
        begin(index);
        files.push(if request.unanswered.contains(&index) {
            Observation::unanswered(path)
        } else {
            observe(&mut walker, &mut buffer, path, *depth)
        });
    }
    let steady = walker.links_unchanged();
    let survey = Survey {
        chains: walker.into_chains(),
        files,
        listings,
        moved: false,
    };
    Ok((survey, steady))
}
