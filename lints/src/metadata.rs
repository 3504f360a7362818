//! What is known about a lint before it runs.

use inventory::{Host, Inventory, SourceMap};

use crate::{Diagnostic, FindingsContext, HostContext, Severity};

/// A group of lints, which can be selected by name or by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Who can read a secret: owner, group, mode.
    Access,
    /// Where a secret lands and where it is read.
    Paths,
    /// What lies in the repository.
    Files,
    /// The keys that decrypt.
    Keys,
    /// Secrets that end up in the Nix store.
    Store,
    /// When secrets are installed.
    Activation,
    /// How a secret is handed to a program.
    Handling,
    /// MCP servers.
    Mcp,
    /// agenix-rekey.
    Rekey,
    /// What the analysis itself could not do.
    Analysis,
}

impl Group {
    /// All groups, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Access,
        Self::Paths,
        Self::Files,
        Self::Keys,
        Self::Store,
        Self::Activation,
        Self::Handling,
        Self::Mcp,
        Self::Rekey,
        Self::Analysis,
    ];

    /// Its name: `access`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Paths => "paths",
            Self::Files => "files",
            Self::Keys => "keys",
            Self::Store => "store",
            Self::Activation => "activation",
            Self::Handling => "handling",
            Self::Mcp => "mcp",
            Self::Rekey => "rekey",
            Self::Analysis => "analysis",
        }
    }

    /// Its letter: `A`.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Access => 'A',
            Self::Paths => 'P',
            Self::Files => 'F',
            Self::Keys => 'K',
            Self::Store => 'S',
            Self::Activation => 'O',
            Self::Handling => 'H',
            Self::Mcp => 'M',
            Self::Rekey => 'R',
            Self::Analysis => 'X',
        }
    }
}

/// Whether a lint can change the configuration itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fixable {
    /// No: the change needs a decision or a key.
    No,
    /// With edits that may change more than the finding is about.
    Unsafe,
    /// With edits that change nothing else.
    Safe,
}

impl Fixable {
    /// The name in the lint table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// What a lint looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// One host at a time.
    Host(fn(&HostContext<'_>, &mut Vec<Diagnostic>)),
    /// One host at a time, the options of each secret judged by themselves: what is found holds whatever else the
    /// condition brings below which a secret is declared, and is reported of those whose condition is not decided as well.
    Secrets(fn(&HostContext<'_>, &mut Vec<Diagnostic>)),
    /// The whole project.
    Project(fn(&ProjectContext<'_>, &mut Vec<Diagnostic>)),
    /// The comments in the files, after all other lints ran.
    Findings(fn(&FindingsContext<'_>, &mut Vec<Diagnostic>)),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Host(_) => "Host",
            Self::Secrets(_) => "Secrets",
            Self::Project(_) => "Project",
            Self::Findings(_) => "Findings",
        })
    }
}

/// The inventory of the whole project.
#[derive(Debug, Clone, Copy)]
pub struct ProjectContext<'a> {
    /// The facts.
    pub inventory: &'a Inventory,
    /// The source files.
    pub sources: &'a SourceMap,
}

impl<'a> ProjectContext<'a> {
    /// A finding about a file, as a note where only modules that no configuration loads use that file.
    pub(crate) fn unless_loaded(&self, mut found: Diagnostic) -> Diagnostic {
        let hosts = self.inventory.hosts.iter();
        let mut uses = hosts.filter(|host| found.hosts.contains(&host.attribute));
        let knows_loaded = self.inventory.knows_loaded_modules();
        let is_unloaded = !found.hosts.is_empty()
            && uses.all(|host| host.is_unloaded && (knows_loaded || host.is_put_aside()));
        if is_unloaded {
            found.make_unloaded("what uses it");
        }
        found
    }

    /// A finding about the text of a Nix file, as a note where no configuration loads that file.
    pub(crate) fn unless_in_unloaded_file(&self, mut found: Diagnostic) -> Diagnostic {
        let file = found.primary.as_ref().map(|label| label.at.file);
        let source = file.and_then(|file| self.sources.get(file));
        if source.is_some_and(|source| self.inventory.unloaded_files.contains(source.path())) {
            found.make_unloaded("this file");
        }
        found
    }

    /// One host in it.
    #[must_use]
    pub fn host(self, host: &'a Host) -> HostContext<'a> {
        HostContext {
            host,
            hosts: &self.inventory.hosts,
            sources: self.sources,
            files: &self.inventory.files,
            repository: &self.inventory.repository,
            managers: self.inventory.managers,
            managed_directories: &self.inventory.managed_directories,
            supposes: false,
        }
    }
}

/// A lint: what is known about it, and its check.
#[derive(Debug)]
pub struct Lint {
    /// Its name in kebab-case, which is also its folder's.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// How bad its findings usually are; the page says when another severity is given.
    pub severity: Severity,
    /// Whether it can change the configuration itself.
    pub fixable: Fixable,
    /// The version that brought it.
    pub since: &'static str,
    /// What it finds, in one line without a full stop.
    pub summary: &'static str,
    /// Its page in Markdown: `mcp-lint explain`, the documentation and the SARIF help.
    pub page: &'static str,
    /// The check: pure, cannot fail.
    pub check: Check,
}

impl PartialEq for Lint {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Lint {}
