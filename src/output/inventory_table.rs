//! The inventory for people.

use std::io::{self, Write};

use std::collections::BTreeMap;

use inventory::mcp_modules::WhenMissing;
use inventory::{
    Answer, Fact, Host, Inventory, McpConfiguration, McpServer, McpStatus, Principal, Readable,
    Reader, Secret, SourceMap, Who,
};

use super::place::place;
use super::style::{BAD, CAUTION, FAINT, GOOD, STRONG, styled};
use super::{exposure_text, gap_list};
use crate::display::escape;
use crate::report::Names;

/// Writes every host: secrets, servers, and what stayed unknown.
pub(crate) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::for_people(&inventory.root);
    gap_list::render(inventory, sources, &names, out)?;
    let (modules, hosts): (Vec<&Host>, Vec<&Host>) =
        { inventory.hosts.iter() }.partition(|host| host.is_module());
    for (index, host) in hosts.into_iter().chain(modules).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        heading(host, sources, &names, out)?;
        secrets(host, sources, &names, out)?;
        for mcp in &host.mcp {
            servers(host, mcp, out)?;
        }
        unknowns(host, sources, &names, out)?;
    }
    if inventory.hosts.is_empty() {
        writeln!(out, "no configuration found")?;
    }
    deciding(inventory, sources, &names, out)
}

/// What would decide the readers that are not decided, each thing once for all hosts.
fn deciding(
    inventory: &Inventory,
    sources: &SourceMap,
    names: &Names,
    out: &mut dyn Write,
) -> io::Result<()> {
    let needs = exposure_text::needs(inventory.hosts.iter());
    if needs.is_empty() {
        return Ok(());
    }
    let place = exposure_text::place_of(sources, names);
    writeln!(
        out,
        "\n{}",
        styled(STRONG, "What would decide who can read")
    )?;
    for (need, secrets) in needs {
        let secrets = exposure_text::shortened(secrets.into_iter());
        let what = escape(&need.to_string());
        writeln!(out, "? {what}{}: {}", place(need.at()), escape(&secrets))?;
        for line in need.paste().iter().flat_map(|text| text.lines()) {
            writeln!(out, "    {}", escape(line))?;
        }
    }
    Ok(())
}

fn heading(host: &Host, sources: &SourceMap, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = vec![styled(STRONG, &escape(&host.name))];
    if host.is_module() {
        parts.push("a module on its own".to_owned());
    }
    if host.attribute != host.name {
        parts.push(escape(&host.attribute));
    }
    if let Some(at) = host.at.and_then(|at| place(sources, names, at)) {
        parts.push(format!("{}:{}", escape(&at.file), at.line));
    }
    writeln!(out, "{}", parts.join(" · "))
}

/// A row: the columns before the last one, and the lines of the last one.
struct Row {
    columns: [String; 5],
    readers: Vec<String>,
    /// Who else can read it; below the row.
    others: Option<String>,
}

const TITLES: [&str; 5] = ["secret", "lands at", "owner:group", "mode", "from"];

fn secrets(host: &Host, sources: &SourceMap, names: &Names, out: &mut dyn Write) -> io::Result<()> {
    if host.secrets.is_empty() {
        return writeln!(out, "\nno secrets");
    }
    let rows: Vec<Row> = host
        .secrets
        .iter()
        .enumerate()
        .map(|(index, secret)| row(host, index, secret, (sources, names)))
        .collect();
    let widths: Vec<usize> = TITLES
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows
                .iter()
                .filter_map(|row| row.columns.get(column))
                .map(|cell| cell.chars().count());
            cells.chain([title.len()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String], last: &str| {
        let cells = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        format!("{} {last}", cells.collect::<Vec<_>>().join(" "))
            .trim_end()
            .to_owned()
    };
    let titles: Vec<String> = TITLES.iter().map(|title| (*title).to_owned()).collect();
    writeln!(out, "\n{}", styled(FAINT, &line(&titles, "read by")))?;
    let empty: Vec<String> = TITLES.iter().map(|_| String::new()).collect();
    for row in &rows {
        let mut readers = row.readers.iter();
        writeln!(
            out,
            "{}",
            line(&row.columns, readers.next().map_or("", String::as_str))
        )?;
        for reader in readers {
            writeln!(out, "{}", line(&empty, reader))?;
        }
        if let Some(others) = &row.others {
            writeln!(out, "  {} {others}", styled(FAINT, "can also read"))?;
        }
    }
    Ok(())
}

fn row(host: &Host, index: usize, secret: &Secret, (sources, names): (&SourceMap, &Names)) -> Row {
    let readers = host
        .readers
        .iter()
        .filter(|reader| reader.secret == Some(index));
    let mut readers: Vec<String> = readers.map(reader_line).collect();
    readers.dedup();
    let templates = secret.exposure.templates.iter();
    readers.extend(templates.filter_map(|template| {
        let template = host.secrets.get(*template)?;
        Some(format!("in template {}", escape(&template.attribute)))
    }));
    if readers.is_empty() {
        readers.push(match secret.exposure.answer {
            Answer::Nobody => "nobody reads it".to_owned(),
            _ => styled(FAINT, "not found"),
        });
    }
    let place = exposure_text::place_of(sources, names);
    let others = secret.exposure.others.as_slice();
    // That root can read it says nothing of the secret.
    let is_more = others.iter().any(|other| other.who != Who::Root);
    let others = is_more.then(|| {
        let closed = exposure_text::closed_to(secret).map(|who| format!("cannot: {who}"));
        let shown = exposure_text::others(others, &place).into_iter();
        shown.chain(closed).collect::<Vec<_>>().join(" · ")
    });
    let owner = format!(
        "{}:{}",
        principal(&secret.effective_owner),
        principal(&secret.effective_group)
    );
    let mode = match secret.effective_mode.known() {
        Some(mode) => format!("{mode:04o}"),
        None => unknown(&secret.effective_mode),
    };
    Row {
        columns: [
            escape(&secret.attribute),
            text(&secret.path),
            owner,
            mode,
            from(secret),
        ],
        readers,
        others,
    }
}

fn text(fact: &Fact<String>) -> String {
    fact.known()
        .map_or_else(|| unknown(fact), |value| escape(value))
}

fn principal(fact: &Fact<Principal>) -> String {
    fact.known().map_or_else(
        || "?".to_owned(),
        |principal| escape(&principal.to_string()),
    )
}

fn unknown<T>(fact: &Fact<T>) -> String {
    match &fact.value {
        Ok(_) => "?".to_owned(),
        Err(unknown) => format!("? ({})", escape(&unknown.reason.to_string())),
    }
}

fn from(secret: &Secret) -> String {
    match (secret.file.known(), secret.key.known()) {
        (Some(Some(file)), Some(Some(key))) if !key.is_empty() => {
            format!("{}#{}", escape(&file.display), escape(key))
        }
        (Some(Some(file)), _) => escape(&file.display),
        (Some(None), _) => "-".to_owned(),
        (None, _) => unknown(&secret.file),
    }
}

fn reader_line(reader: &Reader) -> String {
    let mark = match reader.verdict.readable {
        Readable::Yes => styled(GOOD, "✓"),
        Readable::No => styled(BAD, "✗"),
        Readable::Unknown => styled(CAUTION, "?"),
    };
    let via = escape(&reader.via.to_string());
    let who = match reader.user.known() {
        Some(user) => format!("{mark} {} · {via}", escape(&user.to_string())),
        None => format!("{mark} {via}"),
    };
    // That it can be read needs no reason here; the JSON has it.
    match reader.verdict.readable {
        Readable::Yes => who,
        Readable::No | Readable::Unknown => {
            format!("{who}: {}", escape(&reader.verdict.reason))
        }
    }
}

fn servers(host: &Host, mcp: &McpConfiguration, out: &mut dyn Write) -> io::Result<()> {
    if mcp.enabled.known() == Some(&false) {
        return Ok(());
    }
    let path = mcp
        .secrets_path
        .as_ref()
        .map(|path| format!(" · secretsPath {}", text(path)))
        .unwrap_or_default();
    let clients = match mcp.clients.as_slice() {
        [] => mcp.module.name.to_owned(),
        clients => format!("{} · {}", mcp.module.name, clients.join(", ")),
    };
    let title = format!("MCP servers of {}{path} · {clients}", escape(&mcp.user));
    writeln!(out, "\n{}", styled(STRONG, &title))?;
    let enabled = || {
        mcp.servers
            .iter()
            .filter(|server| server.enabled.known() != Some(&false))
    };
    let is_fine =
        |server: &&McpServer| matches!(server.status, McpStatus::Available | McpStatus::NoSecret);
    let mut fine: Vec<String> = enabled()
        .filter(is_fine)
        .map(|server| escape(&server.name))
        .collect();
    fine.retain(|name| !enabled().any(|server| !is_fine(&server) && escape(&server.name) == *name));
    fine.dedup();
    if !fine.is_empty() {
        writeln!(out, "{} {}", styled(GOOD, "✓"), fine.join(" · "))?;
    }
    for server in enabled().filter(|server| !is_fine(server)) {
        writeln!(out, "{}", server_line(host, mcp, server))?;
    }
    Ok(())
}

fn server_line(host: &Host, mcp: &McpConfiguration, server: &McpServer) -> String {
    let name = escape(&server.name);
    let secret = server
        .secret
        .known()
        .and_then(Option::as_deref)
        .map_or("?".to_owned(), escape);
    let path = server
        .path
        .known()
        .and_then(Option::as_deref)
        .map_or("?".to_owned(), escape);
    let directory = path
        .rsplit_once('/')
        .map_or(path.as_str(), |(directory, _)| directory)
        .to_owned();
    match server.status {
        McpStatus::Missing => {
            let mark = styled(CAUTION, "⚠");
            let then = server.when_missing.map_or("", WhenMissing::phrase);
            format!(
                "{mark} {name} needs {secret} at {directory}: no secret of this host lands there; {then}"
            )
        }
        McpStatus::Broken => {
            let what = match &server.variable {
                Some(variable) => format!("a text in place of the variable {}", escape(variable)),
                None => "a text in place of its secret".to_owned(),
            };
            format!("{} {name} gets {what}", styled(BAD, "✗"))
        }
        _ if server.variable.is_some() => {
            let variable = escape(server.variable.as_deref().unwrap_or_default());
            let seen = server
                .seen_by()
                .map_or_else(String::new, |who| format!("; seen by {who}"));
            let mark = styled(CAUTION, "?");
            format!("{mark} {name} needs {variable} in the environment of its client{seen}")
        }
        McpStatus::Unreadable => {
            let lands = server.provided_by.and_then(|index| host.secrets.get(index));
            let owner = lands.map_or_else(
                || "?".to_owned(),
                |secret| principal(&secret.effective_owner),
            );
            let user = escape(&mcp.user);
            format!(
                "{} {name}: {user} cannot read {path}, which belongs to {owner}",
                styled(BAD, "✗")
            )
        }
        _ => {
            let why = server
                .path
                .value
                .as_ref()
                .err()
                .map(|unknown| unknown.reason.to_string());
            let why = why
                .as_deref()
                .unwrap_or("not provided by a declared secret");
            format!(
                "{} {name} reads {path}: {}",
                styled(CAUTION, "?"),
                escape(why)
            )
        }
    }
}

/// What stayed unknown, with its reason and place.
fn unknowns(
    host: &Host,
    sources: &SourceMap,
    names: &Names,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |what: String, unknown: &inventory::Unknown| {
        let at = unknown.at.and_then(|at| place(sources, names, at));
        let at = at
            .map(|at| format!(" · {}:{}", escape(&at.file), at.line))
            .unwrap_or_default();
        lines.push(format!(
            "? {what}: {}{at}",
            escape(&unknown.reason.to_string())
        ));
    };
    for secret in &host.secrets {
        let option = escape(&secret.option);
        let facts = [
            ("path", secret.path.value.as_ref().err()),
            ("owner", secret.effective_owner.value.as_ref().err()),
            ("mode", secret.effective_mode.value.as_ref().err()),
            ("file", secret.file.value.as_ref().err()),
        ];
        for (field, unknown) in facts {
            if let Some(unknown) = unknown {
                add(format!("{option}.{field}"), unknown);
            }
        }
    }
    for (what, open) in [("users", &host.users_open), ("secrets", &host.secrets_open)] {
        if let Some(unknown) = open {
            add(format!("there may be more {what}"), unknown);
        }
    }
    let mut others: BTreeMap<&inventory::Unknown, Vec<&str>> = BTreeMap::new();
    for secret in &host.secrets {
        for why in &secret.exposure.others_unknown {
            others.entry(why).or_default().push(&secret.attribute);
        }
    }
    for (why, secrets) in others {
        let secrets = exposure_text::shortened(secrets.into_iter());
        add(format!("who else can read {}", escape(&secrets)), why);
    }
    let told = [&host.users_open, &host.secrets_open];
    let others = { host.open.iter() }.filter(|why| !told.contains(&&Some((*why).clone())));
    for unknown in others {
        add("there may be more".to_owned(), unknown);
    }
    lines.sort();
    lines.dedup();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", styled(STRONG, "Not determined"))?;
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}
