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
    /// Another project: a flake input, what the search path or a fetcher gives.
    Input {
        /// The name of a flake input; `None` if it is none.
        name: Option<Rc<str>>,
        /// `github:NixOS/nixpkgs/nixos-unstable`, if known.
        url: Option<Rc<str>>,
        /// Whether it is nixpkgs, by its URL, name or use.
        is_nixpkgs: bool,
    },
    /// A package set for a system (`x86_64-linux`, `*-linux` where only the kernel is known).
    Packages {
        /// The system.
        system: Option<Rc<str>>,
    },
    /// Anything else.
    Other,
}
