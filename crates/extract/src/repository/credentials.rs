//! Credentials and secret files that a Nix file writes out: by the name that they are given to.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::Workspace;
use nix_source::{ParsedFile, ReadError, normalise};
use nix_syntax::hir::{Expr, ExprId, Part, Run};
use nix_syntax::source::Span;
use secret_files::{
    Confidence, TokenClass, basic_password, is_credential_name, name_words, plausible_secret, scan,
};

use crate::attribute_paths::{SERVERS_FUNCTION, called_name, each_value};
use crate::repository::constants::{Constant, Constants};
use crate::repository::credential_text::{
    assignment, confidence_of, header, is_credential, without_scheme,
};
use crate::repository::literal_options;
use crate::repository::scope::{Scope, is_of_a_try};
use crate::repository::secret_file_options::{
    is_plaintext_secret, is_secret_file_option, may_be_public,
};
use crate::values::file_path;
use inventory::model::{
    Credential, CredentialKind, Host, LiteralTarget, OptionPath, PathLiteral, Repository, ValueKind,
};

/// Attributes whose attributes become environment variables or HTTP headers.
const CONTAINERS: [&str; 6] = [
    "env",
    "environment",
    "headers",
    "http_headers",
    "sessionVariables",
    "variables",
];

/// Of these one must stand before, so that it is certain that the value is rendered into the store.
const RENDERED: [&str; 14] = [
    SERVERS_FUNCTION,
    "systemd",
    "home",
    "environment",
    "oci-containers",
    "mcp",
    "mcpServers",
    "mcp_servers",
    "mcp-servers",
    "claude-code",
    "opencode",
    "codex",
    "context_servers",
    "userMcp",
];

/// Of these one must stand before `args`.
const SERVERS: [&str; 7] = [
    SERVERS_FUNCTION,
    "mcp",
    "mcpServers",
    "mcp_servers",
    "mcp-servers",
    "context_servers",
    "userMcp",
];

/// Searches these files.
pub(crate) fn find(
    project: &Workspace,
    files: &[Arc<ParsedFile>],
    scope: &Scope,
    repository: &mut Repository,
) {
    let mut of_etc = OfEtc::default();
    for file in files {
        let directory = file.path.parent().unwrap_or_else(|| Path::new("/"));
        let mut search = Search {
            project,
            file,
            constants: OnceCell::new(),
            directory,
            scope,
            repository,
            of_etc: &mut of_etc,
        };
        each_value(&file.hir, |id, expr, path| search.value(id, expr, path));
    }
    repository.path_literals.extend(of_etc.secrets());
}

/// Files below `/etc` that the configuration writes out, and options for the file of a secret that name one.
#[derive(Debug, Default)]
struct OfEtc {
    /// The name below `/etc`, its text, and the literal.
    written: Vec<(String, String, PathLiteral)>,
    /// The name below `/etc`, and the option.
    named: Vec<(String, String)>,
}

impl OfEtc {
    /// The files that hold a secret, as an option says.
    fn secrets(self) -> impl Iterator<Item = PathLiteral> {
        let named = self.named;
        let is_secret = move |name: &str, text: &str| {
            let options = named.iter().filter(|(named, _)| named == name);
            let path = Path::new("/etc").join(name);
            { options }.any(|(_, option)| is_plaintext_secret(option, &path, text.as_bytes()))
        };
        let written = self.written.into_iter();
        written.filter_map(move |(name, text, literal)| is_secret(&name, &text).then_some(literal))
    }
}

/// Adds the credentials that reach an MCP server through a variable, a function or a JSON text.
pub(crate) fn of_servers(
    hosts: &[Host],
    project: &Workspace,
    scope: &Scope,
    repository: &mut Repository,
) {
    let values = hosts
        .iter()
        .flat_map(|host| &host.mcp)
        .flat_map(|mcp| &mcp.values);
    for value in values {
        let (ValueKind::Literal { length, confidence }, Some(at)) = (&value.what, value.at) else {
            continue;
        };
        let is_known = |known: &Credential| {
            known.at.file == at.file && known.at.start < at.end && at.start < known.at.end
        };
        // Its shape says what it is; its name makes it certain.
        if let Some(known) = repository
            .credentials
            .iter_mut()
            .find(|known| is_known(known))
        {
            known.confidence = known.confidence.max(*confidence);
            continue;
        }
        let Some(source) = project.sources().get(at.file) else {
            continue;
        };
        let path = source.path();
        repository.credentials.push(Credential {
            is_fixture: scope.is_fixture(path),
            tracked: scope.is_tracked(path),
            path: file_path(project, path),
            at,
            kind: CredentialKind::Named {
                attribute: OptionPath::new(value.option.iter().cloned()),
                length: *length,
            },
            confidence: *confidence,
        });
    }
    repository
        .credentials
        .sort_by_key(|credential| credential.at);
}

/// The option under which a path declares MCP servers for a package or a shell, neither of which is evaluated; `None`
/// if it declares none, or in a module.
fn unevaluated_servers(path: &[&str]) -> Option<&'static str> {
    match path {
        [SERVERS_FUNCTION, "programs" | "settings", ..] => Some(SERVERS_FUNCTION),
        ["perSystem", "mcp-servers", "programs" | "settings", ..] => Some("perSystem.mcp-servers"),
        // At the start it is a module's own.
        [_, rest @ ..]
            if rest
                .windows(3)
                .any(|names| names == ["claude", "code", "mcpServers"]) =>
        {
            Some("claude.code.mcpServers")
        }
        _ => None,
    }
}

struct Search<'a> {
    project: &'a Workspace,
    file: &'a ParsedFile,
    /// Made where something is no literal.
    constants: OnceCell<Constants<'a>>,
    directory: &'a Path,
    scope: &'a Scope,
    repository: &'a mut Repository,
    of_etc: &'a mut OfEtc,
}

impl<'a> Search<'a> {
    fn constants(&self) -> &Constants<'a> {
        self.constants
            .get_or_init(|| Constants::of(&self.file.hir, self.directory))
    }

    fn value(&mut self, id: ExprId, expr: Expr, path: &[&str]) {
        if let Some(option) = unevaluated_servers(path)
            && !self.scope.is_fixture(&self.file.path)
            && let Some(at) = self.span(id)
        {
            let known = &mut self.repository.unevaluated_servers;
            if { known.last() }.is_none_or(|(last, place)| *last != option || place.file != at.file)
            {
                known.push((option, at));
            }
        }
        match expr {
            Expr::String(_) => self.string(id, path),
            Expr::Interpolation(run) => self.interpolation(id, run),
            // The text that the name stands for, at its own place.
            Expr::Local { .. } | Expr::Dynamic { .. } | Expr::Select(_) if takes_a_text(path) => {
                let meant = self.constants().resolve(id);
                if let Some(meant) = meant.filter(|meant| self.text(*meant).is_some()) {
                    self.string(meant, path);
                }
            }
            Expr::List(run) if is_arguments(path) => {
                let items = self
                    .file
                    .hir
                    .children
                    .get(run.range())
                    .unwrap_or_default()
                    .to_vec();
                self.arguments(&items, path);
            }
            _ => {}
        }
        if let Some(name) = path.last().filter(|_| is_secret_file_option(path)) {
            self.file_of(id, expr, name, path);
        }
    }

    fn text(&self, id: ExprId) -> Option<&str> {
        match self.file.hir.exprs.get(id.0 as usize)? {
            Expr::String(text) => self.file.hir.strings.get(text.0 as usize),
            _ => None,
        }
    }

    fn span(&self, id: ExprId) -> Option<Span> {
        Some(
            self.file
                .hir
                .spans
                .get(id.0 as usize)?
                .in_file(self.file.id),
        )
    }

    fn string(&mut self, id: ExprId, path: &[&str]) {
        let Some(text) = self.text(id) else { return };
        if let ["environment", "etc", name, "text"] = path.strip_prefix(&["config"]).unwrap_or(path)
            && let Some(at) = self.span(id)
        {
            let literal = PathLiteral {
                attribute: option(path),
                at,
                file: None,
                target: LiteralTarget::Inline,
                is_fixture: self.scope.is_fixture(&self.file.path),
            };
            let written = ((*name).to_owned(), text.to_owned(), literal);
            self.of_etc.written.push(written);
            return;
        }
        if let Some(found) = literal_options::find(path, text) {
            let is_of_a_try =
                literal_options::is_login(path) && is_of_a_try(self.project, &self.file.path);
            let confidence = if is_of_a_try || self.is_known_to_others(path, text) {
                Confidence::Low
            } else {
                found.confidence
            };
            self.found(id, confidence, found.length, &option(path));
            return;
        }
        // `Environment = [ "TOKEN=…" ];` of a unit.
        if path.last() == Some(&"Environment") && path.contains(&"systemd") {
            let assignment =
                assignment(text).map(|(name, value)| (name.to_owned(), value.to_owned()));
            if let Some((name, value)) = assignment {
                self.credential(id, &name, &value, path);
            }
            return;
        }
        let Some(name) = path.last() else {
            return;
        };
        if is_rendered(path) {
            let (name, value) = ((*name).to_owned(), text.to_owned());
            self.credential(id, &name, &value, before_last(path));
        }
    }

    /// A password or token in a URL that is put together of texts which the file itself shows.
    fn interpolation(&mut self, id: ExprId, run: Run) {
        let parts = self.file.hir.parts.get(run.range()).unwrap_or_default();
        let is_url = parts.iter().any(|part| match part {
            Part::Text(text) => {
                let text = self.file.hir.strings.get(text.0 as usize);
                // `…?token=` before the token.
                let is_query = |text: &str| text.ends_with('=') && text.contains(['?', '&']);
                text.is_some_and(|text| text.contains("://") || is_query(text))
            }
            Part::Expr(_) => false,
        });
        let text = is_url.then(|| self.constants().text_with_holes(id));
        let (Some(text), Some(at)) = (text.flatten(), self.span(id)) else {
            return;
        };
        let found = scan(&text).into_iter().find(|found| {
            found.class == TokenClass::UrlPassword && found.confidence > Confidence::Low
        });
        let Some(found) = found else { return };
        let value = { text.get(found.span.start..found.span.end) }.unwrap_or_default();
        let before = text.get(..found.span.start).unwrap_or_default();
        let user = before.rsplit("://").next().unwrap_or_default();
        // For form's sake: the server is on a network of its own.
        let is_the_user = user.trim_end_matches(':') == value;
        let confidence = if is_the_user {
            Confidence::Low
        } else {
            confidence_of(value).min(found.confidence)
        };
        let is_known = { self.repository.credentials.iter() }.any(|known| {
            known.at.file == at.file && known.at.start >= at.start && known.at.end <= at.end
        });
        if is_known || confidence == Confidence::Low {
            return;
        }
        self.repository.credentials.push(Credential {
            is_fixture: self.scope.is_fixture(&self.file.path),
            tracked: self.scope.is_tracked(&self.file.path),
            path: file_path(self.project, &self.file.path),
            at,
            kind: CredentialKind::Token {
                provider: found.rule.provider,
                what: found.rule.what,
            },
            confidence,
        });
    }

    /// Whether what stands beside a value shows that it is of no use alone, or that everybody knows it.
    fn is_known_to_others(&self, path: &[&str], text: &str) -> bool {
        self.is_the_name_beside(path, text) || self.is_the_id_of_a_pair(path)
    }

    /// Whether an access key is the public half of a pair: beside `accessKey`, `secretKeyFile` is the other half.
    fn is_the_id_of_a_pair(&self, path: &[&str]) -> bool {
        let Some((name, set)) = path.split_last() else {
            return false;
        };
        let is_secret_half = |name: &str| name_words(name).iter().any(|word| word == "secret");
        let words = name_words(name);
        let is_access_key = words.ends_with(&["access".to_owned(), "key".to_owned()]);
        if !is_access_key || is_secret_half(name) {
            return false;
        }
        let mut is_beside = false;
        each_value(&self.file.hir, |_, _, other| {
            let [before @ .., name] = other else { return };
            is_beside |= before == set && is_secret_half(name);
        });
        is_beside
    }

    /// Whether a password is the name of the user or database beside it: that of a local socket, which no one asks for,
    /// or one for form's sake. Beside `MAIL_PASSWORD`, `MAIL_USERNAME` is such a name.
    fn is_the_name_beside(&self, path: &[&str], text: &str) -> bool {
        const NAMES: [&str; 7] = [
            "user", "username", "database", "dbname", "dbuser", "name", "login",
        ];
        let Some((_, set)) = path.split_last() else {
            return false;
        };
        let mut is_beside = false;
        each_value(&self.file.hir, |id, _, other| {
            let [before @ .., name] = other else { return };
            let lower = name.to_ascii_lowercase();
            let last = lower.rsplit(['_', '-']).next().unwrap_or_default();
            let is_name = NAMES.contains(&last);
            is_beside |= is_name && before == set && self.text(id) == Some(text);
        });
        is_beside
    }

    /// `[ "--api-key" "…" ]`, `[ "--token=…" ]`, `[ "-e" "TOKEN=…" ]`
    fn arguments(&mut self, items: &[ExprId], path: &[&str]) {
        let mut flag: Option<String> = None;
        for item in items {
            let text = self.text(*item).map(ToOwned::to_owned);
            let Some(text) = text else {
                flag = None;
                continue;
            };
            if let Some((name, value)) = assignment(&text) {
                self.credential(*item, name.trim_start_matches('-'), value, path);
            } else if let Some((name, value)) = header(&text) {
                self.credential(*item, name, value, path);
            } else if let Some(name) = flag.as_deref().filter(|_| !text.starts_with('-')) {
                self.credential(*item, name, &text, path);
            }
            flag = text.strip_prefix("--").map(ToOwned::to_owned);
        }
    }

    /// A value under a name, if that says that it is a credential.
    fn credential(&mut self, id: ExprId, name: &str, value: &str, path: &[&str]) {
        let secret = without_scheme(value);
        let password = basic_password(value);
        let secret = password.as_deref().unwrap_or(secret);
        if !is_credential(name, secret) {
            return;
        }
        let whole: Vec<&str> = path.iter().copied().chain([name]).collect();
        let length = secret.chars().count();
        let confidence = if self.is_known_to_others(&whole, secret) {
            Confidence::Low
        } else {
            confidence_of(secret)
        };
        self.found(id, confidence, length, &option(&whole));
    }

    /// A literal that is a credential, with the option that it is given to.
    fn found(&mut self, id: ExprId, confidence: Confidence, length: usize, attribute: &OptionPath) {
        let Some(at) = self.span(id) else { return };
        // Its shape says it more precisely; its name makes it certain.
        let known = self.repository.credentials.iter_mut().find(|known| {
            known.at.file == at.file && known.at.start >= at.start && known.at.end <= at.end
        });
        if let Some(known) = known {
            known.confidence = known.confidence.max(confidence);
            return;
        }
        let path_of_file = file_path(self.project, &self.file.path);
        self.repository.credentials.push(Credential {
            is_fixture: self.scope.is_fixture(&self.file.path),
            tracked: self.scope.is_tracked(&self.file.path),
            path: path_of_file,
            at,
            kind: CredentialKind::Named {
                attribute: attribute.clone(),
                length,
            },
            confidence,
        });
    }

    /// A path or text given to an option for the file of a secret.
    fn file_of(&mut self, id: ExprId, expr: Expr, name: &str, path: &[&str]) {
        if let Some(named) = self.text(id).and_then(|text| text.strip_prefix("/etc/")) {
            let named = (named.to_owned(), name.to_owned());
            self.of_etc.named.push(named);
            return;
        }
        let (id, expr) = self.unwrapped(id, expr);
        let hir = &self.file.hir;
        let is_made_of_others = matches!(
            expr,
            Expr::Local { .. }
                | Expr::Dynamic { .. }
                | Expr::Select(_)
                | Expr::Binary { .. }
                | Expr::Interpolation(_)
                | Expr::PathInterpolation(_)
                | Expr::Apply { .. }
        );
        let constant = is_made_of_others
            .then(|| self.constants().fold(id))
            .flatten();
        if let Some(absolute) = self.copied(constant) {
            let is_secret = { self.project.read(&absolute) }
                .is_ok_and(|bytes| is_plaintext_secret(name, &absolute, &bytes));
            // Where it is written, not each place that has its name.
            let written = self.constants().resolve(id).unwrap_or(id);
            let Some(at) = self.span(written).filter(|_| is_secret) else {
                return;
            };
            let mut known = self.repository.path_literals.iter_mut();
            match known.find(|known| known.at == at) {
                Some(known) if known.attribute.names().len() < path.len() => {
                    known.attribute = option(path);
                }
                Some(_) => {}
                None => self.literal(at, Some(absolute), LiteralTarget::Plaintext, path),
            }
            return;
        }
        let written = match expr {
            Expr::Path(text) => hir.strings.get(text.0 as usize),
            Expr::Apply { function, argument } => {
                let inline = self.is_inline(name, function, argument);
                if let Some(at) = self.span(id).filter(|_| inline) {
                    self.literal(at, None, LiteralTarget::Inline, path);
                }
                return;
            }
            _ => None,
        };
        let Some(written) = written.map(ToOwned::to_owned) else {
            return;
        };
        let Some(at) = self.span(id) else { return };
        if written.starts_with("~/") {
            self.literal(
                at,
                Some(PathBuf::from(written)),
                LiteralTarget::Outside,
                path,
            );
            return;
        }
        let directory = self.file.path.parent().unwrap_or_else(|| Path::new("/"));
        let absolute = normalise(&directory.join(&written));
        match self.project.read(&absolute) {
            Ok(bytes) if is_plaintext_secret(name, &absolute, &bytes) => {
                self.literal(at, Some(absolute), LiteralTarget::Plaintext, path);
            }
            Err(ReadError::NotAllowed) if written.starts_with('/') => {
                self.literal(at, Some(absolute), LiteralTarget::Outside, path);
            }
            _ => {}
        }
    }

    /// The file of a constant, where the store has a copy of it: of a path, and in a flake of its text too.
    fn copied(&self, constant: Option<Constant>) -> Option<PathBuf> {
        let absolute = match constant? {
            Constant::Path(path) => path,
            Constant::PathText(path) if self.is_flake() => path,
            Constant::PathText(_) | Constant::Text(_) => return None,
        };
        absolute
            .starts_with(self.project.project_root())
            .then_some(absolute)
    }

    fn is_flake(&self) -> bool {
        let flake = self.project.project_root().join("flake.nix");
        self.project.kind(&flake).is_ok_and(|kind| kind.is_some())
    }

    /// The expression of `"${expression}"`, whose value is a text already or a path; others as they are.
    fn unwrapped(&self, id: ExprId, expr: Expr) -> (ExprId, Expr) {
        let Expr::Interpolation(run) = expr else {
            return (id, expr);
        };
        let parts = self.file.hir.parts.get(run.range()).unwrap_or_default();
        let inner = match parts {
            [Part::Expr(inner)] => *inner,
            _ => return (id, expr),
        };
        match self.file.hir.exprs.get(inner.0 as usize) {
            Some(call @ Expr::Apply { .. }) => (inner, *call),
            _ => (id, expr),
        }
    }

    /// `builtins.toFile "name" "text"`, `pkgs.writeText "name" "text"` with all of the text written out.
    fn is_inline(&self, name: &str, function: ExprId, argument: ExprId) -> bool {
        let Some(Expr::Apply { function: head, .. }) = self.file.hir.exprs.get(function.0 as usize)
        else {
            return false;
        };
        let writes = called_name(&self.file.hir, *head)
            .is_some_and(|name| matches!(name, "toFile" | "writeText"));
        writes
            && self.text(argument).is_some_and(|text| {
                let text = text.trim();
                if may_be_public(name) {
                    return is_plaintext_secret(name, Path::new("inline"), text.as_bytes());
                }
                plausible_secret(text) && !literal_options::is_public(text)
            })
    }

    fn literal(&mut self, at: Span, file: Option<PathBuf>, target: LiteralTarget, path: &[&str]) {
        self.repository.path_literals.push(PathLiteral {
            attribute: option(path),
            at,
            file: file.map(|file| file_path(self.project, &file)),
            target,
            is_fixture: self.scope.is_fixture(&self.file.path),
        });
    }
}

/// Whether the attribute at this path becomes an environment variable or an HTTP header.
pub(super) fn is_rendered(path: &[&str]) -> bool {
    let [before @ .., container, _] = path else {
        return false;
    };
    let mut around = before.iter().chain([container]);
    CONTAINERS.contains(container) && around.any(|name| RENDERED.contains(name))
}

/// Whether a text at this path of attributes may be a credential by its name.
fn takes_a_text(path: &[&str]) -> bool {
    path.last().is_some_and(|name| {
        is_credential_name(name) || matches!(*name, "psk" | "pskRaw" | "SetCredential")
    })
}

/// The option that a module sets at a path of attributes: what is below `config` has its name from there.
fn option(path: &[&str]) -> OptionPath {
    let path = literal_options::of_a_module(path).unwrap_or(path);
    let path = path.strip_prefix(&["config"]).unwrap_or(path);
    OptionPath::new(path.iter().copied())
}

fn before_last<'a, 'b>(path: &'b [&'a str]) -> &'b [&'a str] {
    path.split_last().map_or(path, |(_, before)| before)
}

fn is_arguments(path: &[&str]) -> bool {
    path.last() == Some(&"args") && path.iter().any(|name| SERVERS.contains(name))
}
