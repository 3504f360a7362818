//! Inputs by `flake.lock`: what Nix's `call-flake.nix` makes of a node whose source is here.

use std::path::Path;
use std::rc::Rc;

use flake_lock::{Attribute, Fetcher, Locked, NodeId};
use nix_source::InputPlace;

use super::known_projects::known_project;
use super::module_sources::InputKey;
use super::state::SourceUse;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, KnownProject, Slot, Symbol, Thunk, UnknownId, Value,
};

/// The characters of a short revision.
const SHORT_REVISION: usize = 7;

/// The outputs that hold modules for systems. To evaluate them takes twenty times as long as all else (a
/// theme or an editor has hundreds), and most are of quiet projects.
const MODULE_OUTPUTS: [&str; 8] = [
    "nixosModules",
    "nixosModule",
    "darwinModules",
    "darwinModule",
    "homeModules",
    "homeManagerModules",
    "homeManagerModule",
    "homeModule",
];

/// Projects whose functions and modules are native: their sources add nothing, and two declarations of
/// one option are an error.
const fn is_native(project: KnownProject) -> bool {
    matches!(
        project,
        KnownProject::Nixpkgs | KnownProject::HomeManager | KnownProject::NixDarwin
    )
}

impl Evaluator {
    /// The node of the lock that a flake of the project is; `None` if the lock is of another flake.
    pub(super) fn node_of_directory(&self, directory: &Path) -> Option<NodeId> {
        let workspace = self.sources.workspace();
        let lock = workspace.input_sources()?.lock();
        let place = self.sources.open_input(lock.root()).ok()?;
        (place.directory == directory).then(|| lock.root())
    }

    /// The input of that name of a node, with the URL that its flake has for it; `None` if the lock does
    /// not have it and the user gives no directory for it.
    pub(super) fn input_of_lock(
        &mut self,
        node: Option<NodeId>,
        name: Symbol,
        url: Option<Rc<str>>,
    ) -> Option<Thunk> {
        let workspace = self.sources.workspace().clone();
        let lock = workspace.input_sources()?.lock();
        let node = node?;
        let text = self.name(name);
        match lock.input(node, &text) {
            Ok(Some(input)) => Some(self.input_of_node(input, &text, url)),
            _ if node != lock.root() => None,
            _ => {
                let known = known_project(Some(&text), url.as_deref());
                let external = self.input_root(&text, url, known);
                let key = InputKey::Unlocked(Rc::clone(&text));
                self.note_input(external, &key);
                if self.is_emulated(known, true) {
                    return None;
                }
                let place = self.sources.open_unlocked_input(&[&*text]).ok()?;
                let data = self.set_of(&[]);
                Some(self.sourced(external, known, place, key, data))
            }
        }
    }

    /// What a node is for a flake that has it as an input of that name: one value for all of them.
    pub(super) fn input_of_node(
        &mut self,
        node: NodeId,
        name: &Rc<str>,
        url: Option<Rc<str>>,
    ) -> Thunk {
        let workspace = self.sources.workspace().clone();
        let locked = workspace.input_sources().map(|sources| {
            let node = sources.lock().node(node);
            let of_lock = { node.original.iter().chain(&node.locked) }.find_map(reference);
            (node.is_flake, node.locked.clone(), of_lock)
        });
        let is_given = workspace
            .input_sources()
            .is_some_and(|it| it.is_given(node));
        let Some((is_flake, locked, of_lock)) = locked else {
            return self.input_root(name, url, None);
        };
        let url = url.or_else(|| of_lock.as_deref().map(Rc::from));
        // The lock knows better than a name in the registry.
        let known = known_project(None, of_lock.as_deref())
            .or_else(|| known_project(Some(name), url.as_deref()));
        let external = self.input_root(name, url, known);
        let key = InputKey::Node(node);
        self.note_input(external, &key);
        if self.is_emulated(known, is_given) || self.is_of_schema(external, known) {
            return external;
        }
        if let Some(value) = self.flakes().inputs.get(&node) {
            return *value;
        }
        // What no evaluation asks for is not looked for, and not fetched.
        let value = self.lazy(move |evaluator| {
            let Ok(place) = evaluator.sources.open_input(node) else {
                return evaluator.force(external);
            };
            let data = evaluator.source_data(locked.as_ref());
            if is_flake {
                let flake = evaluator.sourced(external, known, place, key, data);
                return evaluator.force(flake);
            }
            Ok(Value::Attrs(evaluator.source_info(&place, data)))
        });
        self.flakes_mut().inputs.insert(node, value);
        value
    }

    /// Whether no source of an input counts in this evaluation: of one that the user gives a directory for, only
    /// where something is known of it by name.
    fn is_emulated(&self, known: Option<KnownProject>, is_given: bool) -> bool {
        self.flakes().source_use == SourceUse::Emulation && (known.is_some() || !is_given)
    }

    /// Whether an input is native here, or its modules are those of a schema.
    pub(super) fn is_of_schema(&mut self, external: Thunk, known: Option<KnownProject>) -> bool {
        if known.is_some_and(is_native) {
            return true;
        }
        let Ok(Value::External(external)) = self.force(external) else {
            return false;
        };
        let why = self.external_unknown(external);
        self.have_schemas(&self.names_of_missing(why))
    }

    /// A flake whose source is here; what is known of it by name where that cannot be evaluated.
    fn sourced(
        &mut self,
        external: Thunk,
        known: Option<KnownProject>,
        place: InputPlace,
        key: InputKey,
        data: AttrsId,
    ) -> Thunk {
        self.lazy(move |evaluator| {
            let result = evaluator.input_flake(&place, key.node(), data);
            match result {
                Ok(result) => {
                    let result = evaluator.with_known(result, external, known);
                    evaluator.note_source(key, result);
                    let modules = evaluator.modules_of(result, external);
                    Ok(Value::Attrs(evaluator.update_sets(result, modules)))
                }
                Err(why) => {
                    let shown = evaluator.sources.workspace().display(&place.directory);
                    let name = shown.split(':').next().unwrap_or_default();
                    let failed = (Rc::from(name), why);
                    evaluator.flakes_mut().failed_inputs.push(failed);
                    evaluator.force(external)
                }
            }
        })
    }

    /// The modules for systems that a flake has, by their names: a configuration that imports one misses
    /// it, as it does without the source. What a function of the flake adds by itself is evaluated.
    fn modules_of(&mut self, result: AttrsId, external: Thunk) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        for name in MODULE_OUTPUTS {
            let name = self.symbol(name);
            if self.arena.attribute(result, name).is_some() {
                let value = self.arena.thunk(Slot::Select {
                    base: external,
                    name,
                });
                builder.insert(name, value);
            }
        }
        self.arena.attrs(builder)
    }

    /// A flake's result whose outputs are not known has what is known of the project by name.
    fn with_known(
        &mut self,
        result: AttrsId,
        external: Thunk,
        known: Option<KnownProject>,
    ) -> AttrsId {
        if self.arena.attrs_data(result).open.is_some() && known.is_some() {
            let select = self.partial(&SELECT_FROM, &[external]);
            let select = self.arena.ready(select);
            self.arena.set_fallback(result, select);
        }
        result
    }

    /// `outputs (inputs // { self = result; })`, and `result`.
    fn input_flake(
        &mut self,
        place: &InputPlace,
        node: Option<NodeId>,
        data: AttrsId,
    ) -> Eval<AttrsId> {
        let file = place.directory.join("flake.nix");
        let path = self.arena.path(&file.to_string_lossy());
        let thunk = self.import_path(path)?;
        let set = self.force_attrs(thunk)?;
        let itself = self.arena.ready(Value::Null);
        let inputs = self.flake_inputs(&place.directory, node, set, itself);
        let source = self.source_info(place, data);
        let own = self.own_of_input(place, source, inputs);
        let result = self.flake_result(set, inputs, own);
        let slot = self.arena.slot(result);
        self.arena.set_slot(itself, slot);
        self.force_attrs(itself)
    }

    /// `sourceInfo` with `outPath`, `inputs`, `sourceInfo` and `_type`.
    fn own_of_input(&mut self, place: &InputPlace, source: AttrsId, inputs: AttrsId) -> AttrsId {
        let directory = self.arena.path(&place.directory.to_string_lossy());
        let directory = self.arena.ready(Value::Path(directory));
        let source_thunk = self.arena.ready(Value::Attrs(source));
        let inputs = self.arena.ready(Value::Attrs(inputs));
        let kind = self.string_thunk("flake");
        let own = self.set_of(&[
            ("outPath", directory),
            ("inputs", inputs),
            ("sourceInfo", source_thunk),
            ("_type", kind),
        ]);
        self.update_sets(source, own)
    }

    /// `sourceInfo` of a tree.
    fn source_info(&mut self, place: &InputPlace, data: AttrsId) -> AttrsId {
        let tree = self.arena.path(&place.tree.to_string_lossy());
        let tree = self.arena.ready(Value::Path(tree));
        let path = self.set_of(&[("outPath", tree)]);
        self.update_sets(data, path)
    }

    /// What the lock says of a source: `rev`, `lastModified`, `narHash`.
    fn source_data(&mut self, locked: Option<&Locked>) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        for (name, value) in locked.into_iter().flat_map(Locked::attributes) {
            let symbol = self.symbol(name);
            match (name, value) {
                ("rev" | "narHash", Attribute::Text(text)) => {
                    let value = self.string_thunk(text);
                    builder.insert(symbol, value);
                    if name == "rev" {
                        let short: String = text.chars().take(SHORT_REVISION).collect();
                        let value = self.string_thunk(&short);
                        let symbol = self.symbol("shortRev");
                        builder.insert(symbol, value);
                    }
                }
                ("lastModified", Attribute::Integer(seconds)) => {
                    let value = self.arena.ready(Value::Int(*seconds));
                    builder.insert(symbol, value);
                    let date = self.string_thunk(&date(*seconds));
                    let symbol = self.symbol("lastModifiedDate");
                    builder.insert(symbol, date);
                }
                ("revCount", Attribute::Integer(count)) => {
                    let value = self.arena.ready(Value::Int(*count));
                    builder.insert(symbol, value);
                }
                _ => {}
            }
        }
        self.arena.attrs(builder)
    }

    /// The inputs whose sources are here and could not be evaluated, each with the reason: what is known
    /// of them by name counts. Every one is given once.
    pub fn take_failed_inputs(&mut self) -> Vec<(Rc<str>, UnknownId)> {
        std::mem::take(&mut self.flakes_mut().failed_inputs)
    }
}

/// `select external name`
static SELECT_FROM: crate::eval::Builtin = crate::eval::Builtin {
    name: "select",
    arity: 2,
    run: |evaluator, args| {
        let [base, name] = crate::eval::arguments(args);
        let base = evaluator.force(base)?;
        let name = evaluator.force(name)?;
        let name = evaluator.attribute_name(name)?;
        evaluator.select(base, name)
    },
};

/// A reference as a flake would write it; `None` if it names no repository and no URL.
fn reference(locked: &Locked) -> Option<String> {
    let repository = |scheme: &str| {
        let (owner, name) = (locked.text("owner")?, locked.text("repo")?);
        Some(format!("{scheme}:{owner}/{name}"))
    };
    match &locked.fetcher {
        Fetcher::Github => repository("github"),
        Fetcher::Gitlab => repository("gitlab"),
        Fetcher::Sourcehut => repository("sourcehut"),
        Fetcher::Path => Some(format!("path:{}", locked.text("path")?)),
        Fetcher::Indirect => Some(locked.text("id")?.to_owned()),
        Fetcher::Git | Fetcher::Mercurial => Some(format!("git+{}", locked.text("url")?)),
        Fetcher::Tarball | Fetcher::File | Fetcher::Other(_) => {
            Some(locked.text("url")?.to_owned())
        }
    }
}

/// Seconds since 1970 as Nix writes them in `lastModifiedDate`: `20240131235959`, in UTC.
fn date(seconds: i64) -> String {
    const DAY: i64 = 86_400;
    let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Years begin in March, eras of 400 years have 146,097 days.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_nix() {
        assert_eq!(date(0), "19700101000000");
        assert_eq!(date(951_782_399), "20000228235959");
        assert_eq!(date(951_782_400), "20000229000000");
        assert_eq!(date(1_706_745_599), "20240131235959");
    }
}
