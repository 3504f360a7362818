//! A machine of one module, and what is found on it.

use std::path::Path;

use extract::{BuildOptions, ExtraReader, build};
use inventory::{Host, Inventory, Readable, SourceMap};

/// What every machine here has: the managers, alice who logs in, and three secrets.
const BASE: &str = r#"
  { config, ... }:
  {
    sops.defaultSopsFile = ./secrets.yaml;
    sops.age.keyFile = "/var/lib/sops-nix/key.txt";
    sops.secrets.token = { };
    sops.secrets.alices.owner = "alice";
    sops.secrets.shared = {
      group = "readers";
      mode = "0440";
    };
    sops.templates."app.env".content = "TOKEN=${config.sops.placeholder.token}";
    users.groups.readers = { };
    users.users.alice = {
      isNormalUser = true;
      uid = 1000;
    };
  }
"#;

/// A reader, as the tests compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) secret: String,
    pub(crate) via: String,
    /// `?` where it is not known.
    pub(crate) user: String,
    pub(crate) moment: &'static str,
    pub(crate) readable: Readable,
    pub(crate) reason: String,
    /// The text at the place.
    pub(crate) at: String,
    pub(crate) certain: bool,
    pub(crate) dynamic: bool,
}

/// What is found in a project.
pub(crate) struct Found {
    pub(crate) host: Host,
    pub(crate) containers: Vec<Host>,
    pub(crate) readers: Vec<Seen>,
}

impl Found {
    /// The only reader of that secret.
    pub(crate) fn only<'a>(&'a self, secret: &'a str) -> &'a Seen {
        let all: Vec<&Seen> = self.of(secret).collect();
        assert_eq!(
            all.len(),
            1,
            "{:#?}\n{:?}",
            self.readers,
            self.host.problems
        );
        all[0]
    }

    /// The readers of that secret.
    pub(crate) fn of<'a>(&'a self, secret: &'a str) -> impl Iterator<Item = &'a Seen> {
        self.readers
            .iter()
            .filter(move |seen| seen.secret == secret)
    }
}

impl Seen {
    /// (user, moment, verdict)
    pub(crate) fn facts(&self) -> (&str, &str, Readable) {
        (&self.user, self.moment, self.readable)
    }
}

/// A NixOS machine with this module beside the common one.
pub(crate) fn nixos(module: &str) -> Found {
    nixos_with(module, &[])
}

/// The same, with readers that the user gives.
pub(crate) fn nixos_with(module: &str, extra: &[ExtraReader]) -> Found {
    system(
        "nixosConfigurations",
        "nixpkgs.lib.nixosSystem",
        "nixos",
        module,
        extra,
    )
}

/// A Linux machine of system-manager.
pub(crate) fn system_manager(module: &str) -> Found {
    let module = format!("{{ config, lib, pkgs, nixosModulesPath, ... }}: {module}");
    let flake = r#"{
  inputs.system-manager.url = "github:numtide/system-manager";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { self, system-manager, sops-nix }: {
    systemConfigs.desk = system-manager.lib.makeSystemConfig {
      modules = [ sops-nix.nixosModules.sops ./common.nix ./machine.nix ];
    };
  };
}"#;
    evaluate(
        &[
            ("flake.nix", flake),
            ("common.nix", BASE),
            ("machine.nix", &module),
        ],
        &[],
    )
}

/// A nix-darwin machine.
pub(crate) fn darwin(module: &str) -> Found {
    let module = format!("{{ config, lib, pkgs, ... }}: {module}");
    let flake = r#"{
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { self, nix-darwin, sops-nix }: {
    darwinConfigurations.mac = nix-darwin.lib.darwinSystem {
      system = "aarch64-darwin";
      modules = [ sops-nix.darwinModules.sops ./machine.nix ];
    };
  };
}"#;
    evaluate(&[("flake.nix", flake), ("machine.nix", &module)], &[])
}

fn system(output: &str, function: &str, class: &str, module: &str, extra: &[ExtraReader]) -> Found {
    let module = format!("{{ config, lib, pkgs, ... }}: {module}");
    let flake = format!(
        r#"{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs = {{ self, nixpkgs, sops-nix, home-manager }}: {{
    {output}.desk = {function} {{
      system = "x86_64-linux";
      modules = [
        sops-nix.{class}Modules.sops
        home-manager.{class}Modules.home-manager
        ./common.nix
        ./machine.nix
      ];
    }};
  }};
}}"#
    );
    evaluate(
        &[
            ("flake.nix", &flake),
            ("common.nix", BASE),
            ("machine.nix", &module),
        ],
        extra,
    )
}

fn evaluate(files: &[(&str, &str)], extra: &[ExtraReader]) -> Found {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("a writable directory");
    }
    let (inventory, sources) = project(directory.path(), extra);
    assert_eq!(inventory.problems, [], "the fixture evaluates");
    seen(inventory, &sources)
}

/// A project on disk.
pub(crate) fn project(
    path: &Path,
    extra: &[ExtraReader],
) -> (Inventory, std::sync::Arc<SourceMap>) {
    let built = build(&BuildOptions {
        paths: vec![path.to_owned()],
        extra_readers: extra.to_vec(),
        ..BuildOptions::default()
    });
    let built = built.expect("a project");
    (built.inventory, built.sources)
}

/// The only host of an inventory that is no container.
pub(crate) fn seen(mut inventory: Inventory, sources: &SourceMap) -> Found {
    let (containers, mut hosts): (Vec<Host>, Vec<Host>) = inventory
        .hosts
        .drain(..)
        .partition(|host| host.container.is_some());
    assert_eq!(hosts.len(), 1, "{:?}", inventory.problems);
    let host = hosts.remove(0);
    let readers = host.readers.iter().map(|reader| {
        let secret = reader
            .secret
            .map(|index| host.secrets[index].attribute.clone());
        let text = |at: inventory::Span| {
            let source = sources.get(at.file).expect("a source");
            source.text()[at.start as usize..at.end as usize].to_owned()
        };
        Seen {
            secret: secret
                .or_else(|| reader.path.known().cloned())
                .unwrap_or_default(),
            via: reader.via.to_string(),
            user: reader
                .user
                .known()
                .map_or("?".to_owned(), ToString::to_string),
            moment: reader.moment.name(),
            readable: reader.verdict.readable,
            reason: reader.verdict.reason.clone(),
            at: reader.at.map_or_else(String::new, text),
            certain: reader.certain,
            dynamic: reader.dynamic_user,
        }
    });
    let readers = readers.collect();
    Found {
        host,
        containers,
        readers,
    }
}
