//! Which hosts the user asks for.

use crate::BuildOptions;
use crate::source::Source;
use inventory::model::Host;

/// Whether a host, or a container of it, was asked for.
pub(super) fn is_wanted(options: &BuildOptions, source: &Source) -> bool {
    let host = &source.name;
    let is_meant = |name: &String| {
        let within = |outer: &str, separator| {
            let rest = name.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
        };
        within(&host.name, "/")
            || within(&host.attribute, ".config.")
            || within(&host.attribute, "#")
    };
    options.hosts.is_empty() || options.hosts.iter().any(is_meant)
}

/// Whether a host or container is meant, by its own name or the outer host's.
pub(super) fn is_meant(options: &BuildOptions, host: &Host) -> bool {
    let is_named = |name: &String| {
        let rest = host.name.strip_prefix(name.as_str());
        let below = host.attribute.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            || below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#']))
    };
    options.hosts.is_empty() || options.hosts.iter().any(is_named)
}
