//! `secret-not-mounted-into-container`: a container is told of a file that only the host has.

use inventory::{Form, OciContainer, Reference};

use crate::context::is_below;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-not-mounted-into-container",
    group: Group::Handling,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a container is told the path of a secret that is not mounted into it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for container in &cx.host.settings.oci_containers {
        let Some(brings) = &container.brings else {
            continue;
        };
        for reference in cx.paths().filter(|reference| is_told(container, reference)) {
            if !brings.iter().any(|text| mounts(text, &reference.text)) {
                out.push(diagnostic(cx, container, reference));
            }
        }
    }
}

/// Whether the container gets the path in its environment or in its command.
fn is_told(container: &OciContainer, reference: &Reference) -> bool {
    let containers = ["virtualisation", "oci-containers", "containers"];
    let is_of = reference.is_in(&containers) && reference.option.get(3) == Some(&container.name);
    let option = reference.option.get(4).map(String::as_str);
    let names_a_file = match (option, reference.option.get(5)) {
        (Some("environment"), Some(name)) => {
            let lower = name.to_ascii_lowercase();
            ["file", "path", "file_name"]
                .iter()
                .any(|end| lower.ends_with(end))
        }
        (Some("cmd"), _) => true,
        _ => false,
    };
    let is_whole = reference.form == Form::Whole && reference.function.is_none();
    is_of && names_a_file && is_whole
}

/// Whether a volume or option may bring a file to that path in the container.
fn mounts(text: &str, path: &str) -> bool {
    // `HOST:CONTAINER:OPTIONS`, `--volume=HOST:CONTAINER`, `--mount=type=bind,src=…,dst=…`.
    let mut places = text.split([':', '=', ',', ' ']);
    let is_other = |text: &str| {
        text.contains("--root") || text.contains("--secret") || text.contains("volumes-from")
    };
    is_other(text)
        || places.any(|place| {
            let place = place.trim_end_matches('/');
            place.starts_with('/') && (place == path || is_below(path, place))
        })
}

fn diagnostic(cx: &HostContext<'_>, container: &OciContainer, reference: &Reference) -> Diagnostic {
    let name = &container.name;
    let path = &reference.text;
    let option = reference.option_path();
    let message = format!("container `{name}` is told of {path}, which is not mounted into it");
    Diagnostic::new(&LINT, option, message)
        .primary(reference.at, "a path of the host")
        .secondary(cx.declaration_of(reference), "declared here")
        .about(cx.subject_of(reference))
        .note("a container has a file system of its own: inside there is no such file")
        .help(
            "mount the file",
            format!("virtualisation.oci-containers.containers.{name}.volumes = [ \"{path}:{path}:ro\" ];"),
        )
}
