//! Why it is no fault if a reader cannot open a file.

/// Why it is no fault if a reader cannot open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excuse {
    /// The script asks for the file before it opens it.
    LooksFirst,
    /// Nix leaves out what it cannot include.
    LeftOut,
    /// The process opens a file that names the path, and may hand it on.
    NamedInFile,
    /// A variable's text has it in a sentence.
    InProse,
    /// A directory is named, and the process may open other files in it.
    InDirectory,
    /// The place of the file tells who most likely opens it, no more.
    ByPlace,
    /// The command is there for whoever wants to run it.
    ByHand,
    /// The process has a capability before which permissions do not count.
    ByCapability,
    /// The program is a wrapper that has such a capability, or runs as another user.
    ByWrapper,
    /// The table of readers has the option, but its module was not read.
    ModuleNotRead,
}

impl Excuse {
    /// The reason of the verdict.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::LooksFirst => "the script looks first whether it can",
            Self::LeftOut => "Nix leaves out what it cannot include",
            Self::NamedInFile => "a file that it opens names the secret",
            Self::InProse => "the text of a variable names it, perhaps for people alone",
            Self::InDirectory => "which files of the directory it opens is not known",
            Self::ByPlace => "who opens a file at such a place may be another user",
            Self::ByHand => "the command is run by hand, perhaps as another user",
            Self::ByCapability => "its capabilities let it read every file",
            Self::ByWrapper => {
                "the program is one of `security.wrappers`, with privileges of its own"
            }
            Self::ModuleNotRead => "who opens the file of this option was not checked",
        }
    }
}
