//! Projects that the evaluator knows something of, recognised by their repository.

use super::reference::Repository;
use crate::value::KnownProject;

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
    Haumea: ["haumea"], ["haumea"];
    Snowfall: ["snowfall-lib", "snowfallorg/lib"], ["snowfall-lib", "snowfall"];
};

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
