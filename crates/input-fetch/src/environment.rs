//! What the usual variables say: tokens, and certificates beside the built-in ones.

use std::fmt;
use std::path::PathBuf;

/// Tokens and certificates. Proxies are read by the HTTP client: `HTTPS_PROXY`, `ALL_PROXY`,
/// `HTTP_PROXY`, `NO_PROXY`.
#[derive(Clone, Default)]
pub struct Environment {
    /// Tokens by host; the first one counts.
    tokens: Vec<(String, String)>,
    /// A file of certificates, in PEM, that stands for the built-in ones.
    pub(crate) certificates: Option<PathBuf>,
}

impl Environment {
    /// Reads the variables: `access-tokens` of `NIX_CONFIG`, `GITHUB_TOKEN` or `GH_TOKEN`,
    /// `GITLAB_TOKEN`, `NIX_SSL_CERT_FILE` or `SSL_CERT_FILE`.
    #[must_use]
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let mut tokens = Vec::new();
        for line in set("NIX_CONFIG").unwrap_or_default().lines() {
            if let Some((key, value)) = line.split_once('=')
                && matches!(key.trim(), "access-tokens" | "extra-access-tokens")
            {
                let pairs = value.split_whitespace();
                let pairs = pairs.filter_map(|pair| pair.split_once('='));
                tokens.extend(pairs.map(|(host, token)| (host.to_owned(), token.to_owned())));
            }
        }
        let github = set("GITHUB_TOKEN").or_else(|| set("GH_TOKEN"));
        let gitlab = set("GITLAB_TOKEN");
        let hosts = [("github.com", github), ("gitlab.com", gitlab)];
        let found = hosts.into_iter();
        tokens.extend(found.filter_map(|(host, token)| Some((host.to_owned(), token?))));
        let certificates = set("NIX_SSL_CERT_FILE").or_else(|| set("SSL_CERT_FILE"));
        Self {
            tokens,
            certificates: certificates.map(PathBuf::from),
        }
    }

    /// The token for a host; `None` if there is none.
    pub(crate) fn token(&self, host: &str) -> Option<&str> {
        let found = self.tokens.iter().find(|(known, _)| known == host)?;
        Some(found.1.trim())
    }
}

/// Hides the tokens.
impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.tokens.iter().map(|(host, _)| host);
        out.debug_struct("Environment")
            .field("tokens_for", &hosts.collect::<Vec<_>>())
            .field("certificates", &self.certificates)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &[(&str, &str)]) -> Environment {
        Environment::read(&|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn tokens_come_from_the_usual_variables() {
        let config = "cores = 2\naccess-tokens = github.com=first example.org=PAT:second";
        let both = environment(&[("NIX_CONFIG", config), ("GITHUB_TOKEN", "third")]);
        assert_eq!(both.token("github.com"), Some("first"));
        assert_eq!(both.token("example.org"), Some("PAT:second"));
        assert_eq!(both.token("gitlab.com"), None);
        let one = environment(&[
            ("GITHUB_TOKEN", " "),
            ("GH_TOKEN", "t\n"),
            ("GITLAB_TOKEN", "l"),
        ]);
        assert_eq!(one.token("github.com"), Some("t"));
        assert_eq!(one.token("gitlab.com"), Some("l"));
        assert_eq!(environment(&[]).token("github.com"), None);
    }

    #[test]
    fn tokens_are_not_shown() {
        let shown = format!("{:?}", environment(&[("GITHUB_TOKEN", "ghp_secret")]));
        assert!(
            shown.contains("github.com") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
