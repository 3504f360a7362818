//! Things that are not on disk, by the way they were reached.

use std::rc::Rc;

use super::{Symbol, Thunk};

/// An external of the arena. Equal ids are equal values; different ids say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(pub u32);

/// Something that is not on disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum External {
    /// A flake input, `<nixpkgs>`, `pkgs`, …: what it is called in reasons, with its kind.
    Root {
        /// For a person: ``input `nixpkgs` ``, `pkgs`.
        label: Rc<str>,
        /// What the evaluator knows of it.
        kind: ExternalKind,
    },
    /// An attribute of an external.
    Select {
        /// The external.
        base: ExternalId,
        /// The attribute.
        name: Symbol,
    },
    /// The result of calling an external.
    Apply {
        /// The external that was called.
        function: ExternalId,
        /// The argument.
        argument: Thunk,
    },
}

/// What is known of an external without it being on disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExternalKind {
    /// Another project.
    Input {
        /// How the project names it.
        origin: Origin,
        /// `github:NixOS/nixpkgs/nixos-unstable`, if known.
        url: Option<Rc<str>>,
        /// Which project it is, if it is one that the evaluator knows something of.
        known: Option<KnownProject>,
    },
    /// A package set for a system (`x86_64-linux`, `*-linux` where only the kernel is known).
    Packages {
        /// The system.
        system: Option<Rc<str>>,
    },
    /// Anything else.
    Other,
}

/// How a project names another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// As an input of its flake, of that name.
    FlakeInput(Rc<str>),
    /// By the search path: `nixpkgs/nixos` of `<nixpkgs/nixos>`.
    SearchPath(Rc<str>),
    /// By a fetcher.
    Fetched,
}

/// A project that the evaluator knows something of: what its functions do, or what its attributes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownProject {
    /// nixpkgs
    Nixpkgs,
    /// Home Manager
    HomeManager,
    /// nix-darwin
    NixDarwin,
    /// flake-parts
    FlakeParts,
    /// flake-utils
    FlakeUtils,
    /// flake-utils-plus
    FlakeUtilsPlus,
    /// import-tree
    ImportTree,
    /// adios-flake
    AdiosFlake,
    /// blueprint
    Blueprint,
    /// clan-core
    Clan,
    /// colmena
    Colmena,
    /// easy-hosts
    EasyHosts,
    /// ez-configs
    EzConfigs,
    /// nixos-unified
    NixosUnified,
    /// haumea
    Haumea,
    /// mcp-servers-nix
    McpServersNix,
    /// snowfall-lib
    Snowfall,
}
