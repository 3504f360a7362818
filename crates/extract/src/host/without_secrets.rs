//! Modules that are not here and have nothing to do with secrets.

use nix_eval::Evaluator;
use nix_eval::value::UnknownId;

/// Projects whose modules declare users or options, and no secret; they name none of a user's, and no directory in
/// which secrets land, but as an example: what an option of theirs does not give them they do not read. Each was read
/// as a whole in November 2026. Their repositories, in lower case: of names that others may have as well behind
/// their owners.
const PROJECTS: &[&str] = &[
    "0xc000022070/zen-browser-flake",
    "9001/copyparty",
    "aagl-gtk-on-nix",
    "accentor/flake",
    "addg0/awsvpnclient-nix",
    "authentik-nix",
    "avengemedia/dank-greeter",
    "avengemedia/dankmaterialshell",
    "base16.nix",
    "bcnelson/cadence",
    "buildbot-nix",
    "crtified/nur-packages",
    "destinyofyeet/add_replay_gain",
    "direnv-instant",
    "feel-co/hjem",
    "feschber/lan-mouse",
    "flake-utils-plus",
    "foo-dogsquared/nix-module-wrapper-manager-fds",
    "hermes-agent",
    "hoopsnake",
    "hydra-sentinel",
    "kiriwalawren/nixflix",
    "kolide/nix-agent",
    "krebs/kartei",
    "linyinfeng/nur-packages",
    "lsfg-vk-flake",
    "luks-ssh-unlock",
    "maroka-chan/vpn-confinement",
    "mic92/gitea-mq",
    "mic92/niks3",
    "mic92/nix-grpc-store",
    "mic92/nix-tarmac",
    "mic92/noctalia-plugins",
    "mic92/radicle-mirror",
    "mic92/tribuchet",
    "microvm.nix",
    "mobile-nixos",
    "naurissteins/veila",
    "niri-flake",
    "nix-community/harmonia",
    "nix-community/nixos-avf",
    "nix-community/nixos-cli",
    "nix-minecraft",
    "nix-monitored",
    "nix-rosetta-builder",
    "nix-snapd",
    "nixcord",
    "nixified-ai/flake",
    "nixos-generators",
    "nixos-mailserver",
    "nixos/hydra",
    "nlewo/comin",
    "noctalia-dev/noctalia",
    "noctalia-dev/noctalia-greeter",
    "noctalia-dev/noctalia-shell",
    "oddlama/elewrap",
    "peteonrails/voxtype",
    "proxmox-nixos",
    "quadlet-nix",
    "run0-sudo-shim",
    "simple-nixos-mailserver",
    "srvos",
    "tsnsrv",
    "ucodenix",
    "vpsfreecz/vpsadminos",
    "xddxdd/nur-packages",
    "zhaofengli/attic",
    "zhaofengli/colmena",
];

/// Whether a module that is not here neither declares a secret nor names one, by its project.
pub(super) fn is_without_secrets(evaluator: &Evaluator, why: UnknownId) -> bool {
    are_of_one(&evaluator.project_of_missing(why))
}

/// Whether one of the names is that of such a project.
fn are_of_one(names: &[String]) -> bool {
    { names.iter() }.any(|name| PROJECTS.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_without_secrets_by_the_repository_of_their_project() {
        let are = |names: &str| {
            let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
            are_of_one(&names)
        };
        assert!(are("srvos numtide/srvos"));
        assert!(are("hydra nixos/hydra hydra"));
        assert!(!are("hydra me/hydra hydra"));
        assert!(!are("site me/site"));
    }
}
