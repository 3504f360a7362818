//! MCP clients' configuration files: literal credentials in them, told by place and class.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::content::classify;
use super::formats::{self, Shape};

/// Why a string counts as a credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LiteralKind {
    /// It has the shape of this format.
    Format(String),
    /// Its name says that it is one.
    Name,
    /// It is a URL with a password.
    UrlPassword,
}

/// A credential written out in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Literal {
    /// The names on the way to it: `mcpServers`, `github`, `env`, `GITHUB_TOKEN`.
    pub(crate) place: Vec<String>,
    /// Why it counts.
    pub(crate) kind: LiteralKind,
    /// Its length in bytes.
    pub(crate) length: usize,
}

/// A server's program in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Command {
    /// As [`Literal::place`].
    pub(crate) place: Vec<String>,
    /// The program; always below `/nix/store/`.
    pub(crate) path: String,
    /// Whether it is there; filled in by the survey.
    pub(crate) exists: bool,
}

/// What a client's configuration file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Client {
    /// Where it stops being JSON: line and column; nothing if it does not.
    pub(crate) not_json: Option<(usize, usize)>,
    /// Sorted by place.
    pub(crate) literals: Vec<Literal>,
    /// Sorted by place.
    pub(crate) commands: Vec<Command>,
    /// Names of environment variables that no shell or program could use.
    pub(crate) odd_names: Vec<Vec<String>>,
}

/// Reads a whole configuration file.
///
/// Strings without escapes are looked at in the buffer itself, the others in memory of the JSON
/// reader that is freed at once.
pub(crate) fn scan(bytes: &[u8]) -> Client {
    let mut client = Client::default();
    let mut place = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let walk = Walk {
        place: &mut place,
        client: &mut client,
    };
    if let Err(error) = walk.deserialize(&mut json).and_then(|()| json.end()) {
        client.not_json = Some((error.line(), error.column()));
    }
    client.literals.sort();
    client.literals.dedup();
    client.commands.sort();
    client.commands.dedup();
    client.odd_names.sort();
    client.odd_names.dedup();
    client
}

/// The sections in which clients keep their servers.
const SECTIONS: [&str; 5] = [
    "mcpServers",
    "mcp_servers",
    "servers",
    "mcp",
    "context_servers",
];

/// The last words of names that hold credentials.
const CREDENTIAL_ENDINGS: [&str; 9] = [
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "SECRET_KEY",
    "AUTHORIZATION",
    "X-API-KEY",
];

/// Shorter strings are flags, not credentials.
const SHORTEST: usize = 8;

struct Walk<'a> {
    place: &'a mut Vec<String>,
    client: &'a mut Client,
}

impl Walk<'_> {
    fn in_section(&self) -> bool {
        self.place
            .iter()
            .any(|name| SECTIONS.contains(&name.as_str()))
    }

    fn is_variable(&self) -> bool {
        let mut names = self.place.iter().rev().skip(1);
        names
            .next()
            .is_some_and(|name| name == "env" || name == "headers")
    }

    fn look(&mut self, text: &str) {
        if !self.in_section() {
            return;
        }
        if let Some(kind) = self.literal(text) {
            self.client.literals.push(Literal {
                place: self.place.clone(),
                kind,
                length: text.len(),
            });
        }
        let is_command = self.place.last().is_some_and(|name| name == "command");
        let in_store = text.strip_prefix("/nix/store/").is_some_and(|rest| {
            rest.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-._?=/".contains(&b))
        });
        if is_command && in_store {
            self.client.commands.push(Command {
                place: self.place.clone(),
                path: text.to_owned(),
                exists: false,
            });
        }
    }

    fn literal(&self, text: &str) -> Option<LiteralKind> {
        // `Bearer ghp_…`, `--token=ghp_…`
        let value = text.rsplit([' ', '=']).next().unwrap_or(text);
        for candidate in [text, value] {
            if let Shape::Matches(format) = formats::shape(candidate.as_bytes()) {
                return Some(LiteralKind::Format(format.id.to_owned()));
            }
        }
        if has_url_password(text) {
            return Some(LiteralKind::UrlPassword);
        }
        let named = self.is_variable()
            && self.place.last().is_some_and(|name| {
                let name = name.to_ascii_uppercase();
                CREDENTIAL_ENDINGS
                    .iter()
                    .any(|ending| name.ends_with(ending))
            });
        (named && value.len() >= SHORTEST && !is_reference(text) && !is_placeholder(value))
            .then_some(LiteralKind::Name)
    }
}

fn is_reference(text: &str) -> bool {
    ["${", "$(", "{env:", "{file:", "op://"]
        .iter()
        .any(|mark| text.contains(mark))
        || text.starts_with(['$', '/', '~', '@'])
}

fn is_placeholder(text: &str) -> bool {
    classify(
        text.as_bytes(),
        u64::try_from(text.len()).unwrap_or(u64::MAX),
    )
    .placeholder_word
}

/// `scheme://user:password@host`, with a real password.
fn has_url_password(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let plain_scheme = scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+');
        plain_scheme
            && authority
                .rsplit_once('@')
                .and_then(|(user, _)| user.split_once(':'))
                .is_some_and(|(_, password)| {
                    password.len() >= 3 && !is_reference(password) && !is_placeholder(password)
                })
    })
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.look(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            self.place.push(index.to_string());
            let walk = Walk {
                place: &mut *self.place,
                client: &mut *self.client,
            };
            let next = sequence.next_element_seed(walk);
            self.place.pop();
            if next?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let is_environment = self.place.last().is_some_and(|name| name == "env");
        while let Some(name) = map.next_key::<String>()? {
            // A token as a name would be printed as a place.
            if !matches!(formats::shape(name.as_bytes()), Shape::Unknown) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let odd = is_environment && !is_identifier(&name);
            self.place.push(name);
            if odd
                && self
                    .place
                    .iter()
                    .any(|name| SECTIONS.contains(&name.as_str()))
            {
                self.client.odd_names.push(self.place.clone());
            }
            let result = map.next_value_seed(Walk {
                place: &mut *self.place,
                client: &mut *self.client,
            });
            self.place.pop();
            result?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(json: &str) -> Vec<(String, LiteralKind)> {
        let found = scan(json.as_bytes()).literals;
        found
            .into_iter()
            .map(|l| (l.place.join("."), l.kind))
            .collect()
    }

    #[test]
    fn tells_the_place_and_class_of_a_literal() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let json = format!(
            r#"{{"mcpServers": {{
                "github": {{"command": "npx", "env": {{"GITHUB_TOKEN": "{token}"}}}},
                "web": {{"headers": {{"Authorization": "Bearer {token}"}}, "args": ["--key={token}"]}},
                "db": {{"args": ["postgres://app:s3cr3t-pw@db/app"]}},
                "own": {{"env": {{"MY_API_KEY": "0123456789abcdef"}}}}
            }}}}"#
        );
        let format = LiteralKind::Format("github-classic".to_owned());
        assert_eq!(
            places(&json),
            [
                ("mcpServers.db.args.0".to_owned(), LiteralKind::UrlPassword),
                (
                    "mcpServers.github.env.GITHUB_TOKEN".to_owned(),
                    format.clone()
                ),
                (
                    "mcpServers.own.env.MY_API_KEY".to_owned(),
                    LiteralKind::Name
                ),
                ("mcpServers.web.args.0".to_owned(), format.clone()),
                ("mcpServers.web.headers.Authorization".to_owned(), format),
            ]
        );
    }

    #[test]
    fn references_and_placeholders_are_no_literals() {
        let json = r#"{"mcpServers": {"a": {"env": {
            "A_TOKEN": "${GITHUB_TOKEN}", "B_TOKEN": "{file:/run/secrets/b}", "C_TOKEN": "$HOME_TOKEN",
            "D_API_KEY": "your_api_key_here", "E_TOKEN": "/run/secrets/e", "F_TOKEN": {"file": "/run/secrets/f"},
            "G_PASSWORD": "", "PATH_LIST": "0123456789abcdef"
        }, "url": "https://example.org/sse"}}}"#;
        assert_eq!(places(json), []);
    }

    #[test]
    fn only_the_servers_section_counts() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        assert_eq!(places(&format!(r#"{{"history": ["{token}"]}}"#)), []);
    }

    #[test]
    fn programs_in_the_store_and_odd_names() {
        let client = scan(
            br#"{"mcpServers": {"a": {"command": "/nix/store/abc-x/bin/x", "env": {"A-B": "c"}},
                "b": {"command": "/usr/bin/x"}}}"#,
        );
        assert_eq!(client.commands.len(), 1);
        assert_eq!(client.commands[0].path, "/nix/store/abc-x/bin/x");
        assert_eq!(client.odd_names, [["mcpServers", "a", "env", "A-B"]]);
    }

    #[test]
    fn says_where_it_stops_being_json_and_nothing_else() {
        let client = scan(b"{\n  \"a\": tru");
        assert_eq!(client.not_json.map(|(line, _)| line), Some(2));
        let deep = "[".repeat(100_000);
        assert!(scan(deep.as_bytes()).not_json.is_some());
    }
}
