//! Projects that the evaluator knows something of, recognised by their repository.

use super::reference::Repository;
use crate::eval::Evaluator;
use crate::value::{KnownProject, UnknownId};

/// A project, the repositories that hold it, and what flakes call it as an input.
struct Row {
    project: KnownProject,
    /// `owner/name`, or the name alone where forks keep it; in lower case.
    repositories: &'static [&'static str],
    /// Names of inputs, alone or before a hyphen: `nixpkgs-unstable`.
    names: &'static [&'static str],
}

macro_rules! projects {
    ($($project:ident: [$($repository:literal),+], [$($name:literal),+];)+) => {
        &[$(Row {
            project: KnownProject::$project,
            repositories: &[$($repository),+],
            names: &[$($name),+],
        }),+]
    };
}

const PROJECTS: &[Row] = projects! {
    Nixpkgs: ["nixpkgs", "nixpkgs.lib", "nixpkgs-weekly", "nixpkgs-unfree", "nixpkgs-channels", "devenv-nixpkgs"],
        ["nixpkgs", "unstable", "stable"];
    HomeManager: ["home-manager"], ["home-manager"];
    NixDarwin: ["nix-darwin"], ["nix-darwin", "darwin"];
    FlakeParts: ["flake-parts"], ["flake-parts", "parts"];
    FlakeUtils: ["flake-utils"], ["flake-utils", "utils"];
    FlakeUtilsPlus: ["flake-utils-plus"], ["flake-utils-plus"];
    ImportTree: ["import-tree"], ["import-tree"];
    AdiosFlake: ["adios-flake"], ["adios-flake"];
    Blueprint: ["blueprint"], ["blueprint"];
    Clan: ["clan-core"], ["clan-core"];
    Colmena: ["colmena"], ["colmena"];
    EasyHosts: ["easy-hosts"], ["easy-hosts"];
    EzConfigs: ["ez-configs"], ["ez-configs"];
    Haumea: ["haumea"], ["haumea"];
    NixosUnified: ["nixos-unified", "nixos-flake"], ["nixos-unified", "nixos-flake"];
    McpServersNix: ["mcp-servers-nix"], ["mcp-servers-nix", "mcp-servers"];
    Snowfall: ["snowfall-lib", "snowfallorg/lib"], ["snowfall-lib", "snowfall"];
};

/// Quiet projects, beside those of the table: a configuration that misses their modules is whole without them. What
/// flakes call them, their repositories, also behind their owners, in lower case.
const QUIET: &[&str] = &[
    "mac-app-util",
    "mcp",
    "mcp-nix",
    "nix-mcp",
    "mcp-servers-nix",
    "mcp-hub",
    "mcphub.nvim",
    "hardware",
    "nixos-hardware",
    "nix-hardware",
    "fork-nixos-hardware",
    "disko",
    "disko-zfs",
    "impermanence",
    "preservation",
    "stylix",
    "catppuccin",
    "catppuccin-nix",
    "catppuccin/nix",
    "lanzaboote",
    "nixos-wsl",
    "wsl-nixos",
    "nix-index",
    "nix-index-db",
    "nix-index-database",
    "nixvim",
    "nixvim-stable",
    "nixvim-unstable",
    "nvf",
    "hyprland",
    "hyprland-plugins",
    "plasma-manager",
    "chaotic",
    "chaotic-nyx",
    "chaotic-cx/nyx",
    "nix-flatpak",
    "flatpak",
    "flatpaks",
    "declarative-flatpak",
    "nixos-cosmic",
    "cosmic",
    "cosmic-manager",
    "spicetify",
    "spicetify-nix",
    "determinate",
    "determinate-nix",
    "determinatesystems/nix-src",
    "darwin",
    "homebrew",
    "nix-homebrew",
    "homebrew-core",
    "homebrew-cask",
    "homebrew-bundle",
    "treefmt",
    "treefmt-nix",
    "git-hooks",
    "git-hooks.nix",
    "git-hooks-nix",
    "pre-commit-hooks.nix",
    "devshell",
    "vscode-server",
    "nixos-vscode-server",
    "nix-vscode-extensions",
    "vscode-extensions",
    "nix-ld",
    "lix",
    "lix-module",
    "lix-project/nixos-module",
    "jovian",
    "jovian-nixos",
    "facter",
    "nixos-facter",
    "nixos-facter-modules",
    "apple-silicon",
    "apple-silicon-support",
    "nixos-apple-silicon",
    "raspberry-pi",
    "raspberry-pi-nix",
    "nixos-raspberrypi",
    "ags",
    "angrr",
    "arion",
    "fast-nix-gc",
    "nix-gaming",
    "nix-mineral",
    "nix-topology",
    "nixvirt",
    "ncro",
];

/// What a project hands on from others: the package repository NUR declares nothing itself, but has modules
/// of anybody.
const OF_OTHERS: [(&str, &str); 1] = [("nur", "repos")];

/// Outputs of flakes that hold modules: what is selected from one is what a project calls a module of its own.
const OF_MODULES: [&str; 11] = [
    "darwinmodule",
    "darwinmodules",
    "flakemodule",
    "flakemodules",
    "homemanagermodule",
    "homemanagermodules",
    "homemodule",
    "homemodules",
    "modules",
    "nixosmodule",
    "nixosmodules",
];

/// What a project is called, of the names of [`Evaluator::names_of_missing`], which begin with the last attribute:
/// without what it calls its modules.
pub(super) fn names_of_project(names: &[String]) -> &[String] {
    let is_output = |name: &String| OF_MODULES.contains(&name.as_str());
    let output = names.iter().position(is_output);
    let project = output.and_then(|at| names.get(at + 1..));
    project.filter(|names| !names.is_empty()).unwrap_or(names)
}

/// Whether modules are quiet, see [`QUIET`], by what their project is called and the attributes that lead to
/// it, in lower case.
pub(super) fn are_quiet(names: &[String]) -> bool {
    use KnownProject::{HomeManager, NixDarwin, Nixpkgs};
    let names = names_of_project(names);
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let of_system = PROJECTS
        .iter()
        .filter(|row| matches!(row.project, Nixpkgs | HomeManager | NixDarwin));
    let mut quiet = QUIET
        .iter()
        .chain(of_system.flat_map(|row| row.repositories));
    quiet.any(|name| has(name))
        || OF_OTHERS
            .iter()
            .any(|(name, others)| has(name) && !has(others))
}

/// Projects whose modules for flake-parts define no configuration: they are for packages, shells, checks and
/// the flake itself. Those that are emulated are not among them: one that is missing was not. The names are those of inputs and repositories, in
/// lower case.
const WITHOUT_CONFIGURATIONS: [&str; 36] = [
    "actions-nix",
    "agenix-shell",
    "deploy-rs",
    "devenv",
    "devour-flake",
    "emanote",
    "files",
    "flake-file",
    "flake-iter",
    "flake-parts",
    "flake-root",
    "github-actions-nix",
    "haskell-flake",
    "hercules-ci-effects",
    "just-flake",
    "lefthook",
    "lefthook-nix",
    "make-shell",
    "mission-control",
    "nix-topology",
    "nix-unit",
    "nixidy",
    "omnix",
    "pkgs-by-name",
    "pkgs-by-name-for-flake-parts",
    "pre-commit",
    "pre-commit-hooks",
    "pre-commit-hooks-nix",
    "pre-commit-nix",
    "process-compose",
    "process-compose-flake",
    "rust-flake",
    "services-flake",
    "terranix",
    "wrapper-modules",
    "wrappers",
];

impl Evaluator {
    /// Whether what is missing is a module for flake-parts that defines no configuration.
    pub(super) fn defines_no_configuration(&self, missing: UnknownId) -> bool {
        let names = self.names_of_missing(missing);
        // A function of such a project, or its source, may be needed for anything.
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let is_module = names.iter().any(|name| name.starts_with("flakemodule"))
            || (has("modules") && has("flake"));
        let is_known = |name: &String| WITHOUT_CONFIGURATIONS.contains(&name.as_str());
        is_module && (are_quiet(&names) || self.have_schemas(&names) || names.iter().any(is_known))
    }
}

/// The project of an input or a fetched source: by its repository, else, of an input, by its name,
/// which forks under another name mostly keep.
pub(crate) fn known_project(name: Option<&str>, url: Option<&str>) -> Option<KnownProject> {
    let repository = url.and_then(Repository::of);
    let row = repository.and_then(|repository| {
        PROJECTS.iter().find(|row| {
            let mut known = row.repositories.iter();
            known.any(|known| repository.is(known))
        })
    });
    row.map(|row| row.project)
        .or_else(|| name.and_then(project_named))
}

/// The project that an input is, by its name and its reference, if the evaluator knows what it
/// gives; `None` for others.
#[must_use]
pub fn project_of_input(name: &str, reference: &str) -> Option<KnownProject> {
    known_project(Some(name), Some(reference))
}

/// The project that flakes call so as an input; the longest name counts.
pub(super) fn project_named(name: &str) -> Option<KnownProject> {
    let is_so_called = |known: &str| {
        let rest = name.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let names = PROJECTS
        .iter()
        .flat_map(|row| row.names.iter().map(|name| (*name, row.project)));
    let found = names.filter(|(known, _)| is_so_called(known));
    found
        .max_by_key(|(known, _)| known.len())
        .map(|(_, project)| project)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_quiet_by_their_project_whole() {
        let are_quiet = |names: &str| {
            let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
            are_quiet(&names)
        };
        assert!(are_quiet("default nixosmodules disko inputs"));
        assert!(are_quiet(
            "nixosmodules hm home-manager nix-community/home-manager"
        ));
        assert!(are_quiet("default nixosmodules disko inputs site me/site"));
        assert!(!are_quiet("disko nixosmodules site me/site"));
        assert!(!are_quiet("disko nixos modules site me/site"));
        assert!(are_quiet("nixosmodules nur nix-community/nur"));
        assert!(!are_quiet("nixosmodules mic92 repos nur nix-community/nur"));
        assert!(!are_quiet("stable nixosmodules site"));
        assert!(!are_quiet("nixosmodules my-disko"));
    }

    #[test]
    fn inputs_are_recognised_by_their_repository() {
        use KnownProject::{FlakeParts, FlakeUtilsPlus, HomeManager, Nixpkgs, Snowfall};
        let cases = [
            (
                "x",
                Some("github:NixOS/nixpkgs/nixos-unstable"),
                Some(Nixpkgs),
            ),
            ("x", Some("nixpkgs/nixos-25.11"), Some(Nixpkgs)),
            ("x", Some("flake:nixpkgs"), Some(Nixpkgs)),
            (
                "x",
                Some("https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"),
                Some(Nixpkgs),
            ),
            (
                "x",
                Some("https://flakehub.com/f/NixOS/nixpkgs/0.1"),
                Some(Nixpkgs),
            ),
            ("x", Some("git+file:///home/a/nixpkgs?ref=x"), Some(Nixpkgs)),
            (
                "hm",
                Some("https://github.com/nix-community/home-manager/archive/x.tar.gz"),
                Some(HomeManager),
            ),
            (
                "hm",
                Some("git+https://example.org/a/b/home-manager.git?ref=x"),
                Some(HomeManager),
            ),
            ("x", Some("github:snowfallorg/lib?ref=v3"), Some(Snowfall)),
            ("x", Some("github:someone/lib"), None),
            (
                "utils",
                Some("github:gytis-ivaskevicius/flake-utils-plus"),
                Some(FlakeUtilsPlus),
            ),
            ("flake-parts", Some("github:me/my-fork"), Some(FlakeParts)),
            ("flake-parts", Some("github:me/my-fork"), Some(FlakeParts)),
            ("spare-parts", Some("github:me/spare-parts"), None),
            ("home-manager-unstable", None, Some(HomeManager)),
            ("flake-utils-plus", None, Some(FlakeUtilsPlus)),
            ("not-home-manager", None, None),
        ];
        for (name, url, project) in cases {
            assert_eq!(known_project(Some(name), url), project, "{name} {url:?}");
        }
    }
}
