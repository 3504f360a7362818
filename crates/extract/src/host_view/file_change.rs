//! What changes a secret's file after its manager installed it.

use nix_syntax::source::Span;

/// Something that changes whose a secret's file is, or who may read it. When it does is not known, nor whether what
/// it says is in place before anybody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// The index of the secret among those of the host's view.
    pub(crate) secret: usize,
    /// What it changes.
    pub(crate) what: Changed,
    /// What changes it: `chown in system.activationScripts.keys.text`.
    pub(crate) by: String,
    /// Where.
    pub(crate) at: Option<Span>,
}

/// What is not known any more of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Its owner, and perhaps its group.
    Owner,
    /// Its group.
    Group,
    /// Its mode or its access list.
    Access,
    /// All of it.
    All,
}

impl Changed {
    /// What a program changes of the files that it is given; `None` if nothing.
    pub(crate) fn by_program(program: &str) -> Option<Self> {
        Some(match program {
            "chown" => Self::Owner,
            "chgrp" => Self::Group,
            "chmod" | "setfacl" => Self::Access,
            _ => return None,
        })
    }
}
