//! A module evaluation, and what it starts from.

use std::cell::OnceCell;
use std::rc::Rc;

use super::id::ConfigurationId;
use super::lazy::Lazy;
use super::level::Level;
use super::module_tree::{LoadedModule, ModuleTree};
use crate::value::{AttrsId, Location, Thunk, UnknownId};

/// What a module evaluation starts from.
#[derive(Debug, Clone)]
pub struct ModuleArguments {
    /// The modules, in order; each with why it may not be there.
    pub modules: Vec<(Thunk, Option<UnknownId>)>,
    /// `specialArgs`
    pub special_arguments: AttrsId,
    /// Where the options hang: the path of a submodule.
    pub prefix: Location,
    /// `nixos`, `darwin`, `homeManager`, …
    pub class: Option<Rc<str>>,
    /// Why there may be options and definitions that the project does not show; nothing for a
    /// closed world.
    pub open: Option<UnknownId>,
    /// The file that modules without one are said to be in.
    pub file: Rc<str>,
    /// Whether an option that is not declared is an error.
    pub check: bool,
}

/// The class of an evaluation that has none in Nix: modules of any class may be imported into it.
pub(crate) const CLASSLESS: &str = "systemManager";

impl ModuleArguments {
    /// The class as Nix has it.
    pub(crate) fn checked_class(&self) -> Option<&Rc<str>> {
        self.class.as_ref().filter(|class| &***class != CLASSLESS)
    }
}

/// A module evaluation.
#[derive(Debug)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// What it started from.
    pub arguments: ModuleArguments,
    /// `config`
    pub config: Thunk,
    /// `options`
    pub options: Thunk,
    pub(crate) tree: Lazy<Rc<ModuleTree>>,
    pub(crate) modules: Lazy<Rc<[LoadedModule]>>,
    pub(crate) open: OnceCell<Option<UnknownId>>,
    pub(crate) missing: OnceCell<Vec<UnknownId>>,
    pub(crate) unlisted: OnceCell<Vec<UnknownId>>,
    pub(crate) root: Lazy<Rc<Level>>,
    /// What every module function is called with.
    pub(crate) common_arguments: OnceCell<AttrsId>,
}

impl Configuration {
    /// The modules, those that evaluation has reached; empty before.
    #[must_use]
    pub fn loaded_modules(&self) -> &[LoadedModule] {
        self.modules.known().map_or(&[], |modules| modules)
    }

    /// Those of the missing modules that are lists which a call outside the project gives: they may be modules of the
    /// project.
    #[must_use]
    pub fn unlisted_modules(&self) -> &[UnknownId] {
        self.unlisted.get().map_or(&[], |unlisted| unlisted)
    }

    /// Why modules are missing, those that evaluation has tried to load.
    #[must_use]
    pub fn missing_modules(&self) -> &[UnknownId] {
        self.missing.get().map_or(&[], |missing| missing)
    }
}

/// The attribute of a system that holds the number of its configuration.
pub(crate) const CONFIGURATION_NUMBER: &str = "«configuration»";
