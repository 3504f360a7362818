//! What a secret is, where it lands, and who reads it.

use inventory::{
    Answer, Fact, FileState, Host, McpServer, McpStatus, Principal, Readable, Secret, SecretFile,
};

use super::analyse::Snapshot;
use super::index::{Name, ServerPlace};
use crate::display::escape;
use crate::output::exposure_text;

/// Lines of text with names in backquotes: Markdown, and readable without it.
pub(crate) fn secret(snapshot: &Snapshot, name: &Name) -> Option<String> {
    // Hosts on which it is the same share one text.
    let mut texts: Vec<(String, Vec<&str>)> = Vec::new();
    for (host_index, secret_index) in snapshot.index.secrets(name) {
        let host = snapshot.inventory.hosts.get(*host_index)?;
        let secret = host.secrets.get(*secret_index)?;
        let mut files = snapshot.inventory.files.iter();
        let file = files.find(|file| file.used_by.contains(&(*host_index, *secret_index)));
        let text = facts(host, *secret_index, secret, file);
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, hosts)) => hosts.push(&host.name),
            None => texts.push((text, vec![&host.name])),
        }
    }
    let mut hover = format!("{} · {}", code(&name.attribute), code(name.option));
    for (text, mut hosts) in texts {
        hosts.dedup();
        let shown: Vec<String> = hosts.iter().take(5).map(|host| code(host)).collect();
        let more = match hosts.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        hover += &format!("\n\non {}{more}\n\n{text}", shown.join(", "));
    }
    Some(hover)
}

fn facts(host: &Host, index: usize, secret: &Secret, file: Option<&SecretFile>) -> String {
    let mode = match secret.effective_mode.known() {
        Some(mode) => format!("{mode:04o}"),
        None => unknown(&secret.effective_mode),
    };
    let mut lines = vec![
        format!("lands at {}", text(&secret.path)),
        format!(
            "belongs to {}, group {}, mode {mode}",
            principal(&secret.effective_owner),
            principal(&secret.effective_group)
        ),
    ];
    if let Some(from) = from(secret, file) {
        lines.push(from);
    }
    let mut readers: Vec<String> = host
        .readers_of(index)
        .iter()
        .map(|reader| {
            let sign = sign(reader.verdict.readable);
            let why = match reader.verdict.readable {
                Readable::Yes => String::new(),
                _ => format!(": {}", escape(&reader.verdict.reason)),
            };
            let needs = reader.needs.as_ref().map_or_else(String::new, |needs| {
                let paste = needs
                    .paste()
                    .map_or_else(String::new, |paste| format!(": {}", code(&paste)));
                format!(
                    " (what would decide it: {}{paste})",
                    escape(&needs.to_string())
                )
            });
            let via = code(&reader.via.to_string());
            format!(
                "{sign} {} reads it through {via}{why}{needs}",
                principal(&reader.user)
            )
        })
        .collect();
    readers.sort();
    readers.dedup();
    readers.extend(secret.exposure.templates.iter().filter_map(|template| {
        let template = host.secrets.get(*template)?;
        Some(format!("in template {}", code(&template.attribute)))
    }));
    if readers.is_empty() {
        lines.push(match secret.exposure.answer {
            Answer::Nobody => "nobody reads it".to_owned(),
            _ => "nothing that is known here reads it".to_owned(),
        });
    }
    lines.extend(readers);
    let others = exposure_text::others(&secret.exposure.others, &|_| String::new());
    if !others.is_empty() {
        lines.push(format!("can also read it: {}", others.join(" · ")));
    }
    for why in &secret.exposure.others_unknown {
        let why = escape(&why.reason.to_string());
        lines.push(format!("? who else can read it: {why}"));
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
    lines.join("\n")
}

/// A verdict as one character.
pub(crate) const fn sign(readable: Readable) -> &'static str {
    match readable {
        Readable::Yes => "✓",
        Readable::No => "✗",
        Readable::Unknown => "?",
    }
}

fn from(secret: &Secret, file: Option<&SecretFile>) -> Option<String> {
    let path = match secret.file.known() {
        Some(path) => path.as_ref()?,
        None => return Some(format!("comes from {}", unknown(&secret.file))),
    };
    let key = secret.key.known().and_then(Option::as_deref);
    let key = key.filter(|key| !key.is_empty());
    let key = key.map_or_else(String::new, |key| format!(", key {}", code(key)));
    let state = file.map_or("not looked at", |file| state(file.state));
    Some(format!("comes from {}{key}: {state}", code(&path.display)))
}

const fn state(state: FileState) -> &'static str {
    match state {
        FileState::Encrypted => "encrypted",
        FileState::Partial => "encrypted in part, some values are in clear",
        FileState::MetadataOnly => "no value in it",
        FileState::NothingEncrypted => "has sops metadata, but nothing is encrypted",
        FileState::Plaintext => "not encrypted",
        FileState::Empty => "empty",
        FileState::Broken => "damaged",
        FileState::OtherEncrypted => "encrypted with another tool",
        FileState::Missing => "not there",
        FileState::Unreadable => "cannot be read",
    }
}

/// An MCP server and the secrets that it needs.
pub(crate) fn server(snapshot: &Snapshot, place: ServerPlace) -> Option<String> {
    let host = snapshot.inventory.hosts.get(place.host)?;
    let mcp = host.mcp.get(place.mcp)?;
    let named = mcp.servers.get(place.server)?;
    let of_name = mcp
        .servers
        .iter()
        .filter(|server| server.name == named.name);
    let lines: Vec<String> = of_name
        .map(|server| format!("- {}", needs(server)))
        .collect();
    let heading = format!(
        "MCP server {} of {} · {} · on {}",
        code(&named.name),
        code(&mcp.user),
        code(mcp.module.name),
        code(&host.name)
    );
    Some(format!("{heading}\n\n{}", lines.join("\n")))
}

fn needs(server: &McpServer) -> String {
    if server.enabled.known() == Some(&false) {
        return "switched off".to_owned();
    }
    let path = match server.path.known() {
        Some(Some(path)) => code(path),
        Some(None) => return "needs no secret".to_owned(),
        None => return format!("reads {}", unknown(&server.path)),
    };
    match server.status {
        McpStatus::Available => format!("✓ reads {path}"),
        McpStatus::Missing => format!("⚠ reads {path}: no declared secret lands there"),
        McpStatus::Unreadable => format!("⚠ reads {path}, but may not"),
        McpStatus::NoSecret => "needs no secret".to_owned(),
        McpStatus::Broken => "✗ gets something else than its secret".to_owned(),
        McpStatus::Unknown => format!("? reads {path}"),
    }
}

fn text(fact: &Fact<String>) -> String {
    fact.known()
        .map_or_else(|| unknown(fact), |text| code(text))
}

fn principal(fact: &Fact<Principal>) -> String {
    let known = fact.known().map(|principal| code(&principal.to_string()));
    known.unwrap_or_else(|| unknown(fact))
}

fn unknown<T>(fact: &Fact<T>) -> String {
    match &fact.value {
        Ok(_) => String::new(),
        Err(unknown) => format!("? ({})", escape(&unknown.reason.to_string())),
    }
}

/// Something of the user's, inert in a terminal and in Markdown.
pub(crate) fn code(text: &str) -> String {
    let text = escape(text).replace('`', "'").replace('\n', " ");
    format!("`{text}`")
}
