//! The entries of a server: one for each secret that it reads, and one for each variable that it needs.

use nix_eval::Evaluator;
use nix_syntax::source::Span;

use super::clients::clients_of;
use crate::host_view::HostView;
use crate::values::Options;
use inventory::mcp_modules::{FileSet, McpKind, McpModule, Place, Syntax, WhenMissing};
use inventory::model::{
    ContentUse, Fact, Fault, McpServer, McpStatus, OptionPath, Readable, Reader, ServerValue,
    Unknown, ValueKind, Via,
};

/// A server and where it is declared.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerAt<'a> {
    /// The module that declares it.
    pub(super) module: &'static McpModule,
    /// The rows whose clients start it.
    pub(super) rows: &'a [&'static McpModule],
    /// Its entry if it needs no secret.
    pub(super) blank: &'a McpServer,
    /// The option that holds the configuration.
    pub(super) above: &'a OptionPath,
    /// The names below it that lead to the server.
    pub(super) names: &'a [String],
}

impl ServerAt<'_> {
    /// Its entries, as [`Self::entries`]; the blank one if it needs no secret.
    pub(super) fn entries_or_blank(
        self,
        view: &HostView<'_>,
        readers: &mut Vec<Reader>,
        values: &[ServerValue],
    ) -> Vec<McpServer> {
        let mut entries = self.entries(view, readers, values);
        if entries.is_empty() {
            entries.push(self.blank.clone());
        }
        entries
    }

    /// Its entries: by the readers that are known already, and by its values. None if it needs no secret. Of the
    /// readers, those are forgotten then that read nothing.
    pub(super) fn entries(
        self,
        view: &HostView<'_>,
        readers: &mut Vec<Reader>,
        values: &[ServerValue],
    ) -> Vec<McpServer> {
        let said: Vec<McpServer> = { values.iter() }
            .filter_map(|value| self.of_value(view, value))
            .collect();
        // The client gets the path itself.
        let is_broken = |reader: &Reader| {
            let mut broken = said.iter().filter_map(|entry| entry.broken_by.as_ref());
            broken.any(|value| {
                let is_reference = matches!(value.what, ValueKind::Reference { .. });
                !is_reference && reads(reader, self.above, &value.option)
            })
        };
        let reading = readers.iter();
        let reading: Vec<&Reader> = reading
            .filter(|reader| reads(reader, self.above, self.names) && !is_broken(reader))
            .collect();
        let mut entries = self.of_readers(view, &reading, values);
        for entry in said {
            let path = entry.path.known().and_then(Option::as_deref);
            let is_known = path.is_some_and(|path| {
                let mut known = entries.iter();
                known.any(|known| known.path.known().and_then(Option::as_deref) == Some(path))
            });
            if !is_known {
                entries.push(entry);
            }
        }
        forget_unread(readers, self, values);
        entries
    }

    /// An entry for each file that a server reads by what is written in its definition, at the option with these names.
    fn of_readers(
        self,
        view: &HostView<'_>,
        reading: &[&Reader],
        values: &[ServerValue],
    ) -> Vec<McpServer> {
        let Self {
            module,
            rows,
            blank,
            above,
            names,
        } = self;
        let mut entries: Vec<McpServer> = Vec::new();
        for reader in reading {
            // A reference is read by the clients that know it.
            let reference = values.iter().find_map(|value| match &value.what {
                ValueKind::Reference { syntax, .. } if reads(reader, above, &value.option) => {
                    Some((*syntax, value.place))
                }
                _ => None,
            });
            let knowing: Vec<&'static McpModule> = { rows.iter().copied() }
                .filter(|row| {
                    reference.is_none_or(|(syntax, place)| !row.expansion.leaves(syntax, place))
                })
                .collect();
            if reference.is_some() && knowing.is_empty() {
                continue;
            }
            let path = reader.path.known().cloned();
            if path.is_none()
                || entries
                    .iter()
                    .any(|known| known.path.known() == Some(&path))
            {
                continue;
            }
            let place = below(reader, above, names).and_then(|below| module.place(below));
            let place = place.map(|(place, _)| place);
            let of_reader = |value: &&ServerValue| {
                reads(reader, above, &value.option) && value.secret() == reader.secret
            };
            let read_by: Vec<&ServerValue> = values.iter().filter(of_reader).collect();
            // The file of a path that stands under no name of a file may be opened, or not.
            let may_be_opened = reader.secret.is_some()
                && !read_by.is_empty()
                && read_by.iter().all(|value| value.may_be_a_file());
            let in_shell = read_by.iter().find_map(|value| match value.what {
                ValueKind::InShell { is_argument, .. } => Some(is_argument),
                _ => None,
            });
            let place = match in_shell {
                Some(false) => Some(Place::Command),
                _ => place,
            };
            let by_wrapper = matches!(place, Some(Place::EnvironmentFile | Place::PasswordCommand));
            let is_of_module = match module.kind {
                McpKind::McpHomeManager | McpKind::Shared => false,
                McpKind::McpServersNix => by_wrapper,
                // A wrapper of the user's own does what it does.
                McpKind::Client | McpKind::Shell | McpKind::File => {
                    !matches!(place, Some(Place::Command))
                }
                McpKind::Service => true,
            };
            // A script of the server's makes it an argument of what it starts.
            let is_argument = in_shell == Some(true) || reader.content == ContentUse::Argument;
            entries.push(McpServer {
                secret: Fact::default_value(path.as_deref().and_then(file_name)),
                why: match (reader.secret, path.as_deref()) {
                    (Some(_), _) if may_be_opened => Some(
                        "it gets the path as an argument, and may open the file or not".to_owned(),
                    ),
                    (Some(_), _) => Some(reader.verdict.reason.clone()),
                    (None, path) => path.and_then(|path| super::by_the_system(view, path)),
                },
                place: if is_argument {
                    Some(Place::Argument)
                } else {
                    place
                },
                clients: if knowing.len() < rows.len() {
                    clients_of(&knowing)
                } else {
                    Vec::new()
                },
                secret_is_default: false,
                path: Fact::default_value(path),
                at: reader.at.or(blank.at),
                status: match status_of(view, reader) {
                    McpStatus::Available if may_be_opened => McpStatus::Unknown,
                    status => status,
                },
                provided_by: reader.secret,
                gets_content: reference.is_some() || is_argument,
                when_missing: Some(if is_of_module {
                    module.when_missing
                } else {
                    WhenMissing::Depends
                }),
                ..blank.clone()
            });
        }
        entries
    }

    /// What a value says of its server, beyond what is read.
    fn of_value(self, view: &HostView<'_>, value: &ServerValue) -> Option<McpServer> {
        let Self {
            module,
            rows,
            blank,
            ..
        } = self;
        let entry = |status: McpStatus, variable: Option<&str>| McpServer {
            secret: Fact::default_value(None),
            status,
            variable: variable.map(str::to_owned),
            place: Some(value.place),
            at: value.at.or(blank.at),
            gets_content: status != McpStatus::Broken,
            when_missing: Some(module.when_missing),
            broken_by: (status == McpStatus::Broken).then(|| value.clone()),
            ..blank.clone()
        };
        // A file that no reader has been found for: no declared secret lands there.
        let file = |path: &str| {
            let is_plain = path.starts_with('/') && !path.contains(['$', '…', '*']);
            let status = if super::is_managed(view, path) {
                McpStatus::Missing
            } else {
                McpStatus::Unknown
            };
            is_plain.then(|| McpServer {
                secret: Fact::default_value(file_name(path)),
                path: Fact::default_value(Some(path.to_owned())),
                why: super::by_the_system(view, path),
                when_missing: Some(match module.kind {
                    McpKind::McpHomeManager | McpKind::Shared => WhenMissing::Depends,
                    _ => module.when_missing,
                }),
                ..entry(status, None)
            })
        };
        if let Some(fault) = value.fault(module, rows) {
            let (variable, clients) = match (&fault, &value.what) {
                (Fault::NotExpanded(leaving), ValueKind::Reference { syntax, to, .. }) => {
                    let variable = syntax.is_of_variables().then_some(to.as_str());
                    (variable, clients_of(leaving))
                }
                _ => (None, Vec::new()),
            };
            return Some(McpServer {
                clients,
                ..entry(McpStatus::Broken, variable)
            });
        }
        match &value.what {
            ValueKind::Reference { syntax, to, .. }
                if syntax.is_of_variables()
                    && secret_files::is_credential_name(to)
                    && *syntax != Syntax::Input =>
            {
                let unknown =
                    Unknown::because(format!("{to} is a variable of the client's environment"));
                Some(McpServer {
                    path: Fact::unknown(unknown),
                    ..entry(McpStatus::Unknown, Some(to))
                })
            }
            ValueKind::Reference {
                syntax,
                to,
                secret: None,
            } if rows.iter().any(|row| row.expansion.knows.contains(syntax)) => {
                let path = match syntax {
                    Syntax::File | Syntax::BracedFile => to.as_str(),
                    Syntax::Command | Syntax::Backquotes | Syntax::Bang => {
                        let file = to.strip_prefix("cat ").or_else(|| to.strip_prefix('<'))?;
                        file.trim().trim_matches(['\'', '"'])
                    }
                    _ => return None,
                };
                file(path)
            }
            ValueKind::FileSet {
                path: Some(path), ..
            } if module.files == FileSet::Wrapped
                && module.kind == McpKind::Client
                && value.place == Place::Variable =>
            {
                file(path)
            }
            ValueKind::OpensFile { path } => file(path),
            ValueKind::ShellVariable { name } if secret_files::is_credential_name(name) => {
                let unknown =
                    Unknown::because(format!("{name} is a variable of the client's environment"));
                Some(McpServer {
                    path: Fact::unknown(unknown),
                    place: Some(Place::Command),
                    ..entry(McpStatus::Unknown, Some(name))
                })
            }
            ValueKind::Unknown { why } => Some(McpServer {
                secret: Fact::unknown(why.clone()),
                path: Fact::unknown(why.clone()),
                ..entry(McpStatus::Unknown, None)
            }),
            _ => None,
        }
    }
}

/// Forgets readers that read nothing: who gets the text hands it over as it is.
fn forget_unread(readers: &mut Vec<Reader>, server: ServerAt<'_>, values: &[ServerValue]) {
    let ServerAt {
        module,
        rows,
        above,
        ..
    } = server;
    let is_unread = |value: &ServerValue| match &value.what {
        ValueKind::Reference {
            syntax,
            secret: Some(_),
            ..
        } => {
            !rows.is_empty() && { rows.iter() }
                .all(|row| row.expansion.leaves(*syntax, value.place))
        }
        // What follows it is opened.
        ValueKind::RunsSecret { .. } => false,
        _ => match value.fault(module, rows) {
            Some(Fault::NoContent | Fault::SetForText | Fault::NoFile) => true,
            Some(Fault::NotExpanded(leaving)) => leaving.len() == rows.len(),
            _ => false,
        },
    };
    if !values.iter().any(is_unread) {
        return;
    }
    readers.retain(|reader| {
        let mut of_reader = { values.iter() }
            .filter(|value| reads(reader, above, &value.option) && value.secret() == reader.secret)
            .peekable();
        of_reader.peek().is_none() || !of_reader.all(is_unread)
    });
}

/// Whether a reader is part of the server at these names.
fn reads(reader: &Reader, above: &OptionPath, names: &[String]) -> bool {
    below(reader, above, names).is_some()
}

/// The names below a server that lead to what reads; `None` if that is no part of the server.
fn below<'r>(reader: &'r Reader, above: &OptionPath, names: &[String]) -> Option<&'r [String]> {
    let Via::Option { path, .. } = &reader.via else {
        return None;
    };
    let below = path.names().strip_prefix(above.names())?;
    below.strip_prefix(names)
}

/// An entry of a server that needs no secret.
pub(super) fn blank(name: String, at: Option<Span>) -> McpServer {
    McpServer {
        name,
        enabled: Fact::default_value(true),
        secret: Fact::default_value(None),
        secret_is_default: true,
        path: Fact::default_value(None),
        ignores_secrets_path: true,
        at,
        status: McpStatus::NoSecret,
        provided_by: None,
        is_off_by_default: false,
        place: None,
        variable: None,
        when_missing: None,
        clients: Vec::new(),
        broken_by: None,
        why: None,
        gets_content: false,
    }
}

/// Decides a variable that the user's session sets to the path of a secret: the server gets the path.
pub(super) fn from_session(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    (user, config): (&str, Options),
    entries: &mut [McpServer],
) {
    for entry in entries {
        let (McpStatus::Unknown, Some(variable)) = (entry.status, entry.variable.clone()) else {
            continue;
        };
        let Ok(variables) = config.path(evaluator, &["home", "sessionVariables"]) else {
            return;
        };
        let value = variables.text(evaluator, &variable);
        let secret = { value.known() }.and_then(|path| view.secret_at(path, Some(user)));
        let Some(secret) = secret else {
            continue;
        };
        let broken = ServerValue {
            server: entry.name.clone(),
            option: ["home", "sessionVariables", &variable]
                .map(str::to_owned)
                .to_vec(),
            place: Place::Variable,
            key: variable,
            what: ValueKind::SecretPath {
                secret,
                is_whole: true,
            },
            at: value.at,
        };
        if broken.is_taken_for_the_value() {
            entry.status = McpStatus::Broken;
            entry.path = Fact::default_value(None);
            entry.variable = None;
            entry.gets_content = false;
            entry.broken_by = Some(broken);
        }
    }
}

/// Decides a variable that a service gets from a credential or an environment file of its own.
pub(super) fn from_service(
    view: &HostView<'_>,
    module: &McpModule,
    readers: &[Reader],
    entry: &mut McpServer,
) {
    let (McpStatus::Unknown, Some(variable)) = (entry.status, entry.variable.as_deref()) else {
        return;
    };
    let [root, service, ..] = module.option else {
        return;
    };
    // `credentials.NAME`, or a list of files of many variables.
    let below = |reader: &Reader| match &reader.via {
        Via::Option { path, .. } => match path.names() {
            [first, second, below @ ..] if first == root && second == service => below.to_vec(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let is_credential = |reader: &&Reader| matches!(below(reader).as_slice(), [option, name, ..] if option == "credentials" && name == variable);
    let is_file = |reader: &&Reader| {
        matches!(
            below(reader).first().map(String::as_str),
            Some("environmentFile" | "environmentFiles" | "credentialsFile")
        )
    };
    let credential = readers.iter().find(is_credential);
    let files = || readers.iter().filter(is_file);
    let failing = files().find(|reader| {
        let status = status_of(view, reader);
        matches!(status, McpStatus::Missing | McpStatus::Unreadable)
    });
    let Some(reader) = credential.or(failing).or_else(|| files().next()) else {
        return;
    };
    let status = status_of(view, reader);
    let is_decided = credential.is_some() || failing.is_some();
    let path = reader.path.known().cloned();
    entry.secret = Fact::default_value(path.as_deref().and_then(file_name));
    entry.path = reader.path.clone().map(Some);
    entry.provided_by = reader.secret;
    entry.why = Some(if is_decided {
        reader.verdict.reason.clone()
    } else {
        format!("{variable} may be in it")
    });
    if is_decided {
        entry.status = status;
        entry.variable = None;
    }
}

/// The last name of a path.
fn file_name(path: &str) -> Option<String> {
    path.rsplit_once('/').map(|(_, name)| name.to_owned())
}

/// What a reader's verdict says of its server.
pub(super) fn status_of(view: &HostView<'_>, reader: &Reader) -> McpStatus {
    match (reader.secret, reader.verdict.readable) {
        (Some(_), Readable::Yes) => McpStatus::Available,
        (Some(_), Readable::No) => McpStatus::Unreadable,
        (None, _) if { reader.path.known() }.is_some_and(|path| super::is_managed(view, path)) => {
            McpStatus::Missing
        }
        _ => McpStatus::Unknown,
    }
}
