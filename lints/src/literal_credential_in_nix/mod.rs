//! `literal-credential-in-nix`: a credential is written into a Nix file.

use std::collections::BTreeMap;

use inventory::secret_files::Confidence;
use inventory::{
    Capability, Credential, CredentialKind, HostClass, Manager, OptionPath, ServerValue, ValueKind,
};

use crate::managed::exemplary;
use crate::mcp::safe_line;
use crate::phrases::{count, nix_string};
use crate::{
    Check, Confidence as Sure, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity,
};

pub(crate) static LINT: Lint = Lint {
    name: "literal-credential-in-nix",
    group: Group::Store,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a credential is written into a Nix file",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

/// The most places that a finding names beside the first: more are no help.
const SHOWN: usize = 8;

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let credentials = cx.inventory.repository.credentials.iter();
    let manager = exemplary(cx.inventory.managers, &cx.inventory.hosts);
    let found = credentials.map(|credential| {
        let found = diagnostic(cx, credential, manager);
        let found = match credential.kind {
            // It leaks by being in the repository.
            CredentialKind::Token { .. } => found,
            CredentialKind::Named { .. } => cx.unless_in_unloaded_file(found),
        };
        (credential, found)
    });
    // One credential is one to replace, however often it is written.
    let mut by_text: BTreeMap<(Severity, String), Diagnostic> = BTreeMap::new();
    for (credential, finding) in found {
        let source = cx.sources.get(credential.at.file);
        let text = source.as_ref().and_then(|source| {
            let at = credential.at.start as usize..credential.at.end as usize;
            source.text().get(at).map(str::to_owned)
        });
        // What is called so elsewhere is something else.
        let Some(text) = text.filter(|_| !is_computed(cx, credential)) else {
            out.push(finding);
            continue;
        };
        let same = (finding.severity, text);
        let finding = match by_text.remove(&same) {
            Some(first) if first.secondary.len() >= SHOWN => first,
            Some(first) => first.secondary(Some(credential.at), "the same again"),
            None => finding,
        };
        by_text.insert(same, finding);
    }
    out.extend(by_text.into_values());
}

/// Whether a named credential is the value of an expression, not a literal.
fn is_computed(cx: &ProjectContext<'_>, credential: &Credential) -> bool {
    let CredentialKind::Named { length, .. } = credential.kind else {
        return false;
    };
    // A string of JSON is reported without its quotes.
    if credential.at.end - credential.at.start == u32::try_from(length).unwrap_or(u32::MAX) {
        return false;
    }
    let source = cx.sources.get(credential.at.file);
    let start = credential.at.start as usize;
    source.is_some_and(|source| {
        let text = source.text().get(start..).unwrap_or_default();
        text.starts_with(|first: char| first.is_alphabetic() || matches!(first, '(' | '_'))
    })
}

/// An identifier that is of no use without the secret that belongs to it.
const IDENTIFIER: &str = "AWS access key id";

/// A key that may be meant to be public: that of a map in a web page.
const PERHAPS_PUBLIC: &str = "Google API key";

fn is_a(credential: &Credential, wanted: &str) -> bool {
    matches!(credential.kind, CredentialKind::Token { what, .. } if what == wanted)
}

fn severity(credential: &Credential) -> Severity {
    match credential.confidence {
        _ if credential.is_fixture || is_a(credential, IDENTIFIER) => Severity::Info,
        Confidence::High if !is_a(credential, PERHAPS_PUBLIC) => Severity::Error,
        Confidence::High | Confidence::Medium => Severity::Warning,
        Confidence::Low => Severity::Info,
    }
}

fn diagnostic(
    cx: &ProjectContext<'_>,
    credential: &Credential,
    manager: Option<&Manager>,
) -> Diagnostic {
    let path = &credential.path.display;
    let severity = severity(credential);
    let (subject, message, label) = match &credential.kind {
        CredentialKind::Token { what, .. } => {
            let article = if what.starts_with(['A', 'E', 'O', 'a', 'e', 'i', 'o']) {
                "an"
            } else {
                "a"
            };
            let label = match credential.confidence {
                Confidence::Low if what.ends_with("URL") => "a plain word",
                Confidence::Low => "has the shape of one, but its checksum is wrong",
                _ if is_a(credential, IDENTIFIER) => "of use with the secret that belongs to it",
                _ => "whoever has this text can use it",
            };
            (
                (*what).to_owned(),
                format!("{article} {what} is written into {path}"),
                label.to_owned(),
            )
        }
        CredentialKind::Named { attribute, length } if is_computed(cx, credential) => (
            attribute.to_string(),
            format!("{attribute} is given a credential in {path} that is no secret of a manager"),
            format!("its value is a text of {}", count(*length, "character")),
        ),
        CredentialKind::Named { attribute, length } => (
            attribute.to_string(),
            format!("{attribute} is written out in {path}"),
            format!("a literal of {}", count(*length, "character")),
        ),
    };
    let found = Diagnostic::new(&LINT, subject, message)
        .severity(severity)
        .confidence(match credential.confidence {
            Confidence::High => Sure::High,
            Confidence::Medium => Sure::Medium,
            Confidence::Low => Sure::Low,
        })
        .primary(Some(credential.at), label)
        .note(
            "Nix copies its files and what it builds from them to the store, which every user and process of the machine \
             can read, and the text stays in the Git history",
        );
    match line_of_server(cx, credential, manager) {
        Some(line) => found.help(REPLACE, line),
        None => help(found, &credential.kind, manager),
    }
}

const REPLACE: &str =
    "replace the credential, declare the new one as a secret, and hand over the path of its file";

/// The line for the MCP server that gets the credential; `None` if none does.
fn line_of_server(
    cx: &ProjectContext<'_>,
    credential: &Credential,
    manager: Option<&Manager>,
) -> Option<String> {
    let is_it = |value: &ServerValue| {
        let at = value.at.filter(|at| at.file == credential.at.file);
        let overlaps =
            at.is_some_and(|at| credential.at.start < at.end && at.start < credential.at.end);
        overlaps && matches!(value.what, ValueKind::Literal { .. })
    };
    let (host, mcp, value) = cx.inventory.hosts.iter().find_map(|host| {
        host.mcp.iter().find_map(|mcp| {
            let value = mcp.values.iter().find(|value| is_it(value))?;
            Some((host, mcp, value))
        })
    })?;
    let is_of_system = host.class != HostClass::HomeManager;
    let config = if is_of_system && mcp.module.is_of_users() {
        "osConfig"
    } else {
        "config"
    };
    let secrets = manager?.secrets;
    let name = match value.key.as_str() {
        "" => return None,
        key if key.eq_ignore_ascii_case("authorization") => format!("{}_token", value.server),
        key => key.to_owned(),
    };
    let secret = OptionPath::new([name.as_str()]);
    let option = format!("{secrets}.{secret}");
    let line = safe_line(mcp.module, value, &name, &format!("{config}.{option}.path"))?;
    let mut declared = cx.inventory.hosts.iter().flat_map(|host| &host.secrets);
    if declared.any(|known| known.option == option) {
        return Some(line);
    }
    // Pasted alone, the line names what nobody declares.
    let place = if config == "osConfig" {
        "in the configuration of the system"
    } else {
        "beside it"
    };
    let owner = (config == "osConfig").then(|| format!("owner = {}; ", nix_string(&mcp.user)));
    let owner = owner.unwrap_or_default();
    let needs_file = manager.is_some_and(|manager| manager.has(Capability::NamesEachFile));
    let declaration = if needs_file {
        // Which file that is nobody knows here.
        format!("# {place}: {option} = {{ file = …; {owner}}};")
    } else {
        format!("{option} = {{ {owner}}}; # {place}")
    };
    Some(format!("{declaration}\n{line}"))
}

/// The change, in the words of the place.
fn help(found: Diagnostic, kind: &CredentialKind, manager: Option<&Manager>) -> Diagnostic {
    let replace = REPLACE;
    let CredentialKind::Named { attribute, .. } = kind else {
        return found.advice(replace);
    };
    let secrets = manager.map_or("", |manager| manager.secrets);
    let templates = manager.and_then(|manager| manager.templates.as_ref());
    // Without templates, the secret itself has the lines of an environment file.
    let templates = templates.map_or(secrets, |templates| templates.option);
    let name = attribute.names().last().map_or("", String::as_str);
    let name = OptionPath::new([name]);
    let is_in = |names: &[&str]| attribute.name_after(names).is_some();
    if is_in(&["programs", "mcp", "servers"]) && is_in(&["env"]) {
        found.help(
            replace,
            format!("{attribute}.file = config.{secrets}.{name}.path;"),
        )
    } else if let Some(server) = attribute.name_after(&["services", "mcp", "servers"]) {
        let server = OptionPath::new([server]);
        found.help(
            replace,
            format!("services.mcp.servers.{server}.secret = \"{name}\";"),
        )
    } else if let Some(user) = attribute.name_after(&["users", "users"]) {
        let user = OptionPath::new([user]);
        found.help(
            "encrypt the output of mkpasswd, and name its file",
            format!("users.users.{user}.hashedPasswordFile = config.{secrets}.{user}_hash.path;"),
        )
    } else if is_in(&["networking", "wireless"]) {
        found.help(
            replace,
            format!("networking.wireless.secretsFile = config.{secrets}.wireless.path; # wifi=…\npskRaw = \"ext:wifi\";"),
        )
    } else if is_in(&["networking", "wireguard"]) || is_in(&["networking", "wg-quick"]) {
        found.help(
            replace,
            format!("privateKeyFile = config.{secrets}.wireguard.path;"),
        )
    } else if attribute
        .names()
        .last()
        .is_some_and(|last| last == "SetCredential")
    {
        found.help(
            replace,
            format!("LoadCredential = \"NAME:${{config.{secrets}.<name>.path}}\";"),
        )
    } else if is_in(&["systemd"]) && is_in(&["services"]) {
        found.help(
            replace,
            format!("serviceConfig.EnvironmentFile = config.{templates}.\"app.env\".path;"),
        )
    } else if is_in(&["oci-containers"]) {
        found.help(
            replace,
            format!("environmentFiles = [ config.{templates}.\"app.env\".path ];"),
        )
    } else {
        found.advice(replace)
    }
}
