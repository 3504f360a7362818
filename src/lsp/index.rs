//! Where each secret is declared, used and kept, by place.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use extract::hir::{AttrName, Expr, File, NameId, Run};
use extract::{Built, MANAGERS};
use inventory::secret_files::{KeyFacts, Lookup, SopsFormat};
use inventory::{FileId, Secret, SecretFile, Span, TextSpan};

/// A secret as the configuration names it, on whatever hosts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// `sops.secrets`, `sops.templates`, `age.secrets`.
    pub(crate) option: &'static str,
    /// The attribute.
    pub(crate) attribute: String,
}

/// What a place has to do with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Its name where it is declared.
    Declaration,
    /// Its key in the encrypted file, or the file's beginning where the whole file is the secret.
    Key,
    /// Something that reads it or names its path.
    Use,
}

/// A place that has to do with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) at: Span,
    pub(crate) role: Role,
    pub(crate) name: Name,
}

/// A place where an MCP server is mentioned, as indices into the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerPlace {
    pub(crate) at: Span,
    pub(crate) host: usize,
    pub(crate) mcp: usize,
    pub(crate) server: usize,
}

/// All places of a project.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Sorted by file and start, outer before inner.
    occurrences: Vec<Occurrence>,
    /// For each name its secrets: (host, secret).
    secrets: BTreeMap<Name, Vec<(usize, usize)>>,
    servers: Vec<ServerPlace>,
}

impl Index {
    /// Looks through the inventory and the trees of the Nix files.
    pub(crate) fn new(built: &Built) -> Self {
        let mut index = Self::default();
        let mut paths: BTreeMap<&str, Vec<Name>> = BTreeMap::new();
        for (host_index, host) in built.inventory.hosts.iter().enumerate() {
            for (secret_index, secret) in host.secrets.iter().enumerate() {
                let name = name_of(secret);
                for at in &secret.declared_at {
                    index.add(*at, Role::Declaration, &name);
                }
                if let Some(path) = secret.path.known() {
                    paths.entry(path).or_default().push(name.clone());
                }
                let of_name = index.secrets.entry(name).or_default();
                of_name.push((host_index, secret_index));
            }
            for reader in &host.readers {
                let secret = reader.secret.and_then(|secret| host.secrets.get(secret));
                if let Some((at, secret)) = reader.at.zip(secret) {
                    index.add(at, Role::Use, &name_of(secret));
                }
            }
            for (mcp_index, mcp) in host.mcp.iter().enumerate() {
                let places = mcp.servers.iter().enumerate();
                index.servers.extend(places.filter_map(|(server, entry)| {
                    Some(ServerPlace {
                        at: entry.at?,
                        host: host_index,
                        mcp: mcp_index,
                        server,
                    })
                }));
            }
        }
        for file in &built.inventory.files {
            index.keys(built, file);
        }
        for file in built.project.parsed_files() {
            index.uses(&file.hir, file.id, &paths);
        }
        index.order();
        index
    }

    fn add(&mut self, at: Span, role: Role, name: &Name) {
        self.occurrences.push(Occurrence {
            at,
            role,
            name: name.clone(),
        });
    }

    /// The keys of an encrypted file.
    fn keys(&mut self, built: &Built, file: &SecretFile) {
        let Some(id) = file.id else { return };
        for (host, secret) in &file.used_by {
            let host = built.inventory.hosts.get(*host);
            let Some(secret) = host.and_then(|host| host.secrets.get(*secret)) else {
                continue;
            };
            let key = key_in(file, secret).map(|key| key.key_span);
            let (start, end) = key.map_or((0, 0), |span| (span.start, span.end));
            let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else {
                continue;
            };
            let at = TextSpan::new(start, end).in_file(id);
            self.add(at, Role::Key, &name_of(secret));
        }
    }

    /// `config.sops.secrets.x.path`, and paths that are written out.
    fn uses(&mut self, file: &File, id: FileId, paths: &BTreeMap<&str, Vec<Name>>) {
        for selection in &file.selections {
            let Some(Selected {
                option,
                attribute: Some((attribute, _)),
                at,
            }) = selected(file, selection.path)
            else {
                continue;
            };
            let name = Name { option, attribute };
            if self.secrets.contains_key(&name) {
                self.add(at.in_file(id), Role::Use, &name);
            }
        }
        for (expr, span) in file.exprs.iter().zip(&file.spans) {
            let (Expr::String(text) | Expr::Path(text)) = expr else {
                continue;
            };
            let text = file.strings.get(text.0 as usize);
            for name in text.and_then(|text| paths.get(text)).into_iter().flatten() {
                self.add(span.in_file(id), Role::Use, name);
            }
        }
    }

    /// Sorts, and leaves out what only surrounds another place of the same secret.
    fn order(&mut self) {
        let key = |found: &Occurrence| {
            let Span { file, start, end } = found.at;
            (file, start, Reverse(end), found.role, found.name.clone())
        };
        self.occurrences.sort_by_key(key);
        self.occurrences.dedup();
        let mut kept: Vec<Occurrence> = Vec::with_capacity(self.occurrences.len());
        // From the back, what was kept last is the next one inside.
        for found in std::mem::take(&mut self.occurrences).into_iter().rev() {
            let surrounds = |inner: &Occurrence| {
                inner.name == found.name
                    && inner.at.file == found.at.file
                    && inner.at.start >= found.at.start
                    && inner.at.end <= found.at.end
            };
            let is_more = found.role == Role::Declaration || found.role == Role::Key;
            if is_more || !kept.last().is_some_and(surrounds) {
                kept.push(found);
            }
        }
        kept.reverse();
        self.occurrences = kept;
        self.servers.sort_unstable();
        self.servers.dedup_by_key(|server| server.at);
    }

    /// The innermost place at a byte of a file.
    pub(crate) fn at(&self, file: FileId, offset: usize) -> Option<&Occurrence> {
        let holds = |found: &&Occurrence| holds(found.at, file, offset);
        let found = self.occurrences.iter().filter(holds);
        found.min_by_key(|found| found.at.end - found.at.start)
    }

    /// The MCP server at a byte of a file.
    pub(crate) fn server_at(&self, file: FileId, offset: usize) -> Option<ServerPlace> {
        let mut servers = self.servers.iter().copied();
        servers.find(|server| holds(server.at, file, offset))
    }

    /// The places of a secret, by file and start.
    pub(crate) fn of<'i>(&'i self, name: &'i Name) -> impl Iterator<Item = &'i Occurrence> {
        self.occurrences
            .iter()
            .filter(move |found| found.name == *name)
    }

    /// The secrets of a name: (host, secret).
    pub(crate) fn secrets(&self, name: &Name) -> &[(usize, usize)] {
        self.secrets.get(name).map_or(&[], Vec::as_slice)
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.secrets.keys()
    }
}

fn holds(at: Span, file: FileId, offset: usize) -> bool {
    at.file == file && at.start as usize <= offset && offset <= at.end as usize
}

/// The name of a secret.
fn name_of(secret: &Secret) -> Name {
    Name {
        option: secret.declaring_option(),
        attribute: secret.attribute.clone(),
    }
}

/// What stands at the key of a secret; nothing where the whole file is the secret.
fn key_in<'f>(file: &'f SecretFile, secret: &Secret) -> Option<&'f KeyFacts> {
    let declared = secret.format.known()?.as_deref()?;
    let format = SopsFormat::from_option(declared)?;
    let key = secret.key.known()?.as_deref()?;
    match file.facts.as_ref()?.lookup(format, key) {
        Lookup::Found(key)
        | Lookup::NotAString(key)
        | Lookup::NestedInJson(key)
        | Lookup::Unreachable(key)
        | Lookup::NotAMapping { key, .. } => Some(key),
        Lookup::WholeFile | Lookup::Missing { .. } | Lookup::Undetermined => None,
    }
}

/// What a selection takes of an option that declares secrets.
pub(crate) struct Selected {
    pub(crate) option: &'static str,
    /// The attribute and its name's place; `None` if that is the option as a whole, or a name that is computed.
    pub(crate) attribute: Option<(String, TextSpan)>,
    /// From the option on.
    pub(crate) at: TextSpan,
}

/// What a path of attributes selects of the secrets; `None` if it leads elsewhere.
pub(crate) fn selected(file: &File, path: Run) -> Option<Selected> {
    let path = file.attr_names.get(path.range())?;
    let name = |name: &AttrName| match name {
        AttrName::Static(NameId(id)) => file.names.get(*id as usize),
        AttrName::Dynamic(_) => None,
    };
    let sets = || MANAGERS.iter().flat_map(|it| it.naming_options());
    for start in 0..path.len() {
        let rest = path.get(start..)?;
        let (_, at) = rest.first()?;
        for (set, option) in sets() {
            let mut parts = set.split('.');
            let mut names = rest.iter().map(|(part, _)| name(part));
            if !parts.all(|part| names.next() == Some(Some(part))) {
                continue;
            }
            let named = rest.get(set.split('.').count());
            let attribute = named.and_then(|(part, at)| Some((name(part)?.to_owned(), *at)));
            let end = rest.last()?.1.end;
            return Some(Selected {
                option,
                attribute,
                at: TextSpan::new(at.start, end),
            });
        }
    }
    None
}
