//! What a program that evaluates a project again and again finds is what a fresh one does, whatever is edited.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use extract::{BuildOptions, HostCache, ParseCache, build};

const STEPS: usize = 150;

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { nixpkgs, sops-nix, ... }: let shared = import ./shared.nix; in {
    nixosConfigurations = nixpkgs.lib.genAttrs shared.hosts (name: nixpkgs.lib.nixosSystem {
      specialArgs = { inherit shared; };
      modules = [ sops-nix.nixosModules.sops ./common.nix (./hosts + "/${name}.nix") ];
    });
  };
}
"#;

const HOST: &str = r#"{ config, lib, pkgs, shared, ... }: {
  imports = lib.optional (builtins.pathExists ./extra.nix) ./extra.nix;
  sops.secrets."@/token" = { owner = "@"; mode = "0#00"; };
  users.users.@ = { isSystemUser = true; group = "apps"; };
  systemd.services.@.serviceConfig = {
    User = "@";
    ExecStart = "${pkgs.app}/bin/app --port # --token ${config.sops.secrets."@/token".path}";
  };
}
"#;

const COMMON: &str = r#"{ config, lib, shared, ... }: {
  options.own.level = lib.mkOption { type = lib.types.int; default = #; };
  config = {
    users.groups.apps = { };
    sops.defaultSopsFile = ./secrets.yaml;
    sops.secrets.common = { owner = shared.owner; mode = if config.own.level > 4 then "0440" else "0400"; };
  };
}
"#;

const SHARED: &str = r#"{ hosts = [ "ash" "elm" "fir" "oak" "yew" @ ]; owner = "user#"; }"#;

/// A module that no host loads.
const LONE: &str = r#"{ sops.secrets.lone# = { mode = "0400"; }; }"#;

/// The files, each with what is written into it at random; `@` is the host's name.
const FILES: [(&str, &str); 11] = [
    ("flake.nix", FLAKE),
    ("shared.nix", SHARED),
    ("common.nix", COMMON),
    ("hosts/ash.nix", HOST),
    ("hosts/elm.nix", HOST),
    ("hosts/fir.nix", HOST),
    ("hosts/oak.nix", HOST),
    ("hosts/yew.nix", HOST),
    ("hosts/extra.nix", "{ sops.secrets.extra.mode = \"0#44\"; }"),
    ("lone.nix", LONE),
    ("secrets.yaml", "token: # in clear\n"),
];

/// Numbers that are the same in every run.
struct Lot(u64);

impl Lot {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn text(name: &str, template: &str, lot: &mut Lot) -> String {
    let host = Path::new(name).file_stem().unwrap().to_str().unwrap();
    let number = lot.below(8).to_string();
    let text = match template {
        // One host more, of which there may be no file.
        SHARED if lot.below(4) == 0 => template.replace('@', "\"extra\""),
        SHARED => template.replace('@', ""),
        _ => template.replace('@', host),
    };
    text.replace('#', &number)
}

/// Changes a file at random.
fn edit(root: &Path, lot: &mut Lot) -> String {
    let (name, template) = *FILES.get(lot.below(FILES.len())).unwrap();
    let path = root.join(name);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let (what, new) = match lot.below(6) {
        0 => ("comment", format!("# {}\n{old}", lot.below(100))),
        1 => ("end", format!("{old}\n# {}", lot.below(100))),
        2 if name != "flake.nix" => ("syntax", format!("{old} }}")),
        3 if name != "flake.nix" => {
            let _ = std::fs::remove_file(&path);
            return format!("{name} is gone");
        }
        _ => ("value", text(name, template, lot)),
    };
    std::fs::write(&path, new).unwrap();
    format!("{name}: {what}")
}

#[test]
fn what_is_kept_of_hosts_is_what_a_fresh_run_finds() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("hosts")).unwrap();
    let mut lot = Lot(7);
    for (name, template) in FILES {
        let text = text(name, template, &mut lot);
        std::fs::write(root.join(name), text).unwrap();
    }
    let fresh = BuildOptions {
        paths: vec![root.to_owned()],
        ..BuildOptions::default()
    };
    let kept = BuildOptions {
        cache: Some(Arc::new(ParseCache::default())),
        host_cache: Some(Arc::new(HostCache::default())),
        ..fresh.clone()
    };
    let mut edits = Vec::new();
    for step in 0..STEPS {
        let threads = NonZeroUsize::new(1 + step % 3);
        let found = |options: &BuildOptions| {
            let built = build(&BuildOptions {
                threads,
                ..options.clone()
            })
            .unwrap();
            let sources: Vec<_> = { built.sources.ids().into_iter() }
                .filter_map(|id| Some(built.sources.get(id)?.path().to_owned()))
                .filter(|path| path.starts_with(&built.inventory.root))
                .collect();
            format!("{:#?}\n{sources:#?}", built.inventory)
        };
        let (expected, found) = (found(&fresh), found(&kept));
        if expected != found {
            let differs = |(a, b): &(&str, &str)| a != b;
            let mut lines = expected.lines().zip(found.lines());
            panic!("step {step}, after {edits:?}: {:?}", lines.find(differs));
        }
        edits.push(edit(root, &mut lot));
        // The last edits are enough to see what is wrong.
        edits.drain(..edits.len().saturating_sub(5));
    }
}
