//! References as people write them.

use std::fmt;

use super::{Fetcher, Locked};

impl fmt::Display for Locked {
    /// Prints the reference without its revision: `github:owner/repo`, `git+https://host/path`. A
    /// password and a query, which may hold a token, are left out.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name| self.text(name).unwrap_or("?");
        let forge = match &self.fetcher {
            Fetcher::Github => "github",
            Fetcher::Gitlab => "gitlab",
            Fetcher::Sourcehut => "sourcehut",
            Fetcher::Git => return write!(out, "git+{}", without_secrets(text("url"))),
            Fetcher::Mercurial => return write!(out, "hg+{}", without_secrets(text("url"))),
            Fetcher::Tarball => return out.write_str(&without_secrets(text("url"))),
            Fetcher::File => return write!(out, "file+{}", without_secrets(text("url"))),
            Fetcher::Path => return write!(out, "path:{}", text("path")),
            Fetcher::Indirect => return write!(out, "flake:{}", text("id")),
            Fetcher::Other(name) => return out.write_str(name),
        };
        write!(out, "{forge}:{}/{}", text("owner"), text("repo"))
    }
}

/// A URL without a user, a password and a query.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or("");
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or("");
    format!("{scheme}://{host}{path}")
}
