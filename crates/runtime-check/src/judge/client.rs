//! The configuration files of MCP clients.

use super::{Details, JudgeContext, shown};
use crate::checks::Check;
use crate::escape::Escaped;
use crate::observe::client::LiteralKind;
use crate::observe::client_format::ClientFormat;
use crate::observe::file::{Observation, Opened};
use crate::observe::formats;

/// Judges one file, read as its user.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    user: &str,
    format: ClientFormat,
    seen: &Observation,
) {
    let path = seen.path.0.as_path();
    let Ok(found) = &seen.end else {
        return;
    };
    let details = |help| Details {
        user: Some(user),
        help,
        ..Details::default()
    };
    let Some(client) = &found.client else {
        let why = match &found.opened {
            Opened::Denied => format!("cannot be opened by {user}"),
            // Reported as not checked.
            Opened::Failed(_) | Opened::Changed => return,
            Opened::Yes | Opened::NotTried => format!("is {}", found.facts.kind.phrase()),
        };
        let message = format!("{} {why}", shown(path));
        context.add(Check::ClientUnreadable, path, message, details(None));
        return;
    };
    if let Some((line, column)) = client.broken {
        let format = format.phrase();
        let message = format!(
            "{} is not {format}: line {line}, column {column}",
            shown(path)
        );
        context.add(Check::ClientUnreadable, path, message, details(None));
        context.not_checked(
            path,
            format!("what follows line {line}: it is not {format}"),
        );
    }
    for literal in &client.literals {
        let what = match &literal.kind {
            LiteralKind::Format(id) => formats::by_id(id).map_or_else(
                || "a token".to_owned(),
                |format| format!("a {} token (`{}…`)", format.provider, format.prefix),
            ),
            LiteralKind::Name => "a credential, by its name".to_owned(),
            LiteralKind::UrlPassword => "a URL with a password".to_owned(),
        };
        let message = format!(
            "{} has {what} at {}, {}",
            shown(path),
            place(&literal.place),
            super::content::bytes(u64::try_from(literal.length).unwrap_or(u64::MAX))
        );
        let help = Some("revoke it, and read the new one from a secret file".to_owned());
        context.add(Check::LiteralCredential, path, message, details(help));
    }
    for command in client.commands.iter().filter(|command| !command.exists) {
        let message = format!(
            "{} starts {}, which is not there any more ({})",
            shown(path),
            Escaped::text(&command.path),
            place(&command.place)
        );
        let help = Some("activate Home Manager again, then restart the client".to_owned());
        context.add(Check::ClientProgramMissing, path, message, details(help));
    }
    for (at, syntax) in &client.unexpanded {
        let message = format!(
            "{} has `{}` at {}, which its client hands over as it is",
            shown(path),
            Escaped::text(syntax),
            place(at)
        );
        let help = Some("read the secret in a wrapper that starts the server".to_owned());
        context.add(
            Check::ClientReferenceNotExpanded,
            path,
            message,
            details(help),
        );
    }
    for name in &client.odd_names {
        let message = format!(
            "{} sets a variable that no shell can export: {}",
            shown(path),
            place(name)
        );
        context.add(Check::ClientOddName, path, message, details(None));
    }
}

/// `mcpServers.github.env.GITHUB_TOKEN`, not longer than a line.
fn place(names: &[String]) -> String {
    const LONGEST: usize = 160;
    let mut text = names.join(".");
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    Escaped::text(&text).to_string()
}
