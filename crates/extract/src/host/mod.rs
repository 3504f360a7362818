//! One host: its configuration evaluated into facts.

pub(crate) mod containers;
mod file_changes;
mod gaps;
mod literals;
pub(crate) mod modules;
mod undeclared;
mod users;
mod without_secrets;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use nix_eval::flake::HostConfiguration;
use nix_eval::modules::Configuration;
use nix_eval::value::Value;
use nix_eval::{Evaluator, flake::SystemKind};

use crate::host_view::secret_paths::{Alias, ByPath, SecretMatcher};
use crate::host_view::{Home, HostView};
use crate::managers::{self, Extracted, OptionRoot};
use crate::options::Additions;
use crate::readers::{self, ExtractedReaders};
use crate::values::{Options, problem, text, unknown};
use crate::{activation, exposure, references};
use inventory::model::{
    Fact, Host, HostClass, OptionPath, Reader, Scope, Secret, Settings, Unknown, User,
};

/// The facts of a host.
pub(crate) struct HostFacts {
    /// All but those of the secrets that another host mounts into it.
    pub(crate) host: Host,
    /// Who reads the mounted secrets: an index into those.
    pub(crate) of_mounted: Vec<Reader>,
    /// [`ExtractedReaders::options`](crate::readers::ExtractedReaders).
    pub(crate) options: Vec<Vec<String>>,
}

/// Extracts the facts of a host.
///
/// `None` for what `mcp-lint.toml` adds extracts only its secrets, not who reads them.
pub(crate) fn host(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    additions: Option<&Additions>,
    is_module: bool,
) -> HostFacts {
    host_among(evaluator, source, additions, is_module, &[])
}

/// Extracts those of a container, with the secrets that another host mounts into it.
pub(crate) fn host_among(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    additions: Option<&Additions>,
    is_module: bool,
    mounted: &[Secret],
) -> HostFacts {
    let class = match (is_module, source.kind) {
        (true, _) => HostClass::Module,
        (false, SystemKind::Nixos) => HostClass::Nixos,
        (false, SystemKind::Darwin) => HostClass::Darwin,
        (false, SystemKind::HomeManager) => HostClass::HomeManager,
        (false, SystemKind::SystemManager) => HostClass::SystemManager,
    };
    let mut host = Host {
        name: source.name.clone(),
        class,
        is_unloaded: false,
        is_unnamed: false,
        is_inner: false,
        attribute: source.attribute.clone(),
        at: source.at,
        container: None,
        failed: None,
        gaps: Vec::new(),
        open: Vec::new(),
        secrets: Vec::new(),
        readers: Vec::new(),
        references: Vec::new(),
        settings: Settings::default(),
        mcp: Vec::new(),
        users: Vec::new(),
        groups: Vec::new(),
        users_open: None,
        undeclared: Vec::new(),
        secrets_open: None,
        readers_open: None,
        declares_users: false,
        services_of_nixpkgs: Vec::new(),
        memberships: Vec::new(),
        processes: Vec::new(),
        copies: Vec::new(),
        given: Vec::new(),
        key_sources: Vec::new(),
        refused_keys: Vec::new(),
        loads_nixpkgs_modules: false,
        sops: Vec::new(),
        problems: Vec::new(),
    };
    let configuration = match &source.configuration {
        Ok(configuration) => Rc::clone(configuration),
        Err(why) => {
            host.problems.push(problem(evaluator, *why));
            gaps::fail(&mut host, unknown(evaluator, *why));
            return HostFacts::without_readers(host);
        }
    };
    let config = match evaluator.force_attrs(configuration.config) {
        Ok(set) => Options { set },
        Err(why) => {
            host.problems.push(problem(evaluator, why));
            gaps::fail(&mut host, unknown(evaluator, why));
            return HostFacts::without_readers(host);
        }
    };
    let readers = fill(
        evaluator,
        (source.kind, &configuration),
        config,
        additions,
        mounted,
        &mut host,
    );
    host.services_of_nixpkgs = users::services_of_nixpkgs(evaluator, config, configuration.options);
    gaps::find(
        evaluator,
        &configuration,
        additions.map(|additions| &additions.modules),
        &mut host,
    );
    if host.secrets_open.is_some() {
        // A module that is not here may declare them.
        host.undeclared.clear();
    }
    host.problems.sort();
    host.problems.dedup();
    HostFacts {
        host,
        of_mounted: readers.readers,
        options: readers.options,
    }
}

impl HostFacts {
    fn without_readers(host: Host) -> Self {
        Self {
            host,
            of_mounted: Vec::new(),
            options: Vec::new(),
        }
    }
}

/// Fills in the facts of a host. Of the `mounted` secrets of another host it returns the readers.
fn fill(
    evaluator: &mut Evaluator,
    (kind, configuration): (SystemKind, &Configuration),
    config: Options,
    additions: Option<&Additions>,
    mounted: &[Secret],
    host: &mut Host,
) -> ExtractedReaders {
    let is_darwin = kind == SystemKind::Darwin;
    let mut extracted = Extracted::default();
    let (system, homes) = match kind {
        SystemKind::HomeManager => (None, vec![standalone(evaluator, config, host)]),
        SystemKind::Nixos | SystemKind::Darwin | SystemKind::SystemManager => {
            host.users = users::users(evaluator, config, kind);
            host.groups = users::groups(evaluator, config);
            if additions.is_some() {
                host.memberships = users::all_memberships(evaluator, config, kind);
            }
            host.declares_users = host.users.iter().any(|user| !user.declared_at.is_empty());
            (Some(config), home_manager_users(evaluator, config))
        }
    };
    if let Some(config) = system {
        let root = OptionRoot {
            config,
            scope: &Scope::System,
            prefix: "",
            users: &host.users,
            is_darwin,
        };
        merge(&mut extracted, managers::extract(evaluator, root));
    }
    for home in &homes {
        let scope = Scope::User(home.user.clone());
        let root = OptionRoot {
            config: home.config,
            scope: &scope,
            prefix: &home.prefix(),
            users: &host.users,
            is_darwin,
        };
        merge(&mut extracted, managers::extract(evaluator, root));
    }
    extracted.secrets.sort_by(|a, b| {
        (a.manager.name, &a.scope, a.kind, &a.attribute).cmp(&(
            b.manager.name,
            &b.scope,
            b.kind,
            &b.attribute,
        ))
    });
    host.secrets = extracted.secrets;
    host.key_sources = extracted.keys;
    host.refused_keys = extracted.refused_keys;
    host.sops = extracted.sops;
    host.problems = extracted.problems;
    host.secrets_open = extracted.open;
    let configurations = Configurations {
        system,
        homes,
        kind,
        imported_modules: match kind {
            SystemKind::SystemManager => imported_modules(evaluator, configuration),
            _ => Vec::new(),
        },
    };
    match additions {
        None => ExtractedReaders::default(),
        Some(additions) => find_readers(evaluator, &configurations, additions, mounted, host),
    }
}

/// The configurations of a host.
struct Configurations {
    /// `None` for Home Manager alone.
    system: Option<Options>,
    homes: Vec<Home>,
    kind: SystemKind,
    /// [`HostView::imported_modules`]
    imported_modules: Vec<String>,
}

/// The names of the files and directories of nixpkgs from which a configuration imports modules, as it writes them.
fn imported_modules(evaluator: &Evaluator, configuration: &Configuration) -> Vec<String> {
    let mut found = Vec::new();
    for why in configuration.missing_modules() {
        let at = unknown(evaluator, *why).at;
        let at = at.filter(|_| evaluator.is_of_nixpkgs(*why));
        let sources = evaluator.sources.workspace().sources();
        if let Some(at) = at
            && let Some(source) = sources.get(at.file)
            && let Some(text) = source.text().get(at.start as usize..at.end as usize)
        {
            let names = text.split(['/', '"', ' ', ')', '\n']);
            found.extend(names.map(|name| name.trim_end_matches(".nix").to_owned()));
        }
    }
    found
}

/// Finds who reads the secrets, and what else the configuration says of them. Of the `mounted` secrets of
/// another host it returns the readers.
fn find_readers(
    evaluator: &mut Evaluator,
    configurations: &Configurations,
    additions: &Additions,
    mounted: &[Secret],
    host: &mut Host,
) -> ExtractedReaders {
    let Configurations {
        system,
        ref homes,
        kind,
        ref imported_modules,
    } = *configurations;
    let managed_directories = additions.managed_directories.as_slice();
    let secrets: Cow<'_, [Secret]> = match mounted {
        [] => Cow::Borrowed(&host.secrets),
        more => host.secrets.iter().chain(more).cloned().collect(),
    };
    let mut view = HostView {
        system,
        kind,
        imported_modules: imported_modules.clone(),
        homes,
        secrets: &secrets,
        own: host.secrets.len(),
        users: &host.users,
        groups: &host.groups,
        managed_directories,
        secret_texts: SecretMatcher::of_host(&secrets, &host.users, managed_directories, &[]),
        by_path: ByPath::of(&secrets, &host.users),
        changes: RefCell::default(),
    };
    let links = readers::links(evaluator, &view);
    if !links.is_empty() {
        let aliases: Vec<Alias> = links.iter().map(|link| link.alias.clone()).collect();
        view.secret_texts =
            SecretMatcher::of_host(&secrets, &host.users, managed_directories, &aliases);
    }
    let mut readers = readers::find(evaluator, &view, &links, &host.key_sources, additions);
    let is_own = |reader: &Reader| reader.secret.is_none_or(|index| index < host.secrets.len());
    let (own, mut of_mounted): (Vec<_>, Vec<_>) = readers.readers.drain(..).partition(is_own);
    for reader in &mut of_mounted {
        reader.secret = reader
            .secret
            .and_then(|index| index.checked_sub(host.secrets.len()));
    }
    host.readers = own;
    readers.readers = of_mounted;
    host.mcp = std::mem::take(&mut readers.mcp);
    host.problems.append(&mut readers.problems);
    host.references = references::find(evaluator, &view);
    if host.secrets_open.is_none() && host.class != HostClass::Module {
        host.undeclared = undeclared::find(evaluator, &view, additions);
    }
    if host.class != HostClass::Module {
        host.given = literals::find(evaluator, &view);
    }
    let tmpfiles = system.map(|system| activation::tmpfiles::rules(evaluator, system));
    let tmpfiles = tmpfiles.unwrap_or_default();
    let mut changes = view.changes.take();
    if let Some(system) = system.filter(|_| view.own > 0) {
        changes.extend(file_changes::by_tmpfiles(&view, &tmpfiles));
        host.processes = exposure::processes(evaluator, &view, system);
        host.copies = exposure::copies(evaluator, system, &tmpfiles, &view);
    }
    host.settings = activation::find(evaluator, system, homes, &host.secrets, &tmpfiles);
    let keys = host.key_sources.iter_mut();
    for key in keys.filter(|key| key.scope == Scope::System) {
        if let (Some(config), Some(path)) = (system, key.path.known()) {
            let mounts = &host.settings.mounts;
            key.mount = activation::mounts::of_file(evaluator, config, mounts, path).cloned();
        }
    }
    file_changes::apply(&changes, host);
    readers
}

fn merge(all: &mut Extracted, more: Extracted) {
    all.secrets.extend(more.secrets);
    all.keys.extend(more.keys);
    all.refused_keys.extend(more.refused_keys);
    all.sops.extend(more.sops);
    all.problems.extend(more.problems);
    all.open = all.open.take().or(more.open);
}

/// Home Manager on its own: one user.
fn standalone(evaluator: &mut Evaluator, config: Options, host: &mut Host) -> Home {
    let home = config.path(evaluator, &["home"]).ok();
    let name = home.map(|home| home.text(evaluator, "username"));
    let user = match name.as_ref().and_then(Fact::known) {
        Some(name) => name.clone(),
        // The attribute is `alice` or `alice@host` by convention.
        None if host.class == HostClass::HomeManager => {
            host.name.split('@').next().unwrap_or(&host.name).to_owned()
        }
        None => "the user".to_owned(),
    };
    let directory = home.map(|home| home.text(evaluator, "homeDirectory").map(Some));
    host.users.push(User {
        name: user.clone(),
        uid: Fact::default_value(None),
        group: Fact::unknown(Unknown {
            reason: "the user's groups".into(),
            at: None,
        }),
        groups: Fact::unknown(Unknown {
            reason: "the user's groups".into(),
            at: None,
        }),
        home: directory.unwrap_or_else(|| {
            Fact::unknown(Unknown {
                reason: "the home directory".into(),
                at: None,
            })
        }),
        is_normal_user: Fact::default_value(true),
        lingers: Fact::default_value(false),
        declared_at: Vec::new(),
    });
    Home {
        user,
        config,
        option: OptionPath::default(),
    }
}

/// The Home Manager configurations of a system, sorted by user.
pub(crate) fn home_manager_users(evaluator: &mut Evaluator, config: Options) -> Vec<Home> {
    let Ok(users) = config.path(evaluator, &["home-manager", "users"]) else {
        return Vec::new();
    };
    let mut homes = Vec::new();
    for (name, entry) in users.entries(evaluator) {
        let Ok(Value::Attrs(set)) = evaluator.force(entry.value) else {
            continue;
        };
        let config = Options { set };
        let user = config
            .path(evaluator, &["home"])
            .ok()
            .map(|home| home.fact(evaluator, "username", text))
            .and_then(|fact| fact.known().cloned())
            .unwrap_or_else(|| name.clone());
        homes.push(Home {
            user,
            config,
            option: OptionPath::new(["home-manager", "users", &name]),
        });
    }
    homes.sort_by(|a, b| a.user.cmp(&b.user));
    homes
}
