//! Secrets that nobody reads.
//!
//! No reader was found, and none can exist: all modules of the host are here, no value of it holds a
//! reference, and no text of the project names the secret, its path, or secrets by names that are computed.

use std::collections::BTreeSet;

use nix_eval::Workspace;
use nix_syntax::hir::BindingValue;
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use crate::exposure::mentioned_paths::MentionedPaths;
use crate::exposure::mentions::nix::COMPUTED;
use crate::exposure::mentions::{MAX_NAME, Mention, Mentions, Names, OF_A_DIRECTORY, mentions};
use crate::repository::GitIndex;
use crate::search::managed_paths::managed_directory;
use inventory::model::{
    Answer, Certainty, Host, HostClass, Inventory, McpConfiguration, Secret, SecretKind, Unknown,
};

/// What the name of a public key ends with: programs are given one of the two files and find the other beside it.
const PUBLIC: &str = ".pub";

/// Notes which of the secrets without a reader have none, and why the others may have one.
pub(super) fn nobody(
    inventory: &mut Inventory,
    project: &Workspace,
    git: Option<&GitIndex>,
    threads: usize,
) {
    let mut candidates: Vec<(usize, usize)> = Vec::new();
    for (host_index, host) in inventory.hosts.iter_mut().enumerate() {
        let open = open_reason(host);
        let referenced: BTreeSet<usize> = { host.references.iter() }
            .filter_map(|it| it.secret)
            .collect();
        let public: BTreeSet<String> = { host.secrets.iter() }
            .filter_map(|secret| Some(secret.attribute.strip_suffix(PUBLIC)?.to_owned()))
            .collect();
        for (index, secret) in host.secrets.iter_mut().enumerate() {
            if secret.exposure.answer != Answer::NotFound {
                continue;
            }
            let why = open.clone().or_else(|| by_itself(secret)).or_else(|| {
                let is_referenced = referenced.contains(&index);
                is_referenced.then(|| Unknown::because("an option holds its path"))
            });
            let why = why.or_else(|| {
                let is_half = public.contains(&secret.attribute);
                is_half.then(|| Unknown::because("who reads its public key may read it as well"))
            });
            match why {
                Some(why) => secret.exposure.may_be_read = Some(why),
                None => candidates.push((host_index, index)),
            }
        }
    }
    let of = |(host, secret): &(usize, usize)| inventory.hosts.get(*host)?.secrets.get(*secret);
    let texts = candidates.iter().filter_map(of).flat_map(|secret| {
        let name = secret.name.known().cloned();
        let file = in_directory(&secret.attribute);
        [Some(secret.attribute.clone()), name, file]
            .into_iter()
            .flatten()
    });
    let Some(names) = Names::new(texts.collect()) else {
        for (host, index) in candidates {
            let host = inventory.hosts.get_mut(host);
            if let Some(secret) = host.and_then(|host| host.secrets.get_mut(index)) {
                let why = Unknown::because("there are too many names to search for");
                secret.exposure.may_be_read = Some(why);
            }
        }
        return;
    };
    let mentions = mentions(project, git, inventory, &names, threads);
    let paths = MentionedPaths::of(&mentions);
    let declared = Declarations::of(project, candidates.iter().filter_map(of));
    let answers: Vec<Option<Unknown>> = { candidates.iter().filter_map(of) }
        .map(|secret| mentioned(&mentions, &paths, &declared, secret))
        .collect();
    let of_templates: Vec<Option<Unknown>> = { candidates.iter() }
        .map(|(host, secret)| {
            let host = inventory.hosts.get(*host)?;
            by_template(&mentions, host, host.secrets.get(*secret)?)
        })
        .collect();
    let answers = answers.into_iter().zip(of_templates);
    let answers: Vec<_> = answers.map(|(own, template)| own.or(template)).collect();
    for ((host, secret), why) in candidates.into_iter().zip(answers) {
        let host = inventory.hosts.get_mut(host);
        let Some(secret) = host.and_then(|host| host.secrets.get_mut(secret)) else {
            continue;
        };
        if why.is_none() {
            secret.exposure.answer = Answer::Nobody;
        }
        secret.exposure.may_be_read = why;
    }
}

/// Why any secret of a host may have a reader that was not found.
fn open_reason(host: &Host) -> Option<Unknown> {
    if host.class == HostClass::Module {
        return Some(Unknown::because("no configuration loads the module"));
    }
    let is_open = |mcp: &McpConfiguration| {
        let directory = mcp.secrets_path.as_ref();
        let servers = mcp.servers.iter();
        directory.is_some_and(|path| path.known().is_none())
            || servers.clone().any(|server| server.path.known().is_none())
    };
    if !host.undeclared.is_empty() {
        return Some(Unknown::because(
            "an option takes a secret that is not declared",
        ));
    }
    host.readers_open.clone().or_else(|| {
        let is_open = host.mcp.iter().any(is_open);
        is_open.then(|| Unknown::because("which files the MCP servers read"))
    })
}

/// Why a secret may have a reader that no text names.
fn by_itself(secret: &Secret) -> Option<Unknown> {
    let because = |words: &str| Some(Unknown::because(words));
    if secret.attribute.len() > MAX_NAME {
        return because("its name is too long to search for");
    }
    if secret.declared_at.is_empty() {
        return because("its name is not written in the project");
    }
    if let Certainty::Maybe(why) = &secret.certainty {
        return Some(why.clone());
    }
    if secret.path_is_shell_text {
        return because("its path is known on the machine alone");
    }
    match (&secret.path.value, &secret.name.value) {
        (Err(why), _) | (_, Err(why)) => return Some(why.clone()),
        (Ok(path), Ok(name)) if !is_default(path, name) => {
            return because("its path is one that programs may read by themselves");
        }
        _ => {}
    }
    match &secret.restart_units.value {
        Err(why) => return Some(why.clone()),
        Ok(units) if !units.is_empty() => return because("units restart when it changes"),
        Ok(_) => {}
    }
    let is_plain = |name: &str| {
        let is_plain =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+');
        name.chars().all(is_plain) && !name.starts_with('/')
    };
    if !is_plain(&secret.attribute) {
        return because("its name can be written in several ways");
    }
    None
}

/// Whether a path is the one that a secret has unless another is chosen: its name in a manager's directory. Who
/// chooses a path, there or elsewhere, does it for a program that looks for it.
fn is_default(path: &str, name: &str) -> bool {
    let before = path.strip_suffix(name);
    before.is_some_and(|before| before.ends_with('/')) && managed_directory(path).is_some()
}

/// How a text names a secret in a directory of several: `/password`.
fn in_directory(attribute: &str) -> Option<String> {
    attribute
        .rfind('/')
        .and_then(|at| attribute.get(at..))
        .map(str::to_owned)
}

/// Why a secret may be read by what a text mentions.
fn mentioned(
    mentions: &Mentions,
    paths: &MentionedPaths<'_>,
    declared: &Declarations,
    secret: &Secret,
) -> Option<Unknown> {
    if let Some(why) = &mentions.any {
        return Some(why.clone());
    }
    if let Some(at) = mentions.computed(&secret.attribute) {
        return Some(Unknown {
            reason: COMPUTED.into(),
            at,
        });
    }
    let path = secret.path.known();
    if let Some(at) = path.and_then(|path| mentions.open_path_to(path)) {
        return Some(Unknown {
            reason: OF_A_DIRECTORY.into(),
            at,
        });
    }
    let is_elsewhere = |mention: &&Mention| mention.at.is_none_or(|at| !declared.holds(secret, at));
    let file = in_directory(&secret.attribute);
    let names = [Some(&secret.attribute), secret.name.known(), file.as_ref()];
    let named = { names.into_iter().flatten() }
        .filter_map(|name| mentions.names.get(name))
        .flatten();
    let paths = path.into_iter().flat_map(|path| paths.that_may_be(path));
    let found = named.chain(paths).find(is_elsewhere)?;
    Some(Unknown {
        reason: "a text names it".into(),
        at: found.at,
    })
}

/// Why a template, or a secret in one, may be read by what chooses among templates.
fn by_template(mentions: &Mentions, host: &Host, secret: &Secret) -> Option<Unknown> {
    let own = (secret.kind == SecretKind::Template).then_some(secret);
    let others = secret.exposure.templates.iter();
    let others = others.filter_map(|index| host.secrets.get(*index));
    let mut names = own
        .into_iter()
        .chain(others)
        .map(|it| it.attribute.as_str())
        .peekable();
    names.peek()?;
    mentions.any_template.clone().or_else(|| {
        let at = mentions.computed_template(names)?;
        Some(Unknown {
            reason: COMPUTED.into(),
            at,
        })
    })
}

/// Where secrets are declared.
struct Declarations {
    /// By a place by which the inventory knows a declaration: all of the declaration.
    all: FxHashMap<Span, Vec<Span>>,
}

impl Declarations {
    fn of<'a>(project: &Workspace, secrets: impl Iterator<Item = &'a Secret>) -> Self {
        let mut all: FxHashMap<Span, Vec<Span>> = { secrets }
            .flat_map(|secret| secret.declared_at.iter())
            .map(|at| (*at, vec![*at]))
            .collect();
        for file in project.parsed_files() {
            for binding in &file.hir.bindings {
                let name = binding.name_span.in_file(file.id);
                let Some(places) = all.get_mut(&name) else {
                    continue;
                };
                places.push(binding.span.in_file(file.id));
                if let BindingValue::Expr(value) = binding.value {
                    let value = file.hir.spans.get(value.0 as usize);
                    places.extend(value.map(|value| value.in_file(file.id)));
                }
            }
        }
        Self { all }
    }

    /// Whether a place is in a declaration of a secret.
    fn holds(&self, secret: &Secret, at: Span) -> bool {
        let places = secret
            .declared_at
            .iter()
            .filter_map(|name| self.all.get(name));
        places
            .flatten()
            .any(|whole| whole.file == at.file && whole.start <= at.start && at.end <= whole.end)
    }
}
