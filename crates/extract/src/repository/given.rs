//! Which values of evaluated options are credentials, and what is found of them beside what is written out.

use nix_eval::Workspace;
use secret_files::{Confidence, basic_password, is_credential_name};

use crate::repository::credential_text::{
    assignment, confidence_of, is_credential, without_scheme,
};
use crate::repository::credentials::is_rendered;
use crate::repository::literal_options::{self, Literal};
use crate::repository::scope::{Scope, is_of_a_try};
use crate::values::file_path;
use inventory::model::{Credential, CredentialKind, FileEvaluated, GivenFrom, Host, Repository};

/// The credential that a text is that is given to the option at this path of attributes; `None` if it is none.
pub(crate) fn judge(path: &[&str], text: &str) -> Option<Literal> {
    if path.last() == Some(&"Environment") {
        let (name, value) = assignment(text)?;
        return named(name, value);
    }
    match path {
        [.., name] if is_rendered(path) => named(name, text),
        _ => literal_options::find(path, text),
    }
}

fn named(name: &str, value: &str) -> Option<Literal> {
    let secret = without_scheme(value);
    let password = basic_password(value);
    let secret = password.as_deref().unwrap_or(secret);
    let is_one = is_credential(name, secret) && !literal_options::is_public(secret);
    is_one.then(|| Literal {
        confidence: confidence_of(secret),
        length: secret.chars().count(),
    })
}

/// Whether the option at this path of attributes is given a credential, whatever the value.
pub(crate) fn takes_a_credential(path: &[&str]) -> bool {
    let is_named = path.last().is_some_and(|name| is_credential_name(name));
    literal_options::is_one(path)
        || (is_named && (is_rendered(path) || path.first() == Some(&"services")))
}

/// Adds the credentials that options of the hosts are given and that no Nix file writes out there.
pub(super) fn add(hosts: &[Host], project: &Workspace, scope: &Scope, repository: &mut Repository) {
    let sources = project.sources();
    for given in hosts.iter().flat_map(|host| &host.given) {
        let Some(source) = sources.get(given.at.file) else {
            continue;
        };
        let path = source.path();
        match &given.from {
            GivenFrom::File(file) => {
                let found = FileEvaluated {
                    path: file.clone(),
                    at: given.at,
                    filter: None,
                    option: Some(given.option.clone()),
                };
                if !scope.is_fixture(path) && !repository.files_evaluated.contains(&found) {
                    // The call in it is the same use.
                    repository.files_evaluated.retain(|known| {
                        known.path != found.path
                            || known.option.is_some()
                            || known.at.file != found.at.file
                            || known.at.start < found.at.start
                            || known.at.end > found.at.end
                    });
                    repository.files_evaluated.push(found);
                }
            }
            GivenFrom::Value { length, confidence } => {
                let name = given.option.names().last();
                let is_known = |known: &Credential| {
                    let overlaps = known.at.file == given.at.file
                        && known.at.start < given.at.end
                        && given.at.start < known.at.end;
                    // The same text at its own place: no value is kept by which to compare them.
                    overlaps
                        || match &known.kind {
                            CredentialKind::Named {
                                attribute,
                                length: of_known,
                            } => of_known == length && attribute.names().last() == name,
                            CredentialKind::Token { .. } => {
                                (known.at.end - known.at.start) as usize == *length
                            }
                        }
                };
                if repository.credentials.iter().any(is_known) {
                    continue;
                }
                let names: Vec<&str> = given.option.names().iter().map(String::as_str).collect();
                let confidence = if literal_options::is_login(&names) && is_of_a_try(project, path)
                {
                    Confidence::Low
                } else {
                    *confidence
                };
                repository.credentials.push(Credential {
                    is_fixture: scope.is_fixture(path),
                    tracked: scope.is_tracked(path),
                    path: file_path(project, path),
                    at: given.at,
                    kind: CredentialKind::Named {
                        attribute: given.option.clone(),
                        length: *length,
                    },
                    confidence,
                });
            }
        }
    }
    repository.files_evaluated.sort();
    repository
        .credentials
        .sort_by_key(|credential| credential.at);
}
