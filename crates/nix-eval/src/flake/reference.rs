//! References to flakes and sources: which repository they name.

/// A repository that a reference names, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The owner; `None` of a directory and of an entry of the registry.
    owner: Option<String>,
    name: String,
}

impl Repository {
    /// The repository of a flake reference or of the URL of a source; `None` if it names none.
    pub(crate) fn of(reference: &str) -> Option<Self> {
        let reference = reference.to_ascii_lowercase();
        let reference = reference.split(['?', '#']).next().unwrap_or_default();
        let reference = reference.strip_prefix("flake:").unwrap_or(reference);
        if let Some((scheme, rest)) = reference.split_once("://") {
            let (host, path) = rest.split_once('/')?;
            return match (scheme.rsplit('+').next(), host) {
                (Some("file"), _) => Self::directory(path),
                // A channel: `nixos-25.11/nixexprs.tar.xz`.
                (_, "channels.nixos.org" | "releases.nixos.org" | "nixos.org") => {
                    let is_channel =
                        |part: &str| part.starts_with("nixos-") || part.starts_with("nixpkgs-");
                    path.split('/')
                        .any(is_channel)
                        .then(|| Self::alone("nixpkgs"))
                }
                (_, "flakehub.com" | "api.flakehub.com") => {
                    Self::hosted(path.strip_prefix("f/").unwrap_or(path))
                }
                _ => Self::hosted(path),
            };
        }
        match reference.split_once(':') {
            Some(("github" | "gitlab" | "sourcehut", path)) => Self::hosted(path),
            Some((_, path)) => Self::directory(path),
            None if reference.starts_with(['/', '.', '~']) => Self::directory(reference),
            // An entry of the registry.
            None => {
                let name = reference
                    .split('/')
                    .next()
                    .filter(|name| !name.is_empty())?;
                Some(Self::alone(name))
            }
        }
    }

    /// `owner/name/…`, and `group/…/name.git`.
    fn hosted(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let of_git = segments.iter().position(|part| part.ends_with(".git"));
        let at = of_git.filter(|at| *at > 0).unwrap_or(1);
        let name = segments.get(at)?;
        Some(Self {
            owner: segments.first().map(|owner| (*owner).to_owned()),
            name: name.strip_suffix(".git").unwrap_or(name).to_owned(),
        })
    }

    fn directory(path: &str) -> Option<Self> {
        let name = path.rsplit('/').find(|part| !part.is_empty())?;
        Some(Self::alone(name.strip_suffix(".git").unwrap_or(name)))
    }

    fn alone(name: &str) -> Self {
        Self {
            owner: None,
            name: name.to_owned(),
        }
    }

    /// Its name, if it is of that owner.
    pub(crate) fn name_below(&self, owner: &str) -> Option<&str> {
        (self.owner.as_deref() == Some(owner)).then_some(self.name.as_str())
    }

    /// Whether it is that one: `owner/name`, or any of that name.
    pub(crate) fn is(&self, known: &str) -> bool {
        match known.split_once('/') {
            Some((owner, name)) => self.owner.as_deref() == Some(owner) && self.name == name,
            None => self.name == known,
        }
    }

    /// What it is called: its name, and that behind its owner's.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let full = { self.owner.as_ref() }.map(|owner| format!("{owner}/{}", self.name));
        [self.name.clone()].into_iter().chain(full)
    }
}
