//! `undeclared-secret-path`: a path below a manager's directory that no secret lands at.

mod landing;

use std::collections::BTreeSet;

use inventory::{Backing, HostClass, Moment, Reader, Reason, Via};

use crate::context::{is_below, split};
use crate::managed::{below_home, is_managed, is_of_the_system, name_below};
use crate::phrases::nix_string;
use crate::secret_path_prefix_mismatch::{ByName, misplaced};
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};
use landing::Landing;

pub(crate) static LINT: Lint = Lint {
    name: "undeclared-secret-path",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a path below a manager's directory that no secret lands at",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let readers = cx.readers_by_path();
    let mut readers = readers.filter(|it| it.secret.is_none()).peekable();
    if readers.peek().is_none() {
        return;
    }
    let named_by_commands = named_by_commands(cx);
    let made = cx.made();
    let by_name = ByName::of(cx);
    let landing = Landing::of(cx);
    for reader in readers {
        let Some(path) = reader.path.known() else {
            continue;
        };
        let Some((directory, _)) = split(path) else {
            continue;
        };
        if let Some(found) = not_mounted(cx, reader, path, directory) {
            out.push(found);
            continue;
        }
        if is_optional(reader) {
            continue;
        }
        if made.has(path)
            || misplaced(cx, &made, &by_name, reader).is_some()
            || !is_decided(cx, &landing, reader, path, directory)
        {
            continue;
        }
        match cx.host.secrets_open.as_ref().map(|open| &open.reason) {
            None => out.push(diagnostic(cx, &landing, reader, path, None)),
            // One that is known by its name, and that anybody can look into.
            Some(Reason::Input { words, .. }) if !named_by_commands.contains(path.as_str()) => {
                out.push(diagnostic(cx, &landing, reader, path, Some(words)));
            }
            Some(_) => {}
        }
    }
}

/// Whether every secret that could land there is declared where we see it, or in a module of an input.
fn is_decided(
    cx: &HostContext<'_>,
    landing: &Landing<'_>,
    reader: &Reader,
    path: &str,
    directory: &str,
) -> bool {
    let of_this_directory = landing.is_in_a_directory(path);
    // The directory of a user's secrets, where one of them lies.
    let of_this_user =
        below_home(cx, path).is_some_and(|(directory, _)| landing.has_of_user(directory));
    let is_told = cx
        .managed_directories
        .iter()
        .any(|managed| is_below(path, managed));
    let by_another_tool = name_below(cx, path).is_some_and(|name| name.starts_with("vars/"));
    // Home Manager on its own runs on a system that another configuration describes.
    let by_the_system = cx.host.class == HostClass::HomeManager && is_of_the_system(cx, directory);
    is_managed(cx, directory)
        && (of_this_directory || of_this_user || is_told)
        && landing.all_known
        && !by_another_tool
        && !is_stem(landing, reader, path)
        && !by_the_system
        && !cx.may_be_mounted(path)
}

/// The paths that command lines name, which may make what others read.
fn named_by_commands<'a>(cx: &HostContext<'a>) -> BTreeSet<&'a str> {
    let readers = { cx.host.readers.iter() }.filter(|reader| reader.via.is_command_line());
    { readers.filter_map(|reader| reader.path.known()) }
        .map(String::as_str)
        .collect()
}

/// Whether nothing is missed where the file is not there: ssh includes those that are.
fn is_optional(reader: &Reader) -> bool {
    let Via::Option { path, .. } = &reader.via else {
        return false;
    };
    { path.names().last() }.is_some_and(|last| matches!(last.as_str(), "include" | "includes"))
}

/// Whether a program may add the extension itself: secrets land at `x.key` and `x.private`, the keys of DNSSEC and DKIM
/// are named `x`; a command line names a profile `x` that is kept in `x.toml`.
fn is_stem(landing: &Landing<'_>, reader: &Reader, path: &str) -> bool {
    let extensions = landing.extensions(path);
    let is_argument = reader.via.is_command_line() && !extensions.is_empty();
    is_argument || extensions.len() > 1 || extensions == ["private"]
}

/// `module` is what of an input may declare the secret, where that is not here.
fn diagnostic(
    cx: &HostContext<'_>,
    landing: &Landing<'_>,
    reader: &Reader,
    path: &str,
    module: Option<&str>,
) -> Diagnostic {
    let is_whole =
        module.is_none() && matches!(cx.host.class, HostClass::Nixos | HostClass::Darwin);
    let found = Diagnostic::new(
        &LINT,
        path,
        format!("{path} is read, but no secret of this host lands there"),
    )
    .severity(if is_whole {
        Severity::Error
    } else {
        Severity::Warning
    })
    .confidence(Confidence::Medium)
    .primary(reader.at, format!("read here: {}", reader.via))
    .note(match module {
        None => "at run time there is no such file; many programs go on without it and say nothing".to_owned(),
        Some(module) => format!(
            "at run time there is no such file, and many programs go on without it and say nothing, unless {module} \
             declares it, which is not here"
        ),
    });
    match landing.closest(path) {
        Some(meant) => found.advice(format!("did you mean {meant}?")),
        None => found.advice("declare the secret, or correct the path"),
    }
}

/// A secret of the machine that is read in a container of it, which has a `/run` of its own.
fn not_mounted(
    cx: &HostContext<'_>,
    reader: &Reader,
    path: &str,
    directory: &str,
) -> Option<Diagnostic> {
    let container = cx.host.container.as_ref()?;
    let secret = container.host_secret(path)?;
    let has_own_file_system = cx
        .host
        .settings
        .mounts
        .iter()
        .any(|mount| mount.point != "/" && is_below(path, &mount.point));
    let is_decided = container.backing(path) == Backing::Own
        && is_of_the_system(cx, directory)
        && cx
            .host
            .secrets
            .iter()
            .all(|secret| secret.path.known().is_some())
        && cx.host.secrets_open.is_none()
        && !has_own_file_system;
    // A path that is written out in a script may be one that scripts in the container fill.
    let is_written_out = cx.text(reader.at?)?.contains(path);
    let is_in_a_script = reader.moment == Moment::Service && reader.via.unit().is_some();
    if !is_decided || (is_written_out && is_in_a_script) {
        return None;
    }
    let message = format!(
        "{path} is read in container `{}`, into which it is not mounted",
        container.name
    );
    let is_whole = cx.host.class == HostClass::Nixos;
    Some(
        Diagnostic::new(&LINT, path, message)
            .severity(if is_whole {
                Severity::Error
            } else {
                Severity::Warning
            })
            .confidence(if is_written_out {
                Confidence::Medium
            } else {
                Confidence::High
            })
            .primary(reader.at, format!("read here: {}", reader.via))
            .secondary(secret.declared_at, "a secret of the host")
            .note("a container has a /run of its own: inside there is no such file")
            .help(
                "",
                format!(
                    "{}.bindMounts.{}.isReadOnly = true;",
                    container.option,
                    nix_string(path)
                ),
            ),
    )
}
