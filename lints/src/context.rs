//! What a lint sees of one host.

use std::collections::BTreeSet;

use inventory::content;
use inventory::mcp_modules::WhenMissing;
use inventory::secret_files::{FileFacts, Lookup};
use inventory::{
    Backing, Capability, Certainty, Fact, Host, Manager, McpConfiguration, McpKind, McpServer,
    Moment, Principal, Reader, Reason, Repository, Scope, Secret, SecretFile, SourceMap, Span,
    Unknown, User,
};

use crate::Diagnostic;

/// One host and the source files.
#[derive(Debug, Clone, Copy)]
pub struct HostContext<'a> {
    /// The facts.
    pub host: &'a Host,
    /// All hosts, this one as well: what is not declared here may be on another.
    pub hosts: &'a [Host],
    /// The source files.
    pub sources: &'a SourceMap,
    /// The secret files of all hosts.
    pub files: &'a [SecretFile],
    /// What else lies in the repository.
    pub repository: &'a Repository,
    /// The secret managers, used or not, sorted by name.
    pub managers: &'static [&'static Manager],
    /// Directories that belong to a secret manager, beyond those that the configuration tells.
    pub managed_directories: &'a [String],
    /// Whether secrets are supposed to be there whose condition is not decided.
    pub supposes: bool,
}

impl<'a> HostContext<'a> {
    /// What the structure of that file shows.
    pub(crate) fn facts_of(&self, secret: &Secret) -> Option<(&'a SecretFile, &'a FileFacts)> {
        content::facts_of(self.files, secret)
    }

    /// The key of a sops secret, its file, and what is found at the key, as [`content::lookup`].
    pub(crate) fn lookup(
        &self,
        secret: &'a Secret,
    ) -> Option<(&'a str, &'a SecretFile, Lookup<'a>)> {
        content::lookup(self.files, secret)
    }

    /// The secrets that certainly exist, with their index; of a module that is loaded and switched off, those that exist
    /// when it is on.
    /// One of which a part is declared where we do not see it is left out: its owner may be, too.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (usize, &'a Secret)> + use<'a> {
        let is_open = self.host.secrets_open.is_some();
        let host = self.host;
        let supposes = self.supposes;
        let secrets = host.secrets.iter().enumerate();
        secrets.filter(move |(_, secret)| {
            let is_part =
                is_open && secret.manager.has(Capability::NamesEachFile) && lacks_its_file(secret);
            let is_there = secret.certainty == Certainty::Certain
                || supposes
                || switch_of(host, secret).is_some();
            is_there && !is_part
        })
    }

    /// Why it is not decided whether a secret is there, by its option; `None` if it is, or is not at all.
    pub(crate) fn doubt_of(&self, option: &str) -> Option<&'a Unknown> {
        let mut secrets = self.host.secrets.iter();
        let secret = secrets.find(|secret| secret.option == option)?;
        match &secret.certainty {
            Certainty::Maybe(why) if switch_of(self.host, secret).is_none() => Some(why),
            _ => None,
        }
    }

    /// The switch that keeps what a finding is about from being there: that of its secret, or of any of the module's.
    pub(crate) fn switch_behind(&self, found: &Diagnostic) -> Option<&'a str> {
        let host = self.host;
        let behind = host.secrets.iter();
        let behind = behind.filter_map(|secret| Some((secret, switch_of(host, secret)?)));
        let mut of_it = behind
            .clone()
            .filter(|(secret, _)| secret.option == found.subject);
        of_it
            .next()
            .or_else(|| behind.clone().next())
            .map(|(_, switch)| switch)
    }

    /// The readers of the host itself, not those in its containers, whose users are others.
    pub(crate) fn readers(&self) -> impl Iterator<Item = &'a Reader> + use<'a> {
        let readers = self.host.readers.iter();
        readers.filter(|reader| reader.container.is_none())
    }

    /// Those of one secret, by the index of the secret.
    pub(crate) fn readers_of(&self, secret: usize) -> impl Iterator<Item = &'a Reader> + use<'a> {
        let readers = self.host.readers_of(secret).iter();
        readers.filter(|reader| reader.container.is_none())
    }

    /// Whether a path may be one of the machine that runs this container.
    pub(crate) fn may_be_mounted(&self, path: &str) -> bool {
        let container = self.host.container.as_ref();
        container.is_some_and(|container| container.backing(path) != Backing::Own)
    }

    /// The readers on the machine; the evaluator is none, and the servers of `services.mcp` have
    /// lints of their own.
    pub(crate) fn readers_by_path(&self) -> impl Iterator<Item = &'a Reader> + use<'a> {
        let readers = self.readers().filter(|reader| reader.certain);
        let on_the_machine = readers.filter(|reader| reader.moment != Moment::Evaluation);
        on_the_machine.filter(|reader| !reader.via.is_of_mcp(McpKind::McpHomeManager))
    }

    /// What scripts of this host make.
    pub(crate) fn made(&self) -> Made<'a> {
        let makers = self.host.readers.iter().filter(|reader| reader.makes);
        let paths = makers.filter_map(|reader| reader.path.known());
        Made(paths.map(|path| path.trim_end_matches('/')).collect())
    }

    /// The MCP configurations that are certainly on. Those of containers are left out: what they read may
    /// be mounted.
    pub(crate) fn mcp(&self) -> impl Iterator<Item = &'a McpConfiguration> + use<'a> {
        let is_container = self.host.container.is_some();
        self.host
            .mcp
            .iter()
            .filter(move |_| !is_container)
            .filter(|mcp| mcp.enabled.known() == Some(&true))
    }

    /// The user with that name.
    pub(crate) fn user(&self, name: &str) -> Option<&'a User> {
        User::named(&self.host.users, name)
    }

    /// The groups of a user's processes, the primary one first.
    pub(crate) fn groups_of(&self, name: &str) -> Fact<Vec<String>> {
        let nothing = || {
            let reason = format!("user `{name}` is not declared here");
            Fact::unknown(Unknown::because(reason))
        };
        let Some(user) = self.user(name) else {
            return nothing();
        };
        match (&user.group.value, &user.groups.value) {
            (Ok(primary), Ok(others)) => {
                Fact::default_value(primary.iter().chain(others).cloned().collect())
            }
            (Err(unknown), _) | (_, Err(unknown)) => Fact::unknown(unknown.clone()),
        }
    }

    /// The text at a place.
    pub(crate) fn text(&self, at: Span) -> Option<String> {
        let source = self.sources.get(at.file)?;
        source
            .text()
            .get(at.start as usize..at.end as usize)
            .map(ToOwned::to_owned)
    }

    /// Whether the value at a place is written as a Nix path (`./x`, `/x`, `~/x`) and not as a
    /// string.
    pub(crate) fn is_path_literal(&self, at: Span) -> bool {
        self.text(at)
            .is_some_and(|text| text.starts_with(['.', '/', '~']))
    }
}

/// Whether no definition that we see gives the encrypted file, which every secret needs.
fn lacks_its_file(secret: &Secret) -> bool {
    let unknown = secret.file.value.as_ref().err();
    unknown.is_some_and(|unknown| unknown.reason.is_no_definition())
}

/// Where an enabled server of `services.mcp` reads, if all of that is known.
pub(crate) struct Need<'a> {
    /// The server.
    pub(crate) server: &'a McpServer,
    /// The file name, `GITHUB_TOKEN`.
    pub(crate) name: &'a str,
    /// The whole path.
    pub(crate) path: &'a str,
    /// Its directory, without trailing slash.
    pub(crate) directory: &'a str,
}

/// The enabled servers of `services.mcp` whose wrapper reads a file; what a script of the user's reads is judged with
/// all other readers.
pub(crate) fn needs(mcp: &McpConfiguration) -> impl Iterator<Item = Need<'_>> {
    let reads_below_a_directory = mcp.secrets_path.is_some();
    let servers = mcp.servers.iter().filter(move |_| reads_below_a_directory);
    servers
        .filter(|server| server.enabled.known() == Some(&true))
        .filter(|server| server.when_missing != Some(WhenMissing::Depends))
        .filter_map(|server| {
            let name = server.secret.known()?.as_deref()?;
            let path = server.path.known()?.as_deref()?;
            let (directory, _) = split(path)?;
            Some(Need {
                server,
                name,
                path,
                directory,
            })
        })
}

/// The directory and the file name of an absolute path.
pub(crate) fn split(path: &str) -> Option<(&str, &str)> {
    path.trim_end_matches('/').rsplit_once('/')
}

/// The files and directories that scripts of a host make.
pub(crate) struct Made<'a>(BTreeSet<&'a str>);

impl Made<'_> {
    /// Whether the file at a path is one, or in one.
    pub(crate) fn has(&self, path: &str) -> bool {
        let directories = path.match_indices('/').map(|(at, _)| at);
        let mut above = directories.filter_map(|at| path.get(..at));
        self.0.contains(path) || above.any(|above| self.0.contains(above))
    }
}

/// Whether `path` lies below `directory`.
pub(crate) fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/'))
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The name of a principal that is known and has one.
pub(crate) fn known_name(principal: &Fact<Principal>) -> Option<&str> {
    principal.known()?.name.as_deref()
}

/// Whether a secret of this scope can be meant for this user.
pub(crate) fn in_reach(scope: &Scope, user: &str) -> bool {
    match scope {
        Scope::System => true,
        Scope::User(name) => name == user,
    }
}

/// A place in a secret file; nothing where its text is not in the source map.
pub(crate) fn place_in(file: &SecretFile, span: inventory::secret_files::Span) -> Option<Span> {
    span_in(file.id, span)
}

/// A place in a file of the source map.
pub(crate) fn span_in(
    file: Option<inventory::FileId>,
    span: inventory::secret_files::Span,
) -> Option<Span> {
    Some(Span {
        file: file?,
        start: u32::try_from(span.start).ok()?,
        end: u32::try_from(span.end).ok()?,
    })
}

/// Where the configuration names a file: the place, the secret's attribute and the host, sorted and
/// without repetition.
pub(crate) fn uses<'a>(
    inventory: &'a inventory::Inventory,
    file: &SecretFile,
) -> Vec<(Option<Span>, &'a Secret, &'a Host)> {
    let mut uses: Vec<_> = file
        .used_by
        .iter()
        .filter_map(|(host, secret)| {
            let host = inventory.hosts.get(*host)?;
            let secret = host.secrets.get(*secret)?;
            let at = secret
                .file
                .at
                .or_else(|| secret.declared_at.first().copied());
            Some((at, secret, host))
        })
        .collect();
    uses.sort_by(|a, b| {
        (a.0, &a.1.attribute, &a.2.attribute).cmp(&(b.0, &b.1.attribute, &b.2.attribute))
    });
    uses
}

/// The option that keeps a secret of a module from being there: nothing sets it.
fn switch_of<'a>(host: &'a Host, secret: &'a Secret) -> Option<&'a str> {
    match &secret.certainty {
        Certainty::Maybe(Unknown {
            reason: Reason::Switch { option, .. },
            ..
        }) if host.is_module() && !host.is_unloaded => Some(option),
        _ => None,
    }
}
