//! Whether it is known who reads a secret.

use inventory::model::{
    Answer, Host, Manager, Readable, Reference, ReferenceKind, Scope, Secret, SecretKind,
};

/// Notes the templates that contain each secret.
pub(super) fn templates(host: &mut Host) {
    for reference in &host.references {
        let Some(index) = reference.secret else {
            continue;
        };
        if reference.what != ReferenceKind::Placeholder {
            continue;
        }
        let of = |secret: &&Secret| secret.kind == SecretKind::Secret;
        let Some(manager) = host.secrets.get(index).filter(of).map(|it| it.manager) else {
            continue;
        };
        let Some(template) = template_of(host, manager, reference) else {
            continue;
        };
        if let Some(secret) = host.secrets.get_mut(index)
            && !secret.exposure.templates.contains(&template)
        {
            secret.exposure.templates.push(template);
        }
    }
    for secret in &mut host.secrets {
        secret.exposure.templates.sort_unstable();
    }
}

/// The template in whose text a placeholder is: `sops.templates.<name>.content`.
fn template_of(host: &Host, manager: &Manager, reference: &Reference) -> Option<usize> {
    let option = manager.templates.as_ref()?.option;
    let parents: Vec<&str> = option.split('.').collect();
    if !reference.is_in(&parents) {
        return None;
    }
    let name = reference.option.get(parents.len())?;
    let scope = match &reference.user {
        Some(user) => Scope::User(user.clone()),
        None => Scope::System,
    };
    host.secrets.iter().position(|secret| {
        secret.kind == SecretKind::Template
            && secret.manager == manager
            && secret.scope == scope
            && secret.attribute == *name
    })
}

/// Notes for each secret whether one of its readers, or of those of its templates, is decided.
pub(super) fn answers(host: &mut Host) {
    let mut own = vec![Answer::NotFound; host.secrets.len()];
    for reader in &host.readers {
        let answer = match reader.verdict.readable {
            Readable::Yes | Readable::No => Answer::Decided,
            Readable::Unknown => Answer::Undecided,
        };
        if let Some(known) = reader.secret.and_then(|index| own.get_mut(index)) {
            *known = (*known).min(answer);
        }
    }
    for (index, secret) in host.secrets.iter_mut().enumerate() {
        let all = secret.exposure.templates.iter().chain([&index]);
        let answers = all.filter_map(|index| own.get(*index));
        secret.exposure.answer = answers.min().copied().unwrap_or_default();
    }
}
