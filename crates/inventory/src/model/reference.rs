//! A place of the configuration whose value holds a secret's path or placeholder.

use nix_syntax::source::Span;

/// What of a secret a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// The path where it lands.
    Path,
    /// The text that sops-nix replaces by its content when it renders a template.
    Placeholder,
}

/// How the text around a reference uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// The value is the path, and nothing else.
    Whole,
    /// A command substitution opens it: `$(cat PATH)`.
    Substitution,
    /// Such a substitution is a part of the arguments of this program: `curl`. Of one whose name is
    /// not written out, `a program`.
    Argument {
        /// The program.
        program: String,
        /// The shell variable that brings it there: `TOKEN` of `TOKEN=$(cat PATH)`; `None` if the substitution itself is
        /// among the arguments.
        variable: Option<String>,
    },
    /// It stands in a longer text.
    Part,
}

/// A value that certainly holds the path or placeholder of a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The secret: an index into [`Host::secrets`](super::Host::secrets); `None` for a path below a
    /// manager's directory at which no declared secret lands.
    pub secret: Option<usize>,
    /// The path; of a placeholder, the attribute that names it.
    pub text: String,
    /// Path or placeholder.
    pub what: ReferenceKind,
    /// How the text around it uses it.
    pub form: Form,
    /// The Home Manager user whose option holds it; `None` for one of the system.
    pub user: Option<String>,
    /// The option, part by part, below the configuration of the system or user:
    /// `systemd`, `services`, `app`, `script`.
    pub option: Vec<String>,
    /// The function to which the text is given: `writeText`, `writeShellScript`; `None` where the
    /// option holds the text itself.
    pub function: Option<String>,
    /// Whether the text itself starts a shell that reads the part in which it stands: `sh -c '…'`.
    pub in_own_shell: bool,
    /// Where it was written.
    pub at: Option<Span>,
}

impl Reference {
    /// Whether the option's first parts are these; `*` is any part.
    #[must_use]
    pub fn is_in(&self, prefix: &[&str]) -> bool {
        let agree = |(part, wanted): (&String, &&str)| *wanted == "*" || part == wanted;
        self.option.len() >= prefix.len() && self.option.iter().zip(prefix).all(agree)
    }

    /// The option as it is written: `systemd.services.app.script`.
    #[must_use]
    pub fn option_path(&self) -> String {
        nix_option(&self.option)
    }
}

/// These names as Nix writes them: `systemd.services."a b".script`.
#[must_use]
pub fn nix_option(names: &[String]) -> String {
    let names = names
        .iter()
        .map(|name| nix_syntax::quote::attribute_name(name).to_string());
    let names: Vec<String> = names.collect();
    names.join(".")
}

/// Options of a NixOS unit whose text becomes a shell script (nixpkgs' `systemd.services.<name>`).
pub const UNIT_SCRIPTS: [&str; 6] = [
    "script",
    "preStart",
    "postStart",
    "preStop",
    "postStop",
    "reload",
];
