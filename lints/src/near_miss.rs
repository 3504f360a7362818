//! A server finds no file, but a secret is declared that is obviously meant for it.

use inventory::{McpConfiguration, Secret};

use crate::HostContext;
use crate::context::{Need, in_reach, split};

/// What keeps the secret from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The file name is right, the directory is not.
    Directory,
    /// The directory is right, the file name is not.
    Name,
    /// Neither is right, and nothing lands in the directory that the servers read.
    Both,
}

/// The secret that is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NearMiss<'a> {
    /// Its index in the host.
    pub(crate) index: usize,
    /// The secret.
    pub(crate) secret: &'a Secret,
    /// Where it lands.
    pub(crate) path: &'a str,
    /// What is wrong.
    pub(crate) miss: Miss,
}

/// The secret that is meant for a server which no secret serves.
pub(crate) fn near_miss<'a>(
    cx: &HostContext<'a>,
    mcp: &McpConfiguration,
    need: &Need<'_>,
) -> Option<NearMiss<'a>> {
    if need.server.provided_by.is_some() {
        return None;
    }
    let candidates: Vec<NearMiss<'a>> = cx
        .secrets()
        .filter(|(_, secret)| in_reach(&secret.scope, &mcp.user) && !secret.path_is_shell_text)
        .filter_map(|(index, secret)| {
            let path = secret.path.known()?.as_str();
            let miss = compare(need, path)?;
            Some(NearMiss {
                index,
                secret,
                path,
                miss,
            })
        })
        .collect();
    let of = |miss: Miss| {
        candidates
            .iter()
            .find(|candidate| candidate.miss == miss)
            .copied()
    };
    of(Miss::Name).or_else(|| of(Miss::Directory)).or_else(|| {
        let used = cx
            .secrets()
            .any(|(_, secret)| lands_in(secret, need.directory));
        of(Miss::Both).filter(|_| !used)
    })
}

fn lands_in(secret: &Secret, directory: &str) -> bool {
    let path = secret.path.known().and_then(|path| split(path));
    path.is_some_and(|(parent, _)| parent == directory)
}

fn compare(need: &Need<'_>, path: &str) -> Option<Miss> {
    let (directory, name) = split(path)?;
    match (directory == need.directory, name == need.name) {
        (true, true) => None,
        (false, true) => Some(Miss::Directory),
        (true, false) => is_alike(need.name, name).then_some(Miss::Name),
        (false, false) => is_alike(need.name, name).then_some(Miss::Both),
    }
}

/// Names under which people keep the secrets of the servers, without case and separators.
const ALIASES: [(&str, &[&str]); 4] = [
    (
        "githubtoken",
        &[
            "githubpersonalaccesstoken",
            "githubpat",
            "ghtoken",
            "githubapitoken",
            "githubapikey",
        ],
    ),
    (
        "openaiapikey",
        &["openaikey", "openaitoken", "openaiapitoken"],
    ),
    ("kagiapikey", &["kagikey", "kagitoken", "kagiapitoken"]),
    (
        "braveapikey",
        &[
            "bravekey",
            "bravesearchapikey",
            "bravesearchkey",
            "braveapitoken",
        ],
    ),
];

fn is_alike(wanted: &str, name: &str) -> bool {
    let (wanted, name) = (plain(wanted), plain(name));
    let aliases = ALIASES.iter().find(|(known, _)| *known == wanted);
    wanted == name || aliases.is_some_and(|(_, aliases)| aliases.contains(&name.as_str()))
}

/// Without case, separators and file endings.
fn plain(name: &str) -> String {
    let name = name
        .strip_suffix(".age")
        .or_else(|| name.strip_suffix(".txt"))
        .unwrap_or(name);
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_separators_do_not_make_another_name() {
        assert!(is_alike("GITHUB_TOKEN", "github-token"));
        assert!(is_alike("GITHUB_TOKEN", "gh_token"));
        assert!(!is_alike("GITHUB_TOKEN", "gitlab_token"));
        assert!(!is_alike("OPENAI_API_KEY", "KAGI_API_KEY"));
    }
}
