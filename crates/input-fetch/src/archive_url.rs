//! Where the archive of a locked revision is.

use flake_lock::{Attribute, Fetcher, Locked};

use crate::environment::Environment;
use crate::error::FetchError;

/// A request for an archive.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ArchiveRequest {
    pub(crate) url: String,
    /// The value of `authorization`, which goes to this URL's host only.
    pub(crate) authorization: Option<String>,
}

impl ArchiveRequest {
    /// The host, for messages.
    pub(crate) fn host(&self) -> String {
        host(&self.url).unwrap_or("the server").to_owned()
    }
}

/// The host of a URL, without a user or a password; `None` if it has none.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host).filter(|host| !host.is_empty())
}

/// The request for the archive of a source.
///
/// # Errors
///
/// If there is no archive of it.
pub(crate) fn archive_request(
    locked: &Locked,
    environment: &Environment,
) -> Result<ArchiveRequest, FetchError> {
    let attribute = |name, what| locked.text(name).ok_or(FetchError::Unsupported(what));
    let incomplete = "a reference without owner, repository and revision";
    match &locked.fetcher {
        Fetcher::Github | Fetcher::Gitlab | Fetcher::Sourcehut => {
            let owner = attribute("owner", incomplete)?;
            let repository = attribute("repo", incomplete)?;
            let revision = attribute("rev", incomplete)?;
            let (forge, default) = match locked.fetcher {
                Fetcher::Github => (Forge::Github, "github.com"),
                Fetcher::Gitlab => (Forge::Gitlab, "gitlab.com"),
                _ => (Forge::Sourcehut, "git.sr.ht"),
            };
            let host = locked.text("host").unwrap_or(default);
            forge.request(host, owner, repository, revision, environment)
        }
        Fetcher::Tarball => {
            let url = attribute("url", "a tarball without a URL")?;
            match url.split_once("://") {
                Some(("http" | "https", _)) => Ok(with_token_of_host(url, environment)),
                _ => Err(FetchError::Unsupported(
                    "a tarball of another scheme than HTTP",
                )),
            }
        }
        Fetcher::Git => git(locked, environment),
        Fetcher::File => Err(FetchError::Unsupported("a single file")),
        Fetcher::Path => Err(FetchError::Unsupported("a directory of another machine")),
        Fetcher::Mercurial => Err(FetchError::Unsupported("a Mercurial repository")),
        Fetcher::Indirect => Err(FetchError::Unsupported("a name in the registry")),
        _ => Err(FetchError::Unsupported("a source of an unknown type")),
    }
}

/// A token as a header has it; GitLab's have their kind before them in Nix's configuration.
fn bearer(token: &str) -> String {
    let kinds = ["PAT:", "OAuth2:"];
    let bare = kinds.iter().find_map(|kind| token.strip_prefix(kind));
    format!("Bearer {}", bare.unwrap_or(token))
}

fn with_token_of_host(url: &str, environment: &Environment) -> ArchiveRequest {
    // Never without encryption.
    let token = { host(url) }.filter(|_| url.starts_with("https://"));
    let token = token.and_then(|host| environment.token(host));
    ArchiveRequest {
        url: url.to_owned(),
        authorization: token.map(bearer),
    }
}

/// A git repository on a forge that offers archives: what comes is verified by its hash, which
/// differs if the repository leaves files out of archives.
fn git(locked: &Locked, environment: &Environment) -> Result<ArchiveRequest, FetchError> {
    let on = |name| { locked.attributes() }.any(|it| it == (name, &Attribute::Bool(true)));
    if on("submodules") {
        return Err(FetchError::Unsupported("a git repository with submodules"));
    }
    let elsewhere = FetchError::Unsupported("a git repository of a host without archives");
    let (Some(url), Some(revision)) = (locked.text("url"), locked.text("rev")) else {
        return Err(elsewhere);
    };
    let Some(host) = host(url) else {
        return Err(elsewhere);
    };
    // Of `ssh://git@host:22/`.
    let host = host.split(':').next().unwrap_or(host);
    let forge = match host {
        "github.com" => Forge::Github,
        "gitlab.com" => Forge::Gitlab,
        "git.sr.ht" => Forge::Sourcehut,
        "codeberg.org" => Forge::Forgejo,
        _ => return Err(elsewhere),
    };
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'));
    let path = path.map_or("", |(_, path)| path);
    let path = path
        .split(['?', '#'])
        .next()
        .unwrap_or("")
        .trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    match path.rsplit_once('/') {
        Some((owner, repository)) => forge.request(host, owner, repository, revision, environment),
        None => Err(elsewhere),
    }
}

/// How a host of repositories offers archives.
#[derive(Clone, Copy)]
enum Forge {
    Github,
    Gitlab,
    Sourcehut,
    Forgejo,
}

impl Forge {
    fn request(
        self,
        host: &str,
        owner: &str,
        repository: &str,
        revision: &str,
        environment: &Environment,
    ) -> Result<ArchiveRequest, FetchError> {
        // They become parts of a URL: nothing in them may lead to another place of the host.
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_plain = |name: &str| {
            !name.is_empty() && name != "." && name != ".." && name.chars().all(is_name)
        };
        let owner = owner.strip_prefix('~').unwrap_or(owner);
        let owners: Vec<&str> = owner.split('/').collect();
        let right = !host.is_empty()
            && host.chars().all(is_host)
            && owners.iter().all(|name| is_plain(name))
            && (owners.len() == 1 || matches!(self, Self::Gitlab))
            && is_plain(repository)
            && is_plain(revision);
        if !right {
            return Err(FetchError::Unsupported("a repository with such a name"));
        }
        let token = environment.token(host);
        let url = match self {
            // As Nix: with a token by the API, which it is for.
            Self::Github if host == "github.com" && token.is_none() => {
                format!("https://{host}/{owner}/{repository}/archive/{revision}.tar.gz")
            }
            Self::Github => {
                let api = match host {
                    "github.com" => "api.github.com".to_owned(),
                    other => format!("{other}/api/v3"),
                };
                format!("https://{api}/repos/{owner}/{repository}/tarball/{revision}")
            }
            Self::Gitlab => {
                let project = format!("{}%2F{repository}", owners.join("%2F"));
                format!(
                    "https://{host}/api/v4/projects/{project}/repository/archive.tar.gz?sha={revision}"
                )
            }
            Self::Sourcehut => {
                format!("https://{host}/~{owner}/{repository}/archive/{revision}.tar.gz")
            }
            Self::Forgejo => {
                format!("https://{host}/{owner}/{repository}/archive/{revision}.tar.gz")
            }
        };
        let authorization = token.map(bearer);
        Ok(ArchiveRequest { url, authorization })
    }
}

#[cfg(test)]
mod tests {
    use flake_lock::Lock;

    use super::*;

    fn request(locked: &str, tokens: &[(&str, &str)]) -> Result<ArchiveRequest, String> {
        let text = format!(
            r#"{{"version": 7, "root": "root", "nodes": {{"root": {{}}, "x": {{"locked": {{{locked}}}}}}}}}"#
        );
        let lock = Lock::parse(&text).expect("a lock");
        let node = lock.node(lock.node_named("x").expect("a node"));
        let environment = Environment::read(&|name| {
            let found = tokens.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let locked = node.locked.as_ref().expect("locked");
        archive_request(locked, &environment).map_err(|error| error.to_string())
    }

    fn url(locked: &str) -> String {
        request(locked, &[]).expect("a request").url
    }

    const REV: &str = r#""rev": "abc123""#;

    #[test]
    fn every_forge_has_its_archives() {
        let cases = [
            (
                r#""type": "github", "owner": "o", "repo": "r""#,
                "https://github.com/o/r/archive/abc123.tar.gz",
            ),
            (
                r#""type": "github", "owner": "o", "repo": "r", "host": "git.example.org""#,
                "https://git.example.org/api/v3/repos/o/r/tarball/abc123",
            ),
            (
                r#""type": "gitlab", "owner": "a/b", "repo": "r""#,
                "https://gitlab.com/api/v4/projects/a%2Fb%2Fr/repository/archive.tar.gz?sha=abc123",
            ),
            (
                r#""type": "sourcehut", "owner": "~o", "repo": "r""#,
                "https://git.sr.ht/~o/r/archive/abc123.tar.gz",
            ),
            (
                r#""type": "git", "url": "https://github.com/o/r.git""#,
                "https://github.com/o/r/archive/abc123.tar.gz",
            ),
            (
                r#""type": "git", "url": "ssh://git@codeberg.org:22/o/r""#,
                "https://codeberg.org/o/r/archive/abc123.tar.gz",
            ),
            (
                r#""type": "git", "url": "https://git.sr.ht/~o/r""#,
                "https://git.sr.ht/~o/r/archive/abc123.tar.gz",
            ),
            (
                r#""type": "tarball", "url": "https://example.org/a.tar.gz?rev=1""#,
                "https://example.org/a.tar.gz?rev=1",
            ),
        ];
        for (locked, wanted) in cases {
            assert_eq!(url(&format!("{locked}, {REV}")), wanted);
        }
    }

    #[test]
    fn names_do_not_lead_to_other_places() {
        for locked in [
            r#""type": "github", "owner": "..", "repo": "r""#,
            r#""type": "github", "owner": "o/x", "repo": "r""#,
            r#""type": "github", "owner": "o", "repo": "r?x=y""#,
            r#""type": "github", "owner": "o", "repo": "r", "host": "a@b""#,
            r#""type": "gitlab", "owner": "o/../..", "repo": "r""#,
            r#""type": "git", "url": "https://example.org/o/r""#,
            r#""type": "git", "url": "https://github.com/o/r", "submodules": true"#,
            r#""type": "git", "url": "/srv/git""#,
            r#""type": "tarball", "url": "file:///etc/passwd""#,
            r#""type": "path", "path": "/etc""#,
            r#""type": "file", "url": "https://example.org/x""#,
            r#""type": "hg", "url": "https://example.org/x""#,
        ] {
            assert!(
                request(&format!("{locked}, {REV}"), &[]).is_err(),
                "{locked}"
            );
        }
    }

    #[test]
    fn tokens_go_to_their_host_only() {
        let tokens = [
            ("GITHUB_TOKEN", "t"),
            ("GITLAB_TOKEN", "l"),
            ("NIX_CONFIG", "access-tokens = a.org=s"),
        ];
        let of = |locked: &str| {
            let request = request(&format!("{locked}, {REV}"), &tokens).expect("a request");
            (request.url, request.authorization)
        };
        let (url, token) = of(r#""type": "github", "owner": "o", "repo": "r""#);
        assert_eq!(url, "https://api.github.com/repos/o/r/tarball/abc123");
        assert_eq!(token, Some("Bearer t".to_owned()));
        let (_, token) = of(r#""type": "gitlab", "owner": "o", "repo": "r""#);
        assert_eq!(token, Some("Bearer l".to_owned()));
        let (_, token) = of(r#""type": "gitlab", "owner": "o", "repo": "r", "host": "b.org""#);
        assert_eq!(token, None);
        let (_, token) = of(r#""type": "tarball", "url": "https://a.org/x.tar.gz""#);
        assert_eq!(token, Some("Bearer s".to_owned()));
        let (_, token) = of(r#""type": "tarball", "url": "http://a.org/x.tar.gz""#);
        assert_eq!(token, None);
    }

    #[test]
    fn hosts_are_shown_without_passwords() {
        let request = request(
            r#""type": "tarball", "url": "https://me:secret@a.org:8/x?token=y""#,
            &[],
        );
        assert_eq!(request.expect("a request").host(), "a.org:8");
    }
}
