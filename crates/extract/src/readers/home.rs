//! Programs and files of a Home Manager configuration: the login user opens what they use.

use nix_eval::Evaluator;

use crate::host_view::secret_paths::home_of;
use crate::host_view::{Home, HostView, Process};
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::links::decide_linked;
use crate::readers::option_name::without_elements;
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::readers::session::is_guarded;
use inventory::mcp_modules::server_at;
use inventory::model::{ContentUse, Moment, OptionPath, Via};

/// The parts of a Home Manager configuration in which programs and files are.
const ROOTS: [&str; 12] = [
    "accounts",
    "dconf",
    "email",
    "home",
    "launchd",
    "mcp-servers",
    "nix",
    "programs",
    "services",
    "wayland",
    "xdg",
    "xsession",
];

/// What has readers of its own.
const SKIPPED: [&[&str]; 5] = [
    &["nix", "nixPath"],
    &["nix", "registry"],
    &["services", "mcp"],
    &["home", "username"],
    &["home", "homeDirectory"],
];

pub(crate) fn home(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut ExtractedReaders,
) {
    let process = view.process_of(&home.user);
    for root in ROOTS {
        let Some(entry) = home.config.entry(evaluator, root) else {
            continue;
        };
        let query = Query {
            option: &[root],
            skip: &SKIPPED,
            only_enabled: true,
            home: home_of(view.users, &home.user),
            ..Query::default()
        };
        for path_use in path_uses(evaluator, view, entry, query) {
            if path_use.in_own_option && !is_of_home_manager(&path_use)
                || is_mcp_variable(&path_use)
            {
                continue;
            }
            let is_activation = path_use
                .option
                .get(1)
                .is_some_and(|name| name == "activation");
            let moment = match root {
                "home" if is_activation => Moment::Activation,
                "services" | "launchd" => Moment::UserService,
                _ => Moment::Session,
            };
            let of = (&home.option, moment);
            let access = access_of(view, Some(&home.user), &process, &path_use, of);
            let Some(mut access) = access else {
                continue;
            };
            decide_linked(view, &path_use, query.home, &mut access);
            access.certain &= is_on(evaluator, home, &path_use);
            found.readers.push(access.reader(view));
        }
    }
}

/// The access to what a value uses, at an option below `above`; `None` if it is not known to be opened.
pub(crate) fn access_of(
    view: &HostView<'_>,
    user: Option<&str>,
    process: &Process,
    path_use: &PathUse,
    (above, moment): (&OptionPath, Moment),
) -> Option<FileAccess> {
    let is_known = view.secret_at(&path_use.path, user).is_some();
    let is_part = !path_use.is_whole && path_use.in_a_call;
    if !is_known && is_part && !is_opened_by_server(path_use) {
        return None;
    }
    let via = Via::Option {
        path: above.join(without_elements(&path_use.option)),
        unit: None,
    };
    let mut access = FileAccess::of(path_use, process, via, moment);
    access.may_fail = may_fail(path_use);
    if path_use.is_argument && is_of_server(&path_use.option) {
        access.content = ContentUse::Argument;
    }
    Some(access)
}

/// Options that our schemas declare, not the project.
fn is_of_home_manager(path_use: &PathUse) -> bool {
    let names: Vec<&str> = path_use.option.iter().take(2).map(String::as_str).collect();
    matches!(names.as_slice(), ["programs", "mcp"] | ["home" | "xdg", _])
}

/// `programs.mcp.servers.<name>.env.<variable>.file`, which `mcp` reads.
fn is_mcp_variable(path_use: &PathUse) -> bool {
    let names: Vec<&str> = path_use.option.iter().map(String::as_str).collect();
    matches!(
        names.as_slice(),
        ["programs", "mcp", "servers", _, "env", _, "file"]
    )
}

/// Whether the script that an MCP server runs certainly opens the file: `cat PATH`, `$(<PATH)`, `source PATH`.
fn is_opened_by_server(path_use: &PathUse) -> bool {
    let before = path_use.before.trim_end_matches(['"', '\'']);
    let word = before.trim_end();
    let opens = word.ends_with('<')
        || word
            .rsplit(|c: char| c.is_whitespace() || "(/`".contains(c))
            .next()
            .is_some_and(|word| matches!(word, "cat" | "source" | "."));
    opens && is_of_server(&path_use.option)
}

/// Whether an option is part of the definition of an MCP server.
fn is_of_server(option: &[String]) -> bool {
    server_at(option).is_some() || is_in_a_file(option)
}

/// Whether an option is part of what a file of a client holds: `home.file.NAME.mcpServers.SERVER.command`.
fn is_in_a_file(option: &[String]) -> bool {
    let names: Vec<&str> = option.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["home", "file", _, first, ..]
        | ["xdg", "configFile", _, first, ..]
        | ["environment", "etc", _, first, ..] => !matches!(*first, "text" | "source"),
        _ => false,
    }
}

/// Why it is no fault if the login user cannot read what an option names; `None` if it is one.
fn may_fail(path_use: &PathUse) -> Option<Excuse> {
    match path_use.option.first().map(String::as_str) {
        Some("nix") => Some(Excuse::LeftOut),
        _ if path_use.before.contains("!include") => Some(Excuse::LeftOut),
        _ if path_use.is_guarded || is_guarded(path_use) => Some(Excuse::LooksFirst),
        Some("home")
            if path_use
                .option
                .get(1)
                .is_some_and(|name| name == "packages") =>
        {
            Some(Excuse::ByHand)
        }
        _ => None,
    }
}

/// Whether the program that reads is certainly on: `programs.x` and `services.x` have `enable`.
fn is_on(evaluator: &mut Evaluator, home: &Home, path_use: &PathUse) -> bool {
    let mut names = path_use.option.iter().map(String::as_str);
    let (root, name) = match (names.next(), names.next(), names.next()) {
        (Some(root @ ("programs" | "services")), Some(name), _) => (vec![root], name),
        (Some(root @ "mcp-servers"), Some(programs @ "programs"), Some(name)) => {
            (vec![root, programs], name)
        }
        _ => return true,
    };
    let Ok(module) = home.config.path(evaluator, &[root, vec![name]].concat()) else {
        return false;
    };
    module.entry(evaluator, "enable").is_some()
}
