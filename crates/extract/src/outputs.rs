//! What of a project's outputs is not known or not evaluated.

use nix_eval::Evaluator;
use nix_eval::flake::{OutputState, UnknownOutput};

use crate::values::{is_users, unknown};
use crate::{BuildOptions, Discovery};
use inventory::model::{Gap, GapKind, Unknown};

/// The gaps of a project's outputs; none if only some hosts were asked for and all outputs are known.
pub(crate) fn gaps(
    evaluator: &mut Evaluator,
    discovery: &Discovery,
    options: &BuildOptions,
) -> Vec<Gap> {
    let mut found: Vec<(String, UnknownOutput)> = Vec::new();
    let of_flake = |output| ("the outputs of the flake".to_owned(), output);
    if let Some(directory) = &discovery.flake {
        match evaluator.unknown_outputs(directory) {
            Ok(unknown) => found.extend(unknown.into_iter().map(of_flake)),
            Err(why) => {
                let (output, at) = (None, None);
                let state = OutputState::Unknown(why);
                found.push(of_flake(UnknownOutput { output, state, at }));
            }
        }
    }
    for file in &discovery.modules {
        let name = file.file_name().unwrap_or_default();
        if name == "default.nix" || name == "hive.nix" {
            let whole = evaluator.sources.workspace().display(file);
            let unknown = evaluator.unknown_outputs_of_file(file).into_iter();
            found.extend(unknown.map(|output| (whole.clone(), output)));
        }
    }
    let mut gaps: Vec<Gap> = { found.into_iter() }
        .filter(|(_, output)| is_asked_for(output, options))
        .map(|(whole, output)| gap(evaluator, whole, output))
        .collect();
    gaps.sort();
    gaps
}

/// Whether an output matters to the hosts that were asked for: that there may be others does not.
fn is_asked_for(output: &UnknownOutput, options: &BuildOptions) -> bool {
    options.hosts.is_empty() || matches!(output.state, OutputState::Unknown(_))
}

/// `whole` is the subject of what is not known of all outputs.
fn gap(evaluator: &Evaluator, whole: String, output: UnknownOutput) -> Gap {
    let (kind, mut why) = match output.state {
        OutputState::Unknown(why) => (GapKind::Configurations, unknown(evaluator, why)),
        OutputState::Open(why) => (GapKind::MoreConfigurations, unknown(evaluator, why)),
        OutputState::NotEvaluated => {
            let reason = "mcp-lint evaluates NixOS, nix-darwin, Home Manager and system-manager";
            (GapKind::NotEvaluated, Unknown::because(reason))
        }
    };
    why.at = why.at.or_else(|| output.at.filter(|at| is_users(*at)));
    let kind = if why.reason.is_limit() {
        GapKind::Limit
    } else {
        kind
    };
    let subject = output.output.unwrap_or(whole);
    Gap::new(kind, subject, why)
}
