//! Secrets that the configuration puts at a place of somebody's own: below a home directory, in the directory
//! of a service. Whoever has the place opens them.

use crate::host_view::HostView;
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use crate::search::managed_paths::managed_directory;
use inventory::model::{ContentUse, Moment, Readable, ReaderOrigin, Scope, Secret};

/// Adds the readers by place of secrets of which nothing else decides who reads them.
pub(crate) fn places(view: &HostView<'_>, found: &mut ExtractedReaders) {
    let mut decided = vec![false; view.secrets.len()];
    for reader in &found.readers {
        let of = reader.secret.and_then(|index| decided.get_mut(index));
        let is_decided = reader.user.value.is_ok() || reader.verdict.readable != Readable::Unknown;
        if let Some(known) = of.filter(|_| is_decided) {
            *known = true;
        }
    }
    for (secret, _) in { view.own_secrets().iter().zip(decided) }.filter(|(_, decided)| !decided) {
        if let Some(access) = access(view, secret) {
            found.readers.push(access.reader(view));
        }
    }
}

fn access(view: &HostView<'_>, secret: &Secret) -> Option<FileAccess> {
    let path = secret.path.known().filter(|_| secret.path.is_defined())?;
    if managed_directory(path).is_some() {
        return None;
    }
    let process = match &secret.scope {
        Scope::User(user) => view.process_of(user),
        Scope::System => {
            let owner = secret.effective_owner.known();
            view.process_of_place(path, owner.and_then(|owner| owner.name.as_deref()))?
        }
    };
    let names = secret.declaring_option_path().split('.');
    Some(FileAccess {
        path: secret.path.clone(),
        process,
        via: option_via(names.chain([secret.attribute.as_str(), "path"])),
        content: ContentUse::Value,
        moment: Moment::Session,
        at: secret.path.at,
        makes: false,
        may_fail: Some(Excuse::ByPlace),
        certain: false,
        from: ReaderOrigin::Mechanism,
    })
}
