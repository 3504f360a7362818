//! What a host lets into a container.

use nix_eval::Evaluator;
use nix_eval::value::Value;
use nix_syntax::quote::attribute_name;

use crate::host_view::secret_paths::lands_at;
use crate::values::{Options, definitions, text, unknown};
use inventory::model::{BindMount, Certainty, Container, Fact, Host, HostSecret, Unknown};

/// Flags of systemd-nspawn that bring no file into the container, by how they begin (systemd-nspawn(1)).
const HARMLESS: [&str; 22] = [
    "--ambient-capability=",
    "--bind-user=",
    "--capability=",
    "--cpu-affinity=",
    "--drop-capability=",
    "--hostname=",
    "--kill-signal=",
    "--link-journal=",
    "--machine=",
    "--network-",
    "--no-new-privileges=",
    "--oom-score-adjust=",
    "--personality=",
    "--port=",
    "--private-network",
    "--property=",
    "--resolv-conf=",
    "--rlimit=",
    "--setenv=",
    "--slice=",
    "--system-call-filter=",
    "--timezone=",
];

/// What of a unit says only when it runs.
const ABOUT_ORDER: [&str; 15] = [
    "after",
    "aliases",
    "before",
    "bindsTo",
    "conflicts",
    "description",
    "enable",
    "partOf",
    "reloadIfChanged",
    "requiredBy",
    "requires",
    "restartIfChanged",
    "restartTriggers",
    "wantedBy",
    "wants",
];

/// How a container is part of its host: `config` is that of the host, `options` are the container's.
pub(crate) fn container(
    evaluator: &mut Evaluator,
    host: &Host,
    config: Options,
    name: &str,
    options: Options,
) -> Container {
    let (mounts, mut open) = bind_mounts(evaluator, options);
    let more = by_flags(evaluator, options).or_else(|| by_unit(evaluator, config, name));
    // What starts the container in another way may give it other numbers as well.
    let shares_numbers = match more {
        None => numbers(evaluator, options),
        Some(_) => None,
    };
    open = open.or(more);
    Container {
        host: host.attribute.clone(),
        name: name.to_owned(),
        option: format!("containers.{}", attribute_name(name)),
        mounts,
        mounts_open: open,
        shares_numbers,
        host_secrets: host_secrets(host),
    }
}

/// `bindMounts`, and why there may be more.
fn bind_mounts(evaluator: &mut Evaluator, options: Options) -> (Vec<BindMount>, Option<Unknown>) {
    let set = match options.set(evaluator, "bindMounts") {
        Ok(set) => set,
        Err(why) => return (Vec::new(), Some(unknown(evaluator, why))),
    };
    let open = evaluator.open_reason(set.set);
    let mut open = open.map(|why| unknown(evaluator, why));
    let mut mounts = Vec::new();
    for (_, entry) in set.entries(evaluator) {
        if let Some(why) = entry.maybe {
            open.get_or_insert_with(|| unknown(evaluator, why));
            continue;
        }
        let mount = match evaluator.force_attrs(entry.value) {
            Ok(set) => Options { set },
            Err(why) => {
                open.get_or_insert_with(|| unknown(evaluator, why));
                continue;
            }
        };
        let mount_point = plain(mount.text(evaluator, "mountPoint"));
        let host_path = mount.optional_text(evaluator, "hostPath");
        let host_path = match &host_path.value {
            Ok(Some(_)) => plain(host_path.map(Option::unwrap_or_default)),
            Ok(None) => mount_point.clone(),
            Err(why) => Fact::unknown(why.clone()),
        };
        mounts.push(BindMount {
            host_path,
            mount_point,
            is_read_only: mount.boolean(evaluator, "isReadOnly"),
        });
    }
    (mounts, open)
}

/// A path that means itself: an absolute one, without the options that may follow a colon.
fn plain(path: Fact<String>) -> Fact<String> {
    let is_plain = |path: &str| {
        let mut parts = path.split('/');
        path.starts_with('/') && !path.contains([':', '\\']) && !parts.any(|part| part == "..")
    };
    match path.known() {
        Some(text) if !is_plain(text) => Fact::unknown(Unknown {
            reason: format!("the mount `{text}`").into(),
            at: path.at,
        }),
        _ => path,
    }
}

/// Why `extraFlags` may let more into the container.
fn by_flags(evaluator: &mut Evaluator, options: Options) -> Option<Unknown> {
    let flags = options.texts(evaluator, "extraFlags");
    let at = flags.at;
    match flags.value {
        Ok(flags) => {
            let is_harmless =
                |flag: &String| HARMLESS.iter().any(|harmless| flag.starts_with(harmless));
            let other = flags.into_iter().find(|flag| !is_harmless(flag))?;
            let reason = format!("the container is started with `{other}`");
            Some(Unknown {
                reason: reason.into(),
                at,
            })
        }
        Err(why) => Some(why),
    }
}

/// Why the unit that starts the container, or its settings file, may let more into it.
fn by_unit(evaluator: &mut Evaluator, config: Options, name: &str) -> Option<Unknown> {
    let systemd = config.path(evaluator, &["systemd"]).ok()?;
    let because = |what: String, at| Unknown {
        reason: format!("{what} may let more into the container").into(),
        at,
    };
    if let Ok(nspawn) = systemd.path(evaluator, &["nspawn"])
        && let Some(entry) = nspawn.entry(evaluator, name)
    {
        let at = definitions(evaluator, entry).first().copied();
        return Some(because(format!("systemd.nspawn.{name}"), at));
    }
    let services = systemd.path(evaluator, &["services"]).ok()?;
    for unit in [format!("container@{name}"), "container@".to_owned()] {
        let Some(entry) = services.entry(evaluator, &unit) else {
            continue;
        };
        let at = definitions(evaluator, entry).first().copied();
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            return Some(because(format!("{unit}.service"), at));
        };
        let entries = (Options { set }).entries(evaluator);
        let mut names = entries.into_iter().map(|(name, _)| name);
        if names.any(|name| !ABOUT_ORDER.contains(&name.as_str()) && name != "name") {
            return Some(because(format!("{unit}.service"), at));
        }
    }
    None
}

/// Whether the numbers of users are the host's: `privateUsers`.
fn numbers(evaluator: &mut Evaluator, options: Options) -> Option<bool> {
    let entry = options.entry(evaluator, "privateUsers")?;
    match evaluator.force(entry.value).ok()? {
        _ if entry.maybe.is_some() => None,
        Value::Int(0) => Some(true),
        Value::Int(_) => Some(false),
        value => match text(evaluator, value).ok()?.as_str() {
            "no" | "identity" | "0" => Some(true),
            "pick" => Some(false),
            _ => None,
        },
    }
}

/// Where the host's own secrets land.
fn host_secrets(host: &Host) -> Vec<HostSecret> {
    let mut all = Vec::new();
    let certain = host
        .secrets
        .iter()
        .filter(|secret| secret.certainty == Certainty::Certain);
    for secret in certain {
        all.extend(
            lands_at(secret, &host.users)
                .into_iter()
                .map(|path| HostSecret {
                    option: secret.option.clone(),
                    path,
                    declared_at: secret.declared_at.first().copied(),
                }),
        );
    }
    all
}
