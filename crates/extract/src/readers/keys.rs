//! Keys of the managers that are secrets themselves: whoever installs secrets with one opens it.

use crate::host_view::{HostView, Process};
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use inventory::model::{ContentUse, KeySource, Moment, ReaderOrigin, Scope};

/// Adds who opens the keys among the secrets: root at activation, a user's own service for its secrets.
pub(crate) fn keys(view: &HostView<'_>, sources: &[KeySource], found: &mut ExtractedReaders) {
    for source in sources {
        let path = source.path.known();
        if path.is_none_or(|path| view.secret_at(path, None).is_none()) {
            continue;
        }
        let (process, moment) = match &source.scope {
            Scope::System => (Process::root(), Moment::Activation),
            Scope::User(user) => (view.process_of(user), Moment::UserService),
        };
        let access = FileAccess {
            path: source.path.clone(),
            process,
            via: option_via(source.option.option.split('.')),
            content: ContentUse::Value,
            moment,
            at: source.path.at,
            // Another key may do.
            makes: false,
            may_fail: Some(Excuse::ByPlace),
            certain: true,
            from: ReaderOrigin::Mechanism,
        };
        found.readers.push(access.reader(view));
    }
}
