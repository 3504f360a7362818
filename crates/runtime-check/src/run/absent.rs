//! A secret that was not reached.

use crate::checks::Check;
use crate::escape::Escaped;
use crate::expect::Secret;
use crate::judge::{Details, JudgeContext, shown};
use crate::observe::file::Observation;
use crate::observe::walk::Reason;
use crate::units::UnitState;

/// Reports a secret that was not reached. Gives the reason for the servers that need it.
pub(super) fn absent(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    observation: &Observation,
    reason: &Reason,
    unit: Option<(String, UnitState)>,
) -> Option<String> {
    let path = &secret.path;
    let details = |help| Details {
        secret: Some(&secret.name),
        help,
        ..Details::default()
    };
    let Err(stop) = &observation.end else {
        return None;
    };
    let at = &stop.at.0;
    let directory = path.parent().map(shown).unwrap_or_default();
    let name = path.file_name().map(|name| Escaped::name(name).to_string());
    let needs = format!("needs {} at {directory}", name.unwrap_or_default());
    match reason {
        Reason::Missing => {
            let in_directory = at.file_name() != path.file_name();
            let link = observation.links.last();
            let detail = match (&unit, link) {
                (Some((unit, UnitState::NotYet | UnitState::Running)), _) => {
                    format!("not there yet: {unit} has not run")
                }
                (Some((unit, UnitState::Failed)), _) => {
                    format!("not there: {unit} failed (journalctl -u {unit})")
                }
                (_, Some(link)) => format!(
                    "the link {} leads to {}, which does not exist",
                    shown(&link.path.0),
                    shown(at)
                ),
                _ if in_directory => format!("{} does not exist", shown(at)),
                _ => "not there".to_owned(),
            };
            let not_yet = matches!(unit, Some((_, UnitState::NotYet | UnitState::Running)));
            let check = match (not_yet, link) {
                (true, _) => Check::NotInstalledYet,
                (false, Some(_)) => Check::DanglingLink,
                (false, None) => Check::SecretMissing,
            };
            if !secret.discovered || link.is_some() {
                context.add(
                    check,
                    path,
                    format!("{}: {detail}", shown(path)),
                    details(None),
                );
            }
            Some(format!("{needs}: {detail}"))
        }
        // As somebody else than root: whether the reader gets in is the reader's verdict.
        Reason::Denied => None,
        // What is there is not known, which is reported as such.
        Reason::Failed(_) | Reason::NoAnswer => None,
        Reason::NotADirectory | Reason::TooManyLinks | Reason::Impossible(_) => {
            let what = match reason {
                Reason::TooManyLinks => format!("{} is in a loop of links", shown(at)),
                Reason::NotADirectory => format!("{} is not a directory", shown(at)),
                Reason::Impossible(error) => format!("{} fails with {error}", shown(at)),
                Reason::Missing | Reason::Denied | Reason::Failed(_) | Reason::NoAnswer => {
                    return None;
                }
            };
            let message = format!("{} cannot be reached: {what}", shown(path));
            context.add(Check::PathBroken, path, message, details(None));
            Some(format!("{needs}: {what}"))
        }
    }
}
