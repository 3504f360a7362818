//! Inputs whose sources are here are what they are, and what is not here is as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use extract::{BuildOptions, Built, InputOptions, build};
use flake_lock::{Override, OverrideOrigin};
use nix_source::InputUse;
use nix_syntax::source::Root;

/// A project and inputs in a folder of their own: `project/flake.nix`, `inputs/NAME/…`.
struct Case {
    place: tempfile::TempDir,
    inputs: Vec<Override>,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self {
            place,
            inputs: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// `--input name=inputs/directory`
    fn with(mut self, name: &str, directory: &str) -> Self {
        self.inputs.push(Override {
            input: name.split('/').map(Arc::from).collect(),
            directory: self.path(&format!("inputs/{directory}")),
            origin: OverrideOrigin::CommandLine,
        });
        self
    }

    fn build(&self) -> Built {
        let options = BuildOptions {
            paths: vec![self.path("project")],
            inputs: InputOptions {
                overrides: self.inputs.clone(),
                ..InputOptions::default()
            },
            ..BuildOptions::default()
        };
        build(&options).expect("a project")
    }
}

/// `host: secret secret`, a line for each host.
fn hosts(built: &Built) -> String {
    let mut lines = Vec::new();
    for host in &built.inventory.hosts {
        let names: Vec<&str> = { host.secrets.iter() }
            .map(|secret| secret.name.value.as_deref().unwrap_or("?"))
            .collect();
        lines.push(format!("{}: {}", host.attribute, names.join(" ")));
    }
    lines.join("\n")
}

/// A project all of whose hosts are made by a function of an input.
const PROJECT: &str = r#"{
  inputs.maker.url = "github:someone/maker";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.data = { url = "github:someone/data"; flake = false; };
  outputs = { self, nixpkgs, maker, data }: maker.lib.hosts {
    inherit self;
    hosts.desk = { config, ... }: { sops.secrets.${builtins.readFile "${data}/name"} = { }; };
  };
}"#;

const MAKER: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.names.url = "github:someone/names";
  outputs = { self, nixpkgs, names }: {
    lib.hosts = { self, hosts }: {
      nixosConfigurations = nixpkgs.lib.mapAttrs (_: host: nixpkgs.lib.nixosSystem {
        modules = [ host ./module.nix self.extra or { } ];
      }) hosts;
      of = names.outPath;
    };
  };
}"#;

const LOCK: &str = r#"{
  "nodes": {
    "root": { "inputs": { "maker": "maker", "nixpkgs": "nixpkgs", "data": "data" } },
    "maker": {
      "inputs": { "nixpkgs": [ "nixpkgs" ], "names": [ ] },
      "locked": { "type": "github", "owner": "someone", "repo": "maker", "rev": "0123456789" },
      "original": { "type": "github", "owner": "someone", "repo": "maker" }
    },
    "data": {
      "flake": false,
      "locked": { "type": "github", "owner": "someone", "repo": "data" },
      "original": { "type": "github", "owner": "someone", "repo": "data" }
    },
    "nixpkgs": {
      "locked": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" },
      "original": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" }
    }
  },
  "root": "root",
  "version": 7
}"#;

fn case(lock: bool) -> Case {
    let mut files = vec![
        ("project/flake.nix", PROJECT),
        ("inputs/maker/flake.nix", MAKER),
        (
            "inputs/maker/module.nix",
            "{ sops.secrets.of-the-input.mode = \"0444\"; users.users.made = { }; }",
        ),
        ("inputs/data/name", "of-the-project"),
    ];
    if lock {
        files.push(("project/flake.lock", LOCK));
    }
    Case::new(&files)
}

#[test]
fn a_function_of_an_input_makes_hosts() {
    let expected = "nixosConfigurations.desk: of-the-input of-the-project";
    let built = case(true)
        .with("maker", "maker")
        .with("data", "data")
        .build();
    assert_eq!(hosts(&built), expected);
    let used: Vec<_> = { built.project.inputs_used().into_iter() }
        .map(|InputUse { name, source }| format!("{name} {}", source.is_ok()))
        .collect();
    assert_eq!(used, ["data true", "maker true"]);
    // Without a lock the names are enough.
    let built = case(false)
        .with("maker", "maker")
        .with("data", "data")
        .build();
    assert_eq!(hosts(&built), "nixosConfigurations.desk: of-the-input");
}

#[test]
fn what_modules_call_of_an_input_that_is_given_is_its_source() {
    const OWN: &str = r#"{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs";
      inputs.tools.url = "github:someone/tools";
      inputs.data = { url = "github:someone/data"; flake = false; };
      outputs = { nixpkgs, tools, data, ... }: {
        # Nothing of the hosts themselves is open without the sources.
        nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
          modules = [
            {
              sops.secrets.${tools.lib.named "a"} = { };
              sops.secrets.${builtins.readFile "${data}/name"} = { };
              sops.secrets.known = { };
            }
          ];
        };
      };
    }"#;
    const TOOLS: &str = r#"{
      inputs.inner.url = "github:someone/inner";
      outputs = { inner, ... }: { lib.named = name: inner.lib.prefix + name; };
    }"#;
    const OWN_LOCK: &str = r#"{
      "nodes": {
        "root": { "inputs": { "tools": "tools", "data": "data" } },
        "tools": {
          "inputs": { "inner": "inner" },
          "locked": { "type": "github", "owner": "someone", "repo": "tools", "rev": "01" },
          "original": { "type": "github", "owner": "someone", "repo": "tools" }
        },
        "inner": {
          "locked": { "type": "github", "owner": "someone", "repo": "inner", "rev": "02" },
          "original": { "type": "github", "owner": "someone", "repo": "inner" }
        },
        "data": {
          "flake": false,
          "locked": { "type": "github", "owner": "someone", "repo": "data", "rev": "03" },
          "original": { "type": "github", "owner": "someone", "repo": "data" }
        }
      },
      "root": "root",
      "version": 7
    }"#;
    let inner = r#"{ outputs = _: { lib.prefix = "tool-"; }; }"#;
    let case = || {
        Case::new(&[
            ("project/flake.nix", OWN),
            ("project/flake.lock", OWN_LOCK),
            ("inputs/tools/flake.nix", TOOLS),
            ("inputs/inner/flake.nix", inner),
            ("inputs/data/name", "from-data"),
        ])
    };
    let given = { case().with("tools", "tools").with("tools/inner", "inner") }.with("data", "data");
    assert_eq!(
        hosts(&given.build()),
        "nixosConfigurations.desk: from-data known tool-a"
    );
    assert_eq!(hosts(&case().build()), "nixosConfigurations.desk: known");
}

#[test]
fn what_is_not_here_is_as_it_was() {
    let built = case(true).build();
    assert_eq!(hosts(&built), "");
    let problems: Vec<_> = built
        .inventory
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(problems, ["input `maker`.lib.hosts …"]);
}

#[test]
fn no_link_and_no_path_leads_out_of_an_input() {
    let case = Case::new(&[
        (
            "project/flake.nix",
            r#"{
  inputs.maker.url = "github:someone/maker";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { nixpkgs, maker, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [ { sops.secrets = maker.secrets; } ];
    };
  };
}"#,
        ),
        (
            "inputs/maker/flake.nix",
            r#"{
  outputs = _: {
    secrets = {
      inside = { };
    } // builtins.listToAttrs (builtins.concatMap (path:
      if (builtins.tryEval (builtins.pathExists path)).value or false == true
      then [ { name = builtins.readFile path; value = { }; } ]
      else [ ]) [ ./link ./dir/outside ./file ]);
  };
}"#,
        ),
        ("inputs/maker/file", "inside-file"),
        ("inputs/outside", "outside"),
    ]);
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, case.path("inputs/maker").join(name)).unwrap();
    };
    link(Path::new("../outside"), "link");
    link(&case.path("inputs"), "dir");
    let built = case.with("maker", "maker").build();
    let hosts = hosts(&built);
    assert!(!hosts.contains("outside"), "{hosts}");
}

#[test]
fn findings_are_in_the_project_and_places_in_an_input_say_so() {
    let built = case(true)
        .with("maker", "maker")
        .with("data", "data")
        .build();
    let host = &built.inventory.hosts[0];
    let secret = { host.secrets.iter() }
        .find(|secret| secret.name.value.as_deref() == Ok("of-the-input"))
        .unwrap();
    let roots: Vec<_> = { secret.declared_at.iter() }
        .map(|at| at.file.key().root.clone())
        .collect();
    assert!(roots.iter().all(|root| *root == Root::Project), "{roots:?}");
    let ids = built.sources.ids();
    let shown: Vec<_> = { ids.iter() }
        .filter(|id| id.key().root != Root::Embedded)
        .map(|id| {
            built
                .project
                .display(built.sources.get(*id).unwrap().path())
        })
        .collect();
    assert_eq!(shown, ["flake.nix", "maker:flake.nix", "maker:module.nix"]);
    assert_eq!(built.inventory.files_read, 1);
}

/// A project whose hosts flake-parts makes, with these modules beside.
fn parts(imports: &str) -> String {
    format!(
        r#"{{
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.easy-hosts.url = "github:tgirlcloud/easy-hosts";
  inputs.private.url = "github:someone/private";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
    systems = [ "x86_64-linux" ];
    imports = [ {imports} ];
  }};
}}"#
    )
}

const DESK: &str = r#"{ flake.nixosConfigurations.desk = inputs.nixpkgs.lib.nixosSystem {
  modules = [ { sops.secrets.of-desk = { }; } ];
}; }"#;

#[test]
fn no_project_is_worse_off_with_a_source() {
    let flake = parts(DESK);
    for source in [
        "{ outputs = _: throw \"not today\"; }",
        "{ outputs = _: { lib.mkFlake = _: _: { }; }; }",
        "{ outputs = _: { }; }",
        "this is { no Nix",
    ] {
        let case = Case::new(&[
            ("project/flake.nix", &flake),
            ("inputs/parts/flake.nix", source),
        ]);
        let built = case.with("flake-parts", "parts").build();
        assert_eq!(
            hosts(&built),
            "nixosConfigurations.desk: of-desk",
            "{source}"
        );
    }
}

/// What flake-parts is, as far as hosts hang on it, under a name that nobody knows.
const OWN_PARTS: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: let inherit (nixpkgs) lib; inherit (lib) mkOption types; in {
    lib.mkFlake = { inputs }: module: (lib.evalModules {
      specialArgs = { inherit inputs; inherit (inputs) self; };
      class = "flake";
      modules = [ module {
        options.systems = mkOption { type = types.listOf types.str; };
        options.per = mkOption { type = types.submodule { }; default = { }; };
        options.flake = mkOption {
          type = types.submoduleWith { modules = [ { freeformType = types.lazyAttrsOf types.raw; } ]; };
        };
      } ];
    }).config.flake;
  };
}"#;

#[test]
fn what_is_known_of_a_flake_module_is_a_value_of_its_input() {
    let easy = r#"inputs.easy-hosts.flakeModule
      { easy-hosts.hosts.desk.modules = [ { sops.secrets.of-desk = { }; } ]; }"#;
    let flake = parts(easy).replace("hercules-ci/flake-parts", "someone/own");
    let flake = flake.replace("flake-parts", "own");
    let case = Case::new(&[
        ("project/flake.nix", &flake),
        ("inputs/own/flake.nix", OWN_PARTS),
    ]);
    let built = case.with("own", "own").build();
    assert_eq!(hosts(&built), "nixosConfigurations.desk: of-desk");
}

#[test]
fn a_module_that_is_not_here_may_declare_options_of_a_closed_evaluation() {
    // Its options are set at the top and in a submodule: neither is an error.
    let imports =
        format!("inputs.private.flakeModules.more {{ mine.a = 1; per.yours = 2; }} {DESK}");
    let flake = parts(&imports).replace("hercules-ci/flake-parts", "someone/own");
    let flake = flake.replace("flake-parts", "own");
    let case = Case::new(&[
        ("project/flake.nix", &flake),
        ("inputs/own/flake.nix", OWN_PARTS),
    ]);
    let built = case.with("own", "own").build();
    assert_eq!(hosts(&built), "nixosConfigurations.desk: of-desk");
}

#[test]
fn a_patched_nixpkgs_is_nixpkgs() {
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: let
    pkgs = import nixpkgs { system = "x86_64-linux"; };
    patched = pkgs.applyPatches { name = "patched"; src = nixpkgs; patches = [ ]; };
    named = self.packages.x86_64-linux.nixpkgs-patched;
    system = (import patched { system = "aarch64-linux"; }).stdenv.hostPlatform.system;
  in {
    packages = (import nixpkgs { }).mine;
    nixosConfigurations.desk = import "${patched}/nixos/lib/eval-config.nix" {
      modules = [ { sops.secrets.${system} = { }; } {
        sops.secrets.${(import "${patched}/lib").toUpper "lib"} = { };
        sops.secrets.${(import named { system = "x86_64-linux"; }).stdenv.hostPlatform.system} = { };
      } ];
    };
  };
}"#;
    let built = Case::new(&[("project/flake.nix", flake)]).build();
    let expected = "nixosConfigurations.desk: LIB aarch64-linux x86_64-linux";
    assert_eq!(hosts(&built), expected);
}

#[test]
fn a_plugin_of_nix_may_be_there() {
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      modules = [ {
        sops.secrets.certain.mode = if builtins ? noSuchBuiltin then "0444" else "0400";
        sops.secrets.open.mode = if builtins ? extraBuiltins then "0444" else "0400";
        sops.secrets.chosen.mode = (builtins.extraBuiltins or { mode = "0444"; }).mode;
      } ];
    };
  };
}"#;
    let built = Case::new(&[("project/flake.nix", flake)]).build();
    let modes: Vec<_> = { built.inventory.hosts[0].secrets.iter() }
        .map(|secret| {
            (
                secret.name.value.clone().unwrap(),
                secret.mode.value.is_ok(),
            )
        })
        .collect();
    let modes: Vec<_> = { modes.iter() }
        .map(|(name, is_known)| (&**name, *is_known))
        .collect();
    assert_eq!(
        modes,
        [("certain", true), ("chosen", false), ("open", false)]
    );
}

/// A flake below the project is one of its files: it may read above its own directory.
#[test]
fn a_flake_inside_the_project_needs_no_source() {
    let flake = r#"{
  inputs = { nixpkgs.url = "github:NixOS/nixpkgs"; core.url = "path:./core"; };
  outputs = { nixpkgs, core, ... }: {
    nixosConfigurations = core.lib.hosts nixpkgs;
  };
}"#;
    let core = r#"{
  outputs = _: {
    lib.hosts = nixpkgs: {
      desk = nixpkgs.lib.nixosSystem { modules = [ ../module.nix ]; };
    };
  };
}"#;
    let module = "{ sops.secrets.token = { }; }";
    let lock = r#"{ "version": 7, "root": "root", "nodes": {
  "core": { "inputs": { }, "parent": [ ],
    "locked": { "path": "./core", "type": "path" },
    "original": { "path": "./core", "type": "path" } },
  "nixpkgs": {
    "locked": { "type": "github", "owner": "NixOS", "repo": "nixpkgs",
      "rev": "0000000000000000000000000000000000000000",
      "narHash": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
    "original": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" } },
  "root": { "inputs": { "core": "core", "nixpkgs": "nixpkgs" } } } }"#;
    let files = [
        ("project/flake.nix", flake),
        ("project/core/flake.nix", core),
        ("project/module.nix", module),
        ("project/flake.lock", lock),
    ];
    let built = Case::new(&files).build();
    assert_eq!(hosts(&built), "nixosConfigurations.desk: token");
}
