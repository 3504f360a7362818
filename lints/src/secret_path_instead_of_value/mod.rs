//! `secret-path-instead-of-value`: an option that wants a value gets the path of a secret.

mod files;

use inventory::mcp_modules::{Place, server_at};
use inventory::secret_files::is_credential_name;
use inventory::{Fault, Form, Reference, ServerValue, VALUES, ValueKind};

use files::{of_the_file, setting};

use crate::hm_agenix_unexpanded_runtime_dir::DIRECTORY;
use crate::mcp::{option_of, safe_line};
use crate::secret_in_initrd_or_before_local_fs::EMERGENCY_ACCESS;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-path-instead-of-value",
    group: Group::Handling,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an option that wants a value gets the path of a secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Options of an account that take the text itself, and the one that takes a file.
const OF_ACCOUNTS: [(&str, &str); 4] = [
    ("hashedPassword", "hashedPasswordFile"),
    ("password", "hashedPasswordFile"),
    ("initialPassword", "hashedPasswordFile"),
    ("initialHashedPassword", "hashedPasswordFile"),
];

/// Sets whose attributes become environment variables or HTTP headers.
const VARIABLES: [&str; 7] = [
    "env",
    "environment",
    "environmentVariables",
    "headers",
    "http_headers",
    "sessionVariables",
    "variables",
];

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    of_servers(cx, out);
    let is_the_path = |reference: &&Reference| {
        let is_whole = reference.form == Form::Whole && reference.function.is_none();
        is_whole && reference.secret.is_some()
    };
    for reference in cx.paths().filter(is_the_path) {
        if server_at(&reference.option).is_some() {
            // The values of MCP servers are known better.
            continue;
        }
        if is_of_a_whole_set(cx, reference) {
            out.push(whole_set(cx, reference));
        } else if let Some((_, file)) = of_an_account(reference) {
            out.push(account(cx, reference, file));
        } else if is_a_variable(reference)
            && !reference
                .option
                .last()
                .is_some_and(|name| is_opened(cx, name))
        {
            out.push(variable(cx, reference));
        } else if is_a_setting(reference) {
            out.push(setting(cx, reference));
        } else if reference.is_in(&EMERGENCY_ACCESS) {
            out.push(emergency(cx, reference));
        }
    }
}

/// What a module hands to an MCP server.
fn of_servers(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (mcp, value) in cx.server_values() {
        if value.fault(mcp.module, &[]) != Some(Fault::NoContent) {
            continue;
        }
        let (secret, label, note) = match &value.what {
            ValueKind::SecretSet { secret } => (
                *secret,
                "all options of the secret, where its content is meant",
                "Nix writes the whole set into the client's file, or refuses to make a text of it",
            ),
            ValueKind::RunsSecret { secret } => (
                *secret,
                "the first word of a command is the program that is run",
                "the wrapper runs the file of the secret as a program, which fails: the variable is empty",
            ),
            ValueKind::SecretPath { secret, .. } | ValueKind::ShellPath { secret, .. } => (
                *secret,
                "the server gets this text, and no secret",
                "a client does not open the files that its settings name: the server sends the text of the path",
            ),
            _ => continue,
        };
        let Some(secret) = cx.host.secrets.get(secret) else {
            continue;
        };
        let option = option_of(value);
        let what = match &value.what {
            ValueKind::SecretSet { .. } => "is the set of options",
            _ => "is the path",
        };
        let message = format!("{option} {what} of `{}`, not its content", secret.attribute);
        let found = Diagnostic::new(&LINT, &option, message)
            .confidence(Confidence::Medium)
            .primary(value.at, label)
            .secondary(secret.declared_at.first().copied(), "declared here")
            .about(&secret.option)
            .note(note);
        let path = cx.path_expression(mcp, secret);
        let place = match value.place {
            Place::PasswordCommand => Place::Variable,
            place => place,
        };
        let meant = ServerValue {
            place,
            ..value.clone()
        };
        let line = safe_line(mcp.module, &meant, &value.key, &path);
        // A wrapper expands no name of a file.
        let line = line.map(|line| match value.what {
            ValueKind::ShellPath { .. } => format!("{DIRECTORY}\n{line}"),
            _ => line,
        });
        out.push(match line {
            Some(line) => found.help("let the content of the file get there", line),
            None => found.advice("hand over the path under the name of a file (`--token-file`, `…_FILE`), or start the server through a wrapper that reads it"),
        });
    }
}

/// Whether an option that takes a text or a file gets all options of the secret, of which `path` is found in it.
fn is_of_a_whole_set(cx: &HostContext<'_>, reference: &Reference) -> bool {
    const SETTINGS: [&[&str]; 8] = [
        &["systemd", "services", "*", "serviceConfig", "*"],
        &["systemd", "services", "*", "environment", "*"],
        &["systemd", "user", "services", "*", "serviceConfig", "*"],
        &["systemd", "user", "services", "*", "Service", "*"],
        &["environment", "variables", "*"],
        &["environment", "sessionVariables", "*"],
        &["home", "sessionVariables", "*"],
        &["environment", "etc", "*", "source"],
    ];
    let [before @ .., name, last] = reference.option.as_slice() else {
        return false;
    };
    let length = reference.option.len() - 1;
    let is_setting =
        { SETTINGS.iter() }.any(|option| option.len() == length && reference.is_in(option));
    let is_of_accounts = reference.is_in(&["users", "users", "*"]) && length == 4;
    let is_of_a_service = before.first().is_some_and(|root| root == "services");
    let is_file = name.ends_with("File") && (is_of_accounts || is_of_a_service);
    // `x.path = config.….path;` is another thing.
    let is_written = || {
        let at = reference.at?;
        let source = cx.sources.get(at.file)?;
        let text: &str = source.text();
        text.get(at.start as usize..at.end as usize)
            .map(|text| !text.contains("path"))
    };
    last == "path" && (is_setting || is_file) && is_written() == Some(true)
}

fn whole_set(cx: &HostContext<'_>, reference: &Reference) -> Diagnostic {
    let name = cx.name_of(reference);
    let mut instead = reference.clone();
    instead.option.pop();
    let option = instead.option_path();
    let message = format!("{option} is the set of options of `{name}`, not its path");
    Diagnostic::new(&LINT, &option, message)
        .severity(Severity::Error)
        .primary(reference.at, "all options of the secret")
        .secondary(cx.declaration_of(reference), "declared here")
        .about(cx.subject_of(reference))
        .note("evaluation fails: the option takes no set")
        .help(
            "hand over the path",
            format!("{option} = config.{}.path;", cx.subject_of(reference)),
        )
}

fn of_an_account(reference: &Reference) -> Option<(&'static str, &'static str)> {
    let name = reference.option.get(3)?;
    let is_account = reference.is_in(&["users", "users", "*"]) && reference.option.len() == 4;
    let known = OF_ACCOUNTS.iter().find(|(option, _)| option == name);
    known.copied().filter(|_| is_account)
}

/// Whether a name says that what stands there is a secret and no file.
fn is_a_value(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    // `_secret` is how NixOS writes that a file is to be read.
    !name.starts_with('_')
        && is_credential_name(name)
        && VALUES.iter().any(|word| lower.ends_with(word))
}

fn is_a_variable(reference: &Reference) -> bool {
    let [.., container, name] = reference.option.as_slice() else {
        return false;
    };
    let is_header = container.contains("header") && name.eq_ignore_ascii_case("authorization");
    VARIABLES.contains(&container.as_str()) && (is_a_value(name) || is_header)
}

/// `services.grafana.settings.security.admin_password`
fn is_a_setting(reference: &Reference) -> bool {
    let of_service = reference.is_in(&["services", "*", "settings"]);
    let name = reference.option.last().map_or("", String::as_str);
    of_service && reference.option.len() > 3 && is_a_value(name)
}

/// Whether something in the project opens the file that a variable names.
fn is_opened(cx: &HostContext<'_>, name: &str) -> bool {
    let (plain, braced) = (format!("${name}"), format!("${{{name}"));
    let mut sources = cx
        .sources
        .ids()
        .into_iter()
        .filter_map(|id| cx.sources.get(id));
    sources.any(|source| {
        let text: &str = source.text();
        text.contains(&plain) || text.contains(&braced)
    })
}

fn found(cx: &HostContext<'_>, reference: &Reference, label: &str) -> Diagnostic {
    let name = cx.name_of(reference);
    let option = reference.option_path();
    let message = format!("{option} is the path of `{name}`, not its content");
    Diagnostic::new(&LINT, &option, message)
        .primary(reference.at, label)
        .secondary(cx.declaration_of(reference), "declared here")
        .about(cx.subject_of(reference))
}

fn account(cx: &HostContext<'_>, reference: &Reference, file: &str) -> Diagnostic {
    let user = reference.option.get(2).map_or("", String::as_str);
    let option = ["users", "users", user, file].map(str::to_owned);
    let instead = Reference {
        option: option.to_vec(),
        ..reference.clone()
    };
    let secret = cx.subject_of(reference);
    found(
        cx,
        reference,
        "the text of the path is taken for the password",
    )
    .severity(Severity::Error)
    .note("nobody reads the file: the account has the text of the path as its password or hash")
    .help(
        "name the option that takes a file",
        format!("{} = config.{secret}.path;", instead.option_path()),
    )
}

fn emergency(cx: &HostContext<'_>, reference: &Reference) -> Diagnostic {
    found(cx, reference, "the text of the path is taken for the hash")
        .severity(Severity::Error)
        .note("the initial ramdisk gets the text of the path as the hash of its password: no password fits, and nobody gets in")
        .advice("write out the hash of a password of its own (`mkpasswd`): it is in the initial ramdisk, which is not encrypted")
}

fn variable(cx: &HostContext<'_>, reference: &Reference) -> Diagnostic {
    let found = found(cx, reference, "the program gets this text, and no secret")
        .confidence(Confidence::Medium)
        .note("the variable holds the text of the path; a program that wants the value sends that to its server");
    match of_the_file(cx, reference) {
        Some((help, line)) => found.help(help, line),
        None => found.advice(
            "use the variable that names a file if the program has one (`…_FILE`), or render an environment file \
             that holds the value",
        ),
    }
}
