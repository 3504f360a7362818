//! MCP clients' configuration files: literal credentials in them, told by place and class, and references
//! that the client hands over as they are written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use inventory::mcp_modules::{McpModule, Place as McpPlace, References, Syntax, client_files};

use super::client_format::{ClientFormat, without_comments};
use super::client_yaml::Unread;
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
    /// Where it stops being what it should be: line and column; `None` if it does not.
    pub(crate) broken: Option<(usize, usize)>,
    /// Whether it stands for more values than were looked at.
    pub(crate) is_unread: bool,
    /// Sorted by place.
    pub(crate) literals: Vec<Literal>,
    /// Sorted by place.
    pub(crate) commands: Vec<Command>,
    /// Names of environment variables that no shell or program could use.
    pub(crate) odd_names: Vec<Vec<String>>,
    /// Credentials that refer to a variable or file in a syntax that the client does not expand: the place,
    /// and the syntax with `NAME` or `PATH`.
    pub(crate) unexpanded: Vec<(Vec<String>, String)>,
}

/// Whose file it is, and in which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ClientFile {
    /// The format.
    pub(crate) format: ClientFormat,
    /// The row of [`client_files`] whose clients read it; `None` if none is known.
    pub(crate) row: Option<usize>,
}

impl ClientFile {
    /// The row whose client reads it.
    fn module(self) -> Option<&'static McpModule> {
        client_files().get(self.row?)
    }
}

/// Reads a whole configuration file.
///
/// Strings of JSON without escapes are looked at in the buffer itself, the others in memory of the reader
/// that is freed at once.
pub(crate) fn scan(bytes: &[u8], file: ClientFile) -> Client {
    // Editors of Windows write it, and what follows is read as without it.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut client = Client::default();
    let mut place = Vec::new();
    let walk = Walk {
        place: &mut place,
        client: &mut client,
        module: file.module(),
    };
    let broken = match file.format {
        ClientFormat::Json => json(bytes, walk),
        ClientFormat::Jsonc => json(&without_comments(bytes), walk),
        ClientFormat::Toml => toml(bytes, walk),
        ClientFormat::Yaml => match super::client_yaml::read(bytes, walk) {
            Ok(()) => Ok(()),
            Err(Unread::Broken(at)) => Err(at),
            Err(Unread::TooMuch) => {
                client.is_unread = true;
                Ok(())
            }
        },
    };
    client.broken = broken.err();
    client.unexpanded.sort();
    client.unexpanded.dedup();
    client.literals.sort();
    client.literals.dedup();
    client.commands.sort();
    client.commands.dedup();
    client.odd_names.sort();
    client.odd_names.dedup();
    client
}

/// The line and column where a text stops being what it should be.
pub(super) type Broken = (usize, usize);

fn json(bytes: &[u8], walk: Walk<'_>) -> Result<(), Broken> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = walk.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| (error.line(), error.column()))
}

fn toml(bytes: &[u8], walk: Walk<'_>) -> Result<(), Broken> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| line_column(bytes, error.valid_up_to()))?;
    let read = toml::Deserializer::parse(text).and_then(|toml| walk.deserialize(toml));
    read.map_err(|error| line_column(bytes, error.span().map_or(0, |span| span.start)))
}

fn line_column(bytes: &[u8], at: usize) -> Broken {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.split(|byte| *byte == b'\n');
    let last = line.clone().next_back().map_or(0, <[u8]>::len);
    (line.count(), last + 1)
}

/// The sections in which clients keep their servers.
const SECTIONS: [&str; 7] = [
    "extensions",
    "mcp-servers",
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

pub(super) struct Walk<'a> {
    place: &'a mut Vec<String>,
    client: &'a mut Client,
    module: Option<&'static McpModule>,
}

/// Sets of environment variables and headers, by their names in any client.
const VARIABLES: [&str; 6] = [
    "env",
    "envs",
    "environment",
    "headers",
    "http_headers",
    "static_headers",
];

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
            .is_some_and(|name| VARIABLES.contains(&name.as_str()))
    }

    /// Goes on to the value of a name; whether it is to be looked at.
    pub(super) fn enter(&mut self, name: String) -> bool {
        // A token as a name would be printed as a place.
        if !matches!(formats::shape(name.as_bytes()), Shape::Unknown) {
            return false;
        }
        let sets = ["env", "envs", "environment"];
        let is_environment = { self.place.last() }.is_some_and(|set| sets.contains(&set.as_str()));
        let is_odd = is_environment && !is_identifier(&name);
        self.place.push(name);
        if is_odd && self.in_section() {
            self.client.odd_names.push(self.place.clone());
        }
        true
    }

    /// Goes back from a value.
    pub(super) fn leave(&mut self) {
        self.place.pop();
    }

    pub(super) fn look(&mut self, text: &str) {
        if !self.in_section() {
            return;
        }
        if let Some(syntax) = self.unexpanded(text) {
            let found = (self.place.clone(), syntax.shown().to_owned());
            self.client.unexpanded.push(found);
        }
        if let Some(kind) = self.literal(text) {
            self.client.literals.push(Literal {
                place: self.place.clone(),
                kind,
                length: text.len(),
            });
        }
        let is_command =
            { self.place.last() }.is_some_and(|name| name == "command" || name == "cmd");
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

    /// A reference for a credential that this client certainly does not expand.
    fn unexpanded(&self, text: &str) -> Option<Syntax> {
        let module = self.module?;
        let section = module.written.first()?.section;
        let below = self.place.get(section.len() + 1..)?;
        let (place, name) = module.place(below)?;
        // An argument may be for a shell.
        let is_handed_over = matches!(place, McpPlace::Variable | McpPlace::Header);
        if !is_handed_over || !secret_files::is_credential_name(name) {
            return None;
        }
        let mut references = References::of(text).filter(|found| found.syntax != Syntax::Dollar);
        let found = references.find(|found| module.expansion.leaves(found.syntax, place))?;
        Some(found.syntax)
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
        f.write_str("a value")
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
                module: self.module,
            };
            let next = sequence.next_element_seed(walk);
            self.place.pop();
            if next?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if !self.enter(name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let result = map.next_value_seed(Walk {
                place: &mut *self.place,
                client: &mut *self.client,
                module: self.module,
            });
            self.leave();
            result?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventory::mcp_modules::mcp_module;

    const JSON: ClientFile = ClientFile {
        format: ClientFormat::Json,
        row: None,
    };

    fn of(module: &str, format: ClientFormat) -> ClientFile {
        let clients = mcp_module(module).map(|module| module.clients);
        let row = { client_files().iter() }.position(|row| Some(row.clients) == clients);
        ClientFile { format, row }
    }

    #[test]
    fn tells_what_a_client_does_not_expand() {
        let text = r#"{"mcp": {"a": {"environment": {"A_TOKEN": "${X}", "B_TOKEN": "{env:X}", "C": "${X}"}}}}"#;
        let client = scan(
            text.as_bytes(),
            of("programs.opencode", ClientFormat::Jsonc),
        );
        assert_eq!(client.unexpanded.len(), 1, "{client:?}");
        assert_eq!(
            client.unexpanded[0].0.join("."),
            "mcp.a.environment.A_TOKEN"
        );
        assert_eq!(client.unexpanded[0].1, "${NAME}");
        assert_eq!(scan(text.as_bytes(), JSON).unexpanded.len(), 0);
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(scan(&marked, JSON).broken, None);
        assert_eq!(
            scan(&marked, JSON).literals,
            scan(text.as_bytes(), JSON).literals
        );
    }

    #[test]
    fn reads_toml() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let text = format!(
            "[mcp_servers.a]\ncommand = \"x\"\n[mcp_servers.a.env]\nA_TOKEN = \"{token}\"\nB_TOKEN = \"{{file:/run/x}}\"\n"
        );
        let client = scan(text.as_bytes(), of("programs.codex", ClientFormat::Toml));
        assert_eq!(client.broken, None);
        assert_eq!(client.literals.len(), 1, "{client:?}");
        assert_eq!(
            client.literals[0].place.join("."),
            "mcp_servers.a.env.A_TOKEN"
        );
        assert_eq!(client.unexpanded.len(), 1, "{client:?}");
        let broken = scan(b"a = 1\nb = \n", of("programs.codex", ClientFormat::Toml));
        assert_eq!(broken.broken.map(|(line, _)| line), Some(2));
    }

    #[test]
    fn reads_yaml() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let text = format!(
            "extensions:\n  a:\n    cmd: /nix/store/abc-x/bin/x\n    args: [\"--key={token}\"]\n    envs:\n      \
             A_TOKEN: {token}\n      B-C: d\n      D_TOKEN: ${{D}}\nother: {token}\n"
        );
        let yaml = ClientFile {
            format: ClientFormat::Yaml,
            row: None,
        };
        let client = scan(text.as_bytes(), yaml);
        assert_eq!(client.broken, None);
        let places: Vec<String> = { client.literals.iter() }
            .map(|it| it.place.join("."))
            .collect();
        assert_eq!(places, ["extensions.a.args.0", "extensions.a.envs.A_TOKEN"]);
        assert_eq!(client.odd_names, [["extensions", "a", "envs", "B-C"]]);
        assert_eq!(client.commands.len(), 1);
        let broken = scan(b"a: [1\nb: }", yaml);
        assert_eq!(broken.broken.map(|(line, _)| line), Some(2));
        let deep = "[".repeat(100_000);
        assert!(scan(deep.as_bytes(), yaml).broken.is_some());
    }

    #[test]
    fn servers_in_a_list_are_read() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let text = format!(
            "mcpServers:\n  - name: a\n    command: /nix/store/abc-x/bin/x\n    env:\n      A_TOKEN: {token}\n"
        );
        let yaml = ClientFile {
            format: ClientFormat::Yaml,
            row: None,
        };
        let client = scan(text.as_bytes(), yaml);
        let places: Vec<String> = { client.literals.iter() }
            .map(|it| it.place.join("."))
            .collect();
        assert_eq!(places, ["mcpServers.0.env.A_TOKEN"]);
        assert_eq!(client.commands.len(), 1);
    }

    #[test]
    fn aliases_and_merge_keys_of_yaml_are_followed() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let yaml = ClientFile {
            format: ClientFormat::Yaml,
            row: None,
        };
        for (text, place) in [
            ("x: &t TOKEN\nextensions: {a: {envs: {A_KEY: *t}}}", "A_KEY"),
            ("x: &t {A_KEY: TOKEN}\nextensions: {a: {envs: *t}}", "A_KEY"),
            (
                "x: &t {A_KEY: TOKEN}\nextensions: {a: {envs: {B: c, <<: *t}}}",
                "A_KEY",
            ),
            (
                "x: &t {A_KEY: TOKEN}\nextensions: {a: {envs: {<<: [*t, {B: c}]}}}",
                "A_KEY",
            ),
            (
                "x: &t {envs: {A_KEY: TOKEN}}\ny: &u {<<: *t}\nextensions: {a: {<<: *u}}",
                "A_KEY",
            ),
            (
                "x: &n A_KEY\ny: &t TOKEN\nextensions: {a: {envs: {*n : *t}}}",
                "A_KEY",
            ),
            ("x: &t [TOKEN]\nextensions: {a: {envs: *t}}", "0"),
        ] {
            let client = scan(text.replace("TOKEN", &token).as_bytes(), yaml);
            assert_eq!(client.broken, None, "{text}");
            let places: Vec<String> = { client.literals.iter() }
                .map(|it| it.place.join("."))
                .collect();
            assert_eq!(places, [format!("extensions.a.envs.{place}")], "{text}");
        }
        // A credential by its name alone.
        let named = "x: &t {A_TOKEN: 0123456789abcdef}\nextensions: {a: {envs: {<<: *t}}}";
        assert_eq!(scan(named.as_bytes(), yaml).literals.len(), 1);
        // What stands for more than can be looked at is not fine.
        let mut laughs = "x0: &x0 [a]\n".to_owned();
        for level in 1..30 {
            let inner = format!("*x{}, ", level - 1).repeat(9);
            laughs += &format!("x{level}: &x{level} [{inner}]\n");
        }
        let laughs = laughs + "extensions: *x29\n";
        assert!(scan(laughs.as_bytes(), yaml).is_unread);
        let circle = scan(b"extensions: &x {a: *x}", yaml);
        assert!(circle.broken.is_some() || circle.is_unread);
    }

    fn places(json: &str) -> Vec<(String, LiteralKind)> {
        let found = scan(json.as_bytes(), JSON).literals;
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
            JSON,
        );
        assert_eq!(client.commands.len(), 1);
        assert_eq!(client.commands[0].path, "/nix/store/abc-x/bin/x");
        assert_eq!(client.odd_names, [["mcpServers", "a", "env", "A-B"]]);
    }

    #[test]
    fn says_where_it_stops_being_json_and_nothing_else() {
        let client = scan(b"{\n  \"a\": tru", JSON);
        assert_eq!(client.broken.map(|(line, _)| line), Some(2));
        let deep = "[".repeat(100_000);
        assert!(scan(deep.as_bytes(), JSON).broken.is_some());
    }
}
