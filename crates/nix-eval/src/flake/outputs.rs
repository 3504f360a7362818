//! The configurations that a project has: flake outputs, and plain files.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix_syntax::source::Span;

use super::state::SourceUse;
use super::system_kind::SystemKind;
use super::systems::Platform;
use crate::eval::Evaluator;
use crate::modules::Configuration;
use crate::value::{AttrsId, Entry, Eval, Thunk, UnknownId, Value};
use nix_syntax::quote::attribute_name;

/// A configuration of the project.
#[derive(Debug, Clone)]
pub struct HostConfiguration {
    /// `desk`
    pub name: String,
    /// Its kind.
    pub kind: SystemKind,
    /// `nixosConfigurations.desk`, or the file of a module.
    pub attribute: String,
    /// Where it is defined.
    pub at: Option<Span>,
    /// Its module evaluation, or why there is none.
    pub configuration: Result<Rc<Configuration>, UnknownId>,
}

/// The flake outputs that hold configurations.
const OUTPUTS: [(&str, SystemKind); 4] = [
    ("nixosConfigurations", SystemKind::Nixos),
    ("darwinConfigurations", SystemKind::Darwin),
    ("homeConfigurations", SystemKind::HomeManager),
    ("systemConfigs", SystemKind::SystemManager),
];

/// A set of more attributes is one of packages: it is not searched for systems.
const MAX_SYSTEMS: usize = 500;

/// The kind of system whose modules have that class.
fn kind_of_class(class: &str) -> Option<SystemKind> {
    let mut kinds = OUTPUTS.iter().map(|(_, kind)| *kind);
    kinds.find(|kind| kind.class() == class)
}

/// A configuration by its names, before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostName {
    /// `nixosConfigurations.desk`
    pub attribute: String,
    /// `desk`
    pub name: String,
    /// Its kind.
    pub kind: SystemKind,
}

/// The configurations that are looked for, and those that were found.
pub struct HostSearch<'a> {
    /// Whether a configuration is to be set up. What is not costs no more than its name.
    is_wanted: &'a dyn Fn(&HostName) -> bool,
    /// All configurations by name, sorted by attribute.
    pub names: Vec<HostName>,
    /// Those that are wanted, sorted by attribute.
    pub hosts: Vec<HostConfiguration>,
    /// Why there may be more.
    pub unknowns: Vec<UnknownId>,
}

impl std::fmt::Debug for HostSearch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostSearch")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl<'a> HostSearch<'a> {
    const fn new(is_wanted: &'a dyn Fn(&HostName) -> bool) -> Self {
        Self {
            is_wanted,
            names: Vec::new(),
            hosts: Vec::new(),
            unknowns: Vec::new(),
        }
    }

    /// Adds a name; whether its configuration is wanted.
    fn add(&mut self, name: &HostName) -> bool {
        self.names.push(name.clone());
        (self.is_wanted)(name)
    }

    fn sorted(mut self) -> Self {
        self.names.sort();
        self.hosts.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        self
    }
}

impl Evaluator {
    /// The configurations among a flake's outputs.
    ///
    /// # Errors
    ///
    /// If `flake.nix` cannot be evaluated at all.
    pub fn flake_hosts<'a>(
        &mut self,
        directory: &Path,
        is_wanted: &'a dyn Fn(&HostName) -> bool,
    ) -> Eval<HostSearch<'a>> {
        // What is known of inputs by their names comes first: it is fast, and was compared with Nix. The
        // sources count where it leaves something open, so that no project is worse off with them.
        let known = self.flake_hosts_with(directory, SourceUse::Emulation, is_wanted);
        if self.sources.workspace().input_sources().is_none() {
            return known;
        }
        let is_open = known.as_ref().map_or(true, |known| {
            let is_whole = known.unknowns.is_empty() && !known.names.is_empty();
            !is_whole || known.hosts.iter().any(|host| self.is_hollow(host))
        });
        if !is_open {
            return known;
        }
        let sourced = self.flake_hosts_with(directory, SourceUse::Sources, is_wanted);
        let used = self.sources.workspace().inputs_used();
        if used.iter().all(|input| input.source.is_err()) {
            return known;
        }
        let (mut known, sourced) = match (known, sourced) {
            (Err(_), sourced) => return sourced,
            (known, Err(_)) => return known,
            (Ok(known), Ok(sourced)) => (known, sourced),
        };
        // A set that the sources close is no longer open.
        if sourced.unknowns.is_empty() && !sourced.names.is_empty() {
            known.unknowns.clear();
        }
        for name in sourced.names {
            if !known.names.iter().any(|it| it.attribute == name.attribute) {
                known.names.push(name);
            }
        }
        for host in sourced.hosts {
            let mut same = known.hosts.iter_mut();
            match same.find(|it| it.attribute == host.attribute) {
                Some(found) if self.is_hollow(found) && !self.is_hollow(&host) => *found = host,
                Some(_) => {}
                None => known.hosts.push(host),
            }
        }
        Ok(known.sorted())
    }

    fn flake_hosts_with<'a>(
        &mut self,
        directory: &Path,
        source_use: SourceUse,
        is_wanted: &'a dyn Fn(&HostName) -> bool,
    ) -> Eval<HostSearch<'a>> {
        let before = std::mem::replace(&mut self.flakes_mut().source_use, source_use);
        let found = self.flake(directory).and_then(|flake| {
            let outputs = self.force_attrs(flake.outputs)?;
            Ok(self.hosts_among(outputs, HostSearch::new(is_wanted)))
        });
        self.flakes_mut().source_use = before;
        found
    }

    /// Whether nothing of what the project says of a host is known: it could not be evaluated, or none of
    /// its modules.
    fn is_hollow(&mut self, host: &HostConfiguration) -> bool {
        let Ok(configuration) = &host.configuration else {
            return true;
        };
        let own = self.schema_modules(host.kind).len() + 1;
        let mut modules = configuration.arguments.modules.iter().skip(own);
        !modules.any(|(module, _)| {
            let value = self.force(*module);
            value.is_ok_and(|value| !matches!(value, Value::External(_)))
        })
    }

    /// The configurations of a file without a flake: those of what a flake's `outputs` would be, of a hive
    /// (colmena, morph), of a set of systems, or the file's own; none if it gives anything else.
    pub fn file_hosts<'a>(
        &mut self,
        file: &Path,
        is_wanted: &'a dyn Fn(&HostName) -> bool,
    ) -> HostSearch<'a> {
        let mut search = HostSearch::new(is_wanted);
        let before = self.configurations().len();
        let Ok(value) = self.file_value(file) else {
            return search;
        };
        if let Some(configuration) = self.configuration_behind(value) {
            self.own_host(file, configuration, &mut search);
            return search;
        }
        let Value::Attrs(outputs) = value else {
            self.systems_made_by(file, value, before, &mut search);
            return search;
        };
        if let Some(hive) = self.hive_of(file, outputs) {
            self.hive_hosts(hive, outputs, &mut search);
            return search;
        }
        search = self.hosts_among(outputs, search);
        if search.names.is_empty() {
            let file = self.sources.workspace().display(file);
            self.systems_in(outputs, &format!("{file}#"), &mut search);
        }
        search
    }

    /// The attribute that hosts of a hive are shown below; `None` if a set is no hive. morph has `network`
    /// for colmena's `meta`.
    fn hive_of(&mut self, file: &Path, set: AttrsId) -> Option<&'static str> {
        if file.file_name().is_some_and(|name| name == "hive.nix") {
            return Some("hive");
        }
        let network = matches!(self.argument(set, "network"), Ok(Some(Value::Attrs(_))));
        let meta = match self.argument(set, "meta") {
            Ok(Some(Value::Attrs(meta))) => {
                let name = self.symbol("nixpkgs");
                self.arena.attribute(meta, name).is_some()
            }
            _ => false,
        };
        (network || meta).then_some("hive")
    }

    /// The configuration that a file gives, by the name of the file or of its folder.
    fn own_host(
        &mut self,
        file: &Path,
        configuration: Rc<Configuration>,
        search: &mut HostSearch<'_>,
    ) {
        let attribute = self.sources.workspace().display(file);
        let kind = configuration.arguments.class.as_deref().map(kind_of_class);
        let name = HostName {
            name: super::module_name(file),
            kind: kind.flatten().unwrap_or(SystemKind::Nixos),
            attribute,
        };
        if search.add(&name) {
            search.hosts.push(HostConfiguration {
                name: name.name,
                kind: name.kind,
                attribute: name.attribute,
                at: None,
                configuration: Ok(configuration),
            });
        }
    }

    /// The systems that were made on the way to a list, of what each gives: `map (m: (nixos m).system) […]`.
    /// They are called like their first module.
    fn systems_made_by(
        &mut self,
        file: &Path,
        value: Value,
        before: usize,
        search: &mut HostSearch<'_>,
    ) {
        let Value::List(list) = value else {
            return;
        };
        for (item, _) in self.arena.list_items(list).into_iter().take(MAX_SYSTEMS) {
            // What an element is does not matter, and it may not be known.
            let _ = self.force(item);
        }
        let now = before..self.configurations().len();
        let made = self.flakes_mut().made_by.entry(file.to_owned());
        let made = made.or_insert(now).clone();
        let made = self.configurations().get(made).unwrap_or_default().to_vec();
        let file = self.sources.workspace().display(file);
        for configuration in made {
            let class = configuration.arguments.class.as_deref();
            let Some(kind) = class.and_then(kind_of_class) else {
                continue;
            };
            let modules = configuration.arguments.modules.iter();
            let paths = modules.filter_map(|(module, _)| match self.force(*module) {
                Ok(Value::Path(path)) => Some(self.arena.path_text(path)),
                _ => None,
            });
            let Some(path) = { paths }.next() else {
                continue;
            };
            let path = PathBuf::from(&*path);
            let name = match path
                .file_name()
                .is_some_and(|name| name == "configuration.nix")
            {
                true => super::module_name(&path.with_file_name("default.nix")),
                false => super::module_name(&path),
            };
            let name = HostName {
                attribute: format!("{file}#{}", attribute_name(&name)),
                name,
                kind,
            };
            if search.names.contains(&name) || !search.add(&name) {
                continue;
            }
            search.hosts.push(HostConfiguration {
                name: name.name,
                kind,
                attribute: name.attribute,
                at: None,
                configuration: Ok(configuration),
            });
        }
    }

    /// The systems in a set and one level below, as in `{ hosts.desk = pkgs.nixos …; }`.
    fn systems_in(&mut self, set: AttrsId, prefix: &str, search: &mut HostSearch<'_>) {
        let entries = self.entries_by_name(set);
        if entries.len() > MAX_SYSTEMS {
            return;
        }
        for entry in entries {
            let Ok(value) = self.force(entry.value) else {
                continue;
            };
            let text = self.name(entry.name).to_string();
            let attribute = format!("{prefix}{}", attribute_name(&text));
            let Some(configuration) = self.configuration_behind(value) else {
                if let Value::Attrs(inner) = value
                    && prefix.ends_with('#')
                {
                    self.systems_in(inner, &format!("{attribute}."), search);
                }
                continue;
            };
            let kind = configuration.arguments.class.as_deref().map(kind_of_class);
            let name = HostName {
                name: text,
                kind: kind.flatten().unwrap_or(SystemKind::Nixos),
                attribute,
            };
            if !search.add(&name) {
                continue;
            }
            let at = self.binding_place(entry.position).map(|place| place.name);
            search.hosts.push(HostConfiguration {
                name: name.name,
                kind: name.kind,
                attribute: name.attribute,
                at,
                configuration: Ok(configuration),
            });
        }
    }

    /// A file's value as a set, called with nothing where it is a function that needs nothing.
    pub(super) fn file_outputs(&mut self, file: &Path) -> Eval<AttrsId> {
        match self.file_value(file)? {
            Value::Attrs(set) => Ok(set),
            other => Err(self.type_error(other, "a set")),
        }
    }

    /// A file's value, called with nothing where it is a function that needs nothing.
    fn file_value(&mut self, file: &Path) -> Eval<Value> {
        let path = self.arena.path(&file.to_string_lossy());
        let thunk = self.import_path(path)?;
        let value = self.force(thunk)?;
        if matches!(value, Value::Attrs(_) | Value::List(_)) {
            return Ok(value);
        }
        if self.needs_argument(value) {
            return Err(self.undetermined("a function that needs arguments"));
        }
        let nothing = self.set_of(&[]);
        let nothing = self.arena.ready(Value::Attrs(nothing));
        self.call(thunk, nothing)
    }

    /// Whether a value is a function that cannot be called with `{ }`.
    pub(super) fn needs_argument(&mut self, value: Value) -> bool {
        if let Value::Lambda(closure) = value
            && self.function_formals(closure).is_none()
        {
            return true;
        }
        let formals = self.formals_of(value);
        formals.iter().any(|(_, has_default)| !has_default)
    }

    fn hosts_among<'a>(&mut self, outputs: AttrsId, mut search: HostSearch<'a>) -> HostSearch<'a> {
        search.unknowns.extend(self.arena.attrs_data(outputs).open);
        for (output, kind) in OUTPUTS {
            let symbol = self.symbol(output);
            let Some(entry) = self.arena.attribute(outputs, symbol) else {
                continue;
            };
            self.hosts_of(entry.value, output, kind, &mut search);
        }
        self.hosts_by_system(outputs, &mut search);
        self.colmena_hosts(outputs, &mut search);
        search.sorted()
    }

    /// `legacyPackages.<system>.homeConfigurations`, and what `packages.<system>` has of configurations,
    /// where Nix looks for them as well.
    fn hosts_by_system(&mut self, outputs: AttrsId, search: &mut HostSearch<'_>) {
        let sets = ["legacyPackages", "packages"].map(|output| {
            let symbol = self.symbol(output);
            let entry = self.arena.attribute(outputs, symbol);
            let systems = entry.and_then(|entry| self.force_attrs(entry.value).ok());
            (output, systems)
        });
        for (output, systems) in sets {
            let systems = systems.map(|systems| self.arena.entries_by_name(systems));
            // The systems of each kind are those of the machines that it is for; one of them is enough.
            for (name, kind) in OUTPUTS {
                let is_home = kind == SystemKind::HomeManager && output == "legacyPackages";
                let symbol = self.symbol(name);
                for system in systems.iter().flatten().rev() {
                    let text = self.name(system.name);
                    let is_of_kind = match kind.kernel() {
                        Some(kernel) => text.ends_with(kernel),
                        None => true,
                    };
                    let Ok(set) = self.force_attrs(system.value) else {
                        continue;
                    };
                    let Some(inner) = self.arena.attribute(set, symbol) else {
                        continue;
                    };
                    if !is_of_kind || inner.maybe.is_some() {
                        continue;
                    }
                    let prefix = format!("{output}.{}.{name}", attribute_name(&text));
                    self.hosts_of(inner.value, &prefix, kind, search);
                    if !is_home {
                        break;
                    }
                }
            }
        }
    }

    fn hosts_of(
        &mut self,
        set: Thunk,
        prefix: &str,
        kind: SystemKind,
        search: &mut HostSearch<'_>,
    ) {
        let set = match self.force_attrs(set) {
            Ok(set) => set,
            Err(why) => return search.unknowns.push(why),
        };
        search.unknowns.extend(self.arena.attrs_data(set).open);
        for entry in self.arena.entries_by_name(set) {
            let name = self.name(entry.name).to_string();
            let attribute = format!("{prefix}.{}", attribute_name(&name));
            // `systemConfigs.<system>.<name>`
            if kind == SystemKind::SystemManager
                && name.ends_with("-linux")
                && let Ok(Value::Attrs(inner)) = self.force(entry.value)
                && self.configuration_behind(Value::Attrs(inner)).is_none()
            {
                self.hosts_of(entry.value, &attribute, kind, search);
                continue;
            }
            let name = HostName {
                attribute,
                name,
                kind,
            };
            if !search.add(&name) {
                continue;
            }
            let at = self.binding_place(entry.position).map(|place| place.name);
            let at = at.or_else(|| self.origin_span(entry.value));
            let configuration = self.host_configuration(entry);
            search.hosts.push(HostConfiguration {
                name: name.name,
                kind,
                attribute: name.attribute,
                at,
                configuration,
            });
        }
    }

    fn host_configuration(&mut self, entry: Entry) -> Result<Rc<Configuration>, UnknownId> {
        let value = self.force(entry.value)?;
        match self.configuration_behind(value) {
            Some(configuration) => Ok(configuration),
            None => match value {
                Value::External(external) => Err(self.external_unknown(external)),
                _ => Err(self.undetermined(
                    "its value is not made by `nixosSystem` or another function that is known",
                )),
            },
        }
    }

    /// `colmena` and `colmenaHive`: a set of host modules, with `meta` and `defaults`.
    fn colmena_hosts(&mut self, outputs: AttrsId, search: &mut HostSearch<'_>) {
        for output in ["colmena", "colmenaHive"] {
            let symbol = self.symbol(output);
            let Some(entry) = self.arena.attribute(outputs, symbol) else {
                continue;
            };
            match self.force_attrs(entry.value) {
                Ok(hive) => self.hive_hosts(output, hive, search),
                Err(why) => search.unknowns.push(why),
            }
        }
    }

    /// The nodes of a hive, those that `nixosConfigurations` has already left out.
    fn hive_hosts(&mut self, output: &str, hive: AttrsId, search: &mut HostSearch<'_>) {
        search.unknowns.extend(self.arena.attrs_data(hive).open);
        let mut meta = self.set_of(&[]);
        for name in ["meta", "network"] {
            if let Ok(Some(Value::Attrs(found))) = self.argument(hive, name) {
                meta = found;
                break;
            }
        }
        let special = match self.argument(meta, "specialArgs") {
            Ok(Some(Value::Attrs(special))) => special,
            _ => self.set_of(&[]),
        };
        let per_node = match self.argument(meta, "nodeSpecialArgs") {
            Ok(Some(Value::Attrs(per_node))) => Some(per_node),
            _ => None,
        };
        let defaults = self.symbol("defaults");
        let defaults = self
            .arena
            .attribute(hive, defaults)
            .map(|entry| entry.value);
        let existing: Vec<String> = { search.names.iter() }
            .filter(|host| host.kind == SystemKind::Nixos)
            .map(|host| host.name.clone())
            .collect();
        for entry in self.arena.entries_by_name(hive) {
            let name = self.name(entry.name).to_string();
            let is_node = !matches!(name.as_str(), "meta" | "defaults" | "network" | "nodes");
            if !is_node || existing.contains(&name) {
                continue;
            }
            let name = HostName {
                attribute: format!("{output}.{}", attribute_name(&name)),
                name,
                kind: SystemKind::Nixos,
            };
            if !search.add(&name) {
                continue;
            }
            let mut special = special;
            if let Some(per_node) = per_node
                && let Ok(Some(Value::Attrs(own))) =
                    self.select_optional(Value::Attrs(per_node), entry.name)
            {
                special = self.update_sets(special, own);
            }
            let text = self.string_thunk(&name.name);
            let own = self.set_of(&[("name", text)]);
            special = self.update_sets(own, special);
            let modules = defaults
                .into_iter()
                .chain([entry.value])
                .map(|module| (module, None))
                .collect();
            let platform = Platform {
                kernel: SystemKind::Nixos.kernel(),
                ..Platform::default()
            };
            let configuration = self.system(SystemKind::Nixos, modules, special, platform, None);
            let at = self.binding_place(entry.position).map(|place| place.name);
            search.hosts.push(HostConfiguration {
                attribute: name.attribute,
                name: name.name,
                kind: SystemKind::Nixos,
                at,
                configuration: Ok(configuration),
            });
        }
    }

    /// The same modules once more, to be evaluated afresh.
    pub fn again(&mut self, host: &HostConfiguration) -> HostConfiguration {
        let mut host = host.clone();
        if let Ok(configuration) = &host.configuration {
            host.configuration = Ok(self.configuration(configuration.arguments.clone()));
        }
        host
    }
}
