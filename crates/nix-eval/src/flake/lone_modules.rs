//! Modules that are evaluated on their own: no configuration of the project says with what.

use std::path::{Path, PathBuf};

use super::common_arguments::CommonArguments;
use super::outputs::HostConfiguration;
use super::system_kind::SystemKind;
use super::systems::Platform;
use crate::eval::Evaluator;
use crate::value::{AttrsBuilder, Eval, Thunk, Value, well_known};
use nix_source::FileKind;

/// Sets of more modules are lists of something else.
const MAX_EXPORTED: usize = 500;

impl Evaluator {
    /// The files that the flake's outputs give as modules, each with the attributes that lead to it:
    /// `homeModules.default = ./home.nix`, `modules.darwin.x = ./x`.
    pub fn exported_modules(&mut self) -> Vec<(PathBuf, Vec<String>)> {
        let mut found = Vec::new();
        let Some(outputs) = self
            .flakes()
            .flakes
            .first()
            .map(|(.., flake)| flake.outputs)
        else {
            return found;
        };
        let Ok(outputs) = self.force_attrs(outputs) else {
            return found;
        };
        for entry in self.entries_by_name(outputs) {
            let name = self.name(entry.name).to_string();
            let depth = match name.as_str() {
                "modules" => 2,
                _ if name.ends_with("Modules") => 1,
                _ if name.ends_with("Module") => 0,
                _ => continue,
            };
            self.add_exported(entry.value, vec![name], depth, &mut found);
        }
        found
    }

    fn add_exported(
        &mut self,
        value: Thunk,
        names: Vec<String>,
        depth: usize,
        found: &mut Vec<(PathBuf, Vec<String>)>,
    ) {
        match self.force(value) {
            Ok(Value::Path(path)) => {
                let mut file = PathBuf::from(&*self.arena.path_text(path));
                if matches!(self.sources.kind(&file), Ok(Some(FileKind::Directory))) {
                    file.push("default.nix");
                }
                found.push((file, names));
            }
            Ok(Value::Attrs(set)) if depth > 0 => {
                for entry in self.entries_by_name(set).into_iter().take(MAX_EXPORTED) {
                    let mut names = names.clone();
                    names.push(self.name(entry.name).to_string());
                    self.add_exported(entry.value, names, depth - 1, found);
                }
            }
            _ => {}
        }
    }

    /// A module file evaluated on its own, in an open world.
    pub fn module_host(
        &mut self,
        file: &Path,
        kind: SystemKind,
        common_arguments: Option<CommonArguments>,
    ) -> HostConfiguration {
        let path = self.arena.path(&file.to_string_lossy());
        let module = self.arena.ready(Value::Path(path));
        self.host_of_module(file, kind, module, common_arguments)
    }

    /// A module that a file gives below a path of attributes, evaluated on its own: `nixos.mail` of a
    /// file `{ lib, ... }: { nixos.mail = { config, ... }: { … }; }`. With an empty path it is what the
    /// file's function gives, where that is a function once more.
    pub fn inner_module_host(
        &mut self,
        file: &Path,
        path: &[String],
        kind: SystemKind,
        common_arguments: Option<CommonArguments>,
    ) -> HostConfiguration {
        let names: Vec<_> = path.iter().map(|name| self.symbol(name)).collect();
        let owned = file.to_owned();
        let module = self.lazy(move |evaluator| {
            let path = evaluator.arena.path(&owned.to_string_lossy());
            let thunk = evaluator.import_path(path)?;
            let mut value = evaluator.force(thunk)?;
            value = evaluator.called_openly(value)?;
            for name in names {
                value = evaluator.called_openly(value)?;
                value = evaluator.without_condition(value)?;
                value = evaluator.select(value, name)?;
            }
            Ok(value)
        });
        self.host_of_module(file, kind, module, common_arguments)
    }

    /// What a function gives whose arguments are not known but for `lib` and the flake's own.
    fn called_openly(&mut self, value: Value) -> Eval<Value> {
        if !matches!(value, Value::Lambda(_)) {
            return Ok(value);
        }
        let why = self.undetermined("an argument of a module on its own");
        let mut builder = AttrsBuilder::new();
        let lib = self.lib();
        builder.insert(well_known::LIB, lib);
        if let Some((.., flake)) = self.flakes().flakes.first() {
            let outputs = flake.outputs;
            // Projects hand on the argument of `outputs`, which has `self`.
            let inputs = self.attribute_thunk(outputs, "inputs");
            let inputs = self.lazy(move |evaluator| {
                let inputs = evaluator.force_attrs(inputs)?;
                let more = evaluator.set_of(&[("self", outputs)]);
                Ok(Value::Attrs(evaluator.update_sets(inputs, more)))
            });
            builder
                .insert(well_known::SELF, outputs)
                .insert(well_known::INPUTS, inputs);
        }
        for (name, _) in self.formals_of(value) {
            if !matches!(
                name,
                well_known::LIB | well_known::SELF | well_known::INPUTS
            ) {
                let missing = self.arena.failed(why);
                builder.insert(name, missing);
            }
        }
        builder.open(why);
        let arguments = self.arena.attrs(builder);
        let arguments = self.arena.ready(Value::Attrs(arguments));
        self.apply(value, arguments)
    }

    /// The content of `mkIf`, `mkForce` and their kind.
    fn without_condition(&mut self, value: Value) -> Eval<Value> {
        let Value::Attrs(set) = value else {
            return Ok(value);
        };
        let content = self.symbol("content");
        let is_property = self.arena.attribute(set, well_known::TYPE).is_some();
        match self.arena.attribute(set, content) {
            Some(entry) if is_property => self.force(entry.value),
            _ => Ok(value),
        }
    }

    fn host_of_module(
        &mut self,
        file: &Path,
        kind: SystemKind,
        module: Thunk,
        common_arguments: Option<CommonArguments>,
    ) -> HostConfiguration {
        let special = match common_arguments {
            Some(common_arguments) => common_arguments.arguments,
            None => self.set_of(&[]),
        };
        let beside = common_arguments.and_then(|common_arguments| common_arguments.module);
        let modules = std::iter::once(module).chain(beside);
        let configuration = self.system(
            kind,
            modules.map(|module| (module, None)).collect(),
            special,
            // Whose module it is has been taken from what it looks like.
            Platform::default(),
            None,
        );
        let attribute = self.sources.workspace().display(file);
        let name = module_name(file);
        HostConfiguration {
            name,
            kind,
            attribute,
            at: None,
            configuration: Ok(configuration),
        }
    }
}

/// A short name for a module: its file without `.nix`, or its folder for `default.nix`.
pub fn module_name(file: &Path) -> String {
    let stem = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    let name = stem(file).unwrap_or_default();
    match file.parent().map(PathBuf::from) {
        Some(parent) if name == "default" => parent
            .file_name()
            .map_or(name, |name| name.to_string_lossy().into_owned()),
        _ => name,
    }
}
