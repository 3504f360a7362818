//! The modules of inputs and of nixpkgs that declare an option which receives a secret: who reads it is what
//! they do with it, and what cannot be evaluated leaves everything as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use extract::{BuildOptions, InputOptions, build};
use flake_lock::{Override, OverrideOrigin};
use inventory::model::{Answer, Host, Readable};

/// A project in `project`, an input `app` in `app`, nixpkgs in `nixpkgs`.
struct Case {
    place: tempfile::TempDir,
    has_input: bool,
    has_nixpkgs: bool,
}

impl Case {
    /// A host with these settings.
    fn new(settings: &str) -> Self {
        let case = Self {
            place: tempfile::tempdir().unwrap(),
            has_input: false,
            has_nixpkgs: false,
        };
        let flake = r#"{
          inputs.nixpkgs.url = "github:NixOS/nixpkgs";
          inputs.app.url = "github:someone/app";
          inputs.sops-nix.url = "github:Mic92/sops-nix";
          outputs = { self, nixpkgs, app, sops-nix }: {
            nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
              modules = [ app.nixosModules.default sops-nix.nixosModules.sops ./desk.nix ];
            };
          };
        }"#;
        case.write("project/flake.nix", flake);
        let desk = format!(
            "{{ config, lib, pkgs, ... }}: let secret = name: config.sops.secrets.${{name}}.path; in \
             {{ sops.defaultSopsFile = ./s.yaml; {settings} }}"
        );
        case.write("project/desk.nix", &desk);
        case
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An input whose module has these options of `services.app`, and this configuration.
    fn input(mut self, options: &str, config: &str) -> Self {
        self.has_input = true;
        let flake = "{ inputs.nixpkgs.url = \"github:NixOS/nixpkgs\"; \
            outputs = { self, nixpkgs }: { nixosModules.default = import ./module.nix self; \
            packages.x86_64-linux.default = nixpkgs.hello; }; }";
        self.write("app/flake.nix", flake);
        self.write(
            "app/module.nix",
            &format!("self: {}", module("app", options, config)),
        );
        self
    }

    /// nixpkgs with a module of `services.NAME`.
    fn nixpkgs(mut self, name: &str, options: &str, config: &str) -> Self {
        self.has_nixpkgs = true;
        let path = format!("nixpkgs/nixos/modules/services/{name}.nix");
        self.write(&path, &module(name, options, config));
        self
    }

    fn host(&self) -> Host {
        let path = |name: &str| self.place.path().join(name);
        let overrides = { [("app", self.has_input)].into_iter() }.filter(|(_, has)| *has);
        let options = BuildOptions {
            paths: vec![path("project")],
            inputs: InputOptions {
                overrides: overrides
                    .map(|(name, _)| Override {
                        input: vec![Arc::from(name)],
                        directory: path(name),
                        origin: OverrideOrigin::CommandLine,
                    })
                    .collect(),
                nixpkgs: self.has_nixpkgs.then(|| path("nixpkgs")),
                ..InputOptions::default()
            },
            ..BuildOptions::default()
        };
        let mut built = build(&options).expect("a project");
        built.inventory.hosts.remove(0)
    }

    /// `secret: user verdict via (from)`, a line for each reader.
    fn readers(&self) -> String {
        readers(&self.host())
    }
}

fn module(name: &str, options: &str, config: &str) -> String {
    format!(
        "{{ config, lib, pkgs, ... }}: with lib; let cfg = config.services.{name}; in {{ \
         options.services.{name} = {{ enable = mkEnableOption \"it\"; {options} }}; \
         config = mkIf cfg.enable {{ {config} }}; }}"
    )
}

fn readers(host: &Host) -> String {
    let mut lines = String::new();
    for reader in &host.readers {
        let Some(index) = reader.secret else { continue };
        let user = { reader.user.known() }.map_or("?", |user| user.name.as_deref().unwrap_or("?"));
        let verdict = match reader.verdict.readable {
            Readable::Yes => "yes",
            Readable::No => "no",
            Readable::Unknown => "?",
        };
        let secret = &host.secrets[index].attribute;
        let (via, from) = (&reader.via, reader.from.name());
        writeln!(lines, "{secret}: {user} {verdict} {via} ({from})").unwrap();
    }
    lines
}

const FILE: &str = "tokenFile = mkOption { type = types.path; };";

const UNIT: &str = "users.users.apper = { isSystemUser = true; group = \"apper\"; }; users.groups.apper = { }; \
    systemd.services.app = { serviceConfig.User = \"apper\"; serviceConfig.ExecStart = \"app ${cfg.tokenFile}\"; };";

const DESK: &str =
    "sops.secrets.token = { }; services.app = { enable = true; tokenFile = secret \"token\"; };";

#[test]
fn the_module_of_an_input_says_who_reads() {
    let case = Case::new(DESK).input(FILE, UNIT);
    assert_eq!(
        case.readers(),
        "token: apper no app.service ExecStart (module)\n"
    );
    let host = case.host();
    assert!(host.users.iter().any(|user| user.name == "apper"));
    assert!(host.open.is_empty(), "{:?}", host.open);
}

#[test]
fn an_owner_that_the_module_gives_is_known() {
    let settings = DESK.replace("token = { }", "token.owner = config.services.app.user");
    let options = format!("{FILE} user = mkOption {{ default = \"apper\"; }};");
    let case = Case::new(&settings).input(&options, UNIT);
    assert_eq!(
        case.readers(),
        "token: apper yes app.service ExecStart (module)\n"
    );
}

#[test]
fn root_opens_what_the_service_manager_does() {
    let unit = "systemd.services.app.serviceConfig = { DynamicUser = true; ExecStart = \"app\"; \
        EnvironmentFile = cfg.tokenFile; };";
    let case = Case::new(DESK).input(FILE, unit);
    assert_eq!(
        case.readers(),
        "token: root yes app.service EnvironmentFile (module)\n"
    );
}

#[test]
fn without_the_source_the_option_is_not_decided() {
    let case = Case::new(DESK);
    assert_eq!(
        case.readers(),
        "token: ? ? services.app.tokenFile (table)\n"
    );
}

#[test]
fn a_module_that_cannot_be_evaluated_changes_nothing() {
    let unknown = "token: ? ? services.app.tokenFile (table)\n";
    let broken = [
        "systemd.services.app = throw \"broken\";",
        "systemd.services.app.serviceConfig.User = 1 + \"\";",
        "sops.secrets = throw \"broken\";",
    ];
    for config in broken {
        let host = Case::new(DESK).input(FILE, config).host();
        assert_eq!(readers(&host), unknown, "{config}");
        assert!(host.problems.is_empty(), "{config}: {:?}", host.problems);
    }
    let host = Case::new(DESK)
        .input("tokenFile = mkOption { type = types.int; };", UNIT)
        .host();
    assert_eq!(readers(&host), unknown);
    assert!(host.problems.is_empty(), "{:?}", host.problems);
}

#[test]
fn a_module_that_declares_no_such_option_is_not_evaluated() {
    // It would fail.
    let settings = "sops.secrets.token = { }; services.other.tokenFile = secret \"token\";";
    let case = Case::new(settings).input("", "users = throw \"evaluated\";");
    assert_eq!(
        case.readers(),
        "token: ? ? services.other.tokenFile (table)\n"
    );
}

#[test]
fn a_module_that_does_not_use_it_leaves_it_undecided() {
    let case = Case::new(DESK).input(
        FILE,
        "systemd.services.app.serviceConfig.ExecStart = \"app\";",
    );
    assert_eq!(
        case.readers(),
        "token: ? ? services.app.tokenFile (table)\n"
    );
}

#[test]
fn a_module_of_nixpkgs_says_who_reads() {
    let settings = "sops.secrets.token = { }; services.web = { enable = true; tokenFile = secret \"token\"; };";
    let unit = "systemd.services.web = { serviceConfig.User = cfg.user; preStart = \"cat ${cfg.tokenFile}\"; };";
    let options = format!("{FILE} user = mkOption {{ type = types.str; default = \"web\"; }};");
    let case = Case::new(settings).nixpkgs("web", &options, unit);
    assert_eq!(
        case.readers(),
        "token: web no web.service preStart (module)\n"
    );
}

#[test]
fn a_module_of_nixpkgs_goes_before_the_table() {
    // The table knows a release in which another user reads it.
    let settings = "sops.secrets.token = { }; \
        services.syncthing = { enable = true; guiPasswordFile = secret \"token\"; };";
    let without = Case::new(settings).readers();
    assert!(without.contains("(table)"), "{without}");
    let options = "guiPasswordFile = mkOption { type = types.nullOr types.path; };";
    let unit = "systemd.services.syncthing-init.script = \"cat ${cfg.guiPasswordFile}\";";
    let case = Case::new(settings).nixpkgs("syncthing", options, unit);
    assert_eq!(
        case.readers(),
        "token: root yes syncthing-init.service script (module)\n"
    );
}

#[test]
fn a_user_of_the_users_own_goes_before_the_module() {
    let case = Case::new(DESK).input(FILE, UNIT);
    let options = BuildOptions {
        paths: vec![case.place.path().join("project")],
        extra_readers: vec![extract::ExtraReader {
            option: "services.app.tokenFile".to_owned(),
            user: "root".to_owned(),
            group: None,
            moment: None,
        }],
        inputs: InputOptions {
            overrides: vec![Override {
                input: vec![Arc::from("app")],
                directory: case.place.path().join("app"),
                origin: OverrideOrigin::CommandLine,
            }],
            ..InputOptions::default()
        },
        ..BuildOptions::default()
    };
    let host = build(&options)
        .expect("a project")
        .inventory
        .hosts
        .remove(0);
    assert_eq!(
        readers(&host),
        "token: root yes services.app.tokenFile (user)\n"
    );
}

#[test]
fn the_lock_says_which_release_a_row_is_for() {
    let settings = "sops.secrets.token = { }; \
        networking.wireless = { enable = true; secretsFile = secret \"token\"; };";
    let lock = |original: &str| {
        format!(
            r#"{{ "version": 7, "root": "root", "nodes": {{
              "root": {{ "inputs": {{ "nixpkgs": "nixpkgs" }} }},
              "nixpkgs": {{
                "locked": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs", "lastModified": 1782864000 }},
                "original": {{ "type": "github", "owner": "NixOS", "repo": "nixpkgs", {original} }}
              }} }} }}"#
        )
    };
    let unit = "wpa_supplicant.service, networking.wireless.secretsFile (table)\n";
    let of = [
        (r#""ref": "nixos-25.11""#, "root yes"),
        (r#""ref": "nixos-26.05""#, "wpa_supplicant no"),
        // The first of July 2026.
        (r#""ref": "nixos-unstable""#, "wpa_supplicant no"),
        (r#""rev": "0123""#, "? ?"),
    ];
    for (original, reader) in of {
        let case = Case::new(settings);
        case.write("project/flake.lock", &lock(original));
        assert_eq!(
            case.readers(),
            format!("token: {reader} {unit}"),
            "{original}"
        );
    }
    let case = Case::new(settings);
    assert_eq!(case.readers(), format!("token: ? ? {unit}"));
    // Hardened, the daemon is no longer root.
    for (is_hardened, reader) in [("true", "wpa_supplicant no"), ("false", "root yes")] {
        let more = format!("{settings} networking.wireless.enableHardening = {is_hardened};");
        let case = Case::new(&more);
        case.write("project/flake.lock", &lock(r#""ref": "nixos-26.05""#));
        assert_eq!(
            case.readers(),
            format!("token: {reader} {unit}"),
            "{is_hardened}"
        );
    }
}

#[test]
fn an_input_that_speaks_of_no_secret_hides_no_reader() {
    let settings = "";
    let answer = |case: &Case| {
        let desk = "{ sops.defaultSopsFile = ./s.yaml; sops.secrets.token = { }; }";
        case.write("project/desk.nix", desk);
        let host = case.host();
        (host.secrets[0].exposure.answer, host.users_open.is_some())
    };
    let without = Case::new(settings);
    assert_eq!(answer(&without), (Answer::NotFound, true));
    let quiet = Case::new(settings).input(FILE, "systemd.services.app.script = \"app\";");
    assert_eq!(answer(&quiet), (Answer::Nobody, false));
    let with_users = Case::new(settings).input(FILE, UNIT);
    assert_eq!(answer(&with_users), (Answer::Nobody, true));
    let reads = "systemd.services.app.script = \"cat ${config.sops.secrets.token.path}\";";
    let with_secrets = Case::new(settings).input(FILE, reads);
    assert_eq!(answer(&with_secrets), (Answer::NotFound, true));
    let of_another =
        Case::new(settings).input(FILE, "imports = [ self.inputs.other.nixosModules.x ];");
    assert_eq!(answer(&of_another), (Answer::NotFound, true));
}

#[test]
fn a_project_whose_modules_name_no_secret_hides_no_reader() {
    let answer = |input: &str, module: &str| {
        let case = Case::new("");
        let desk = "{ sops.defaultSopsFile = ./s.yaml; sops.secrets.token = { }; }";
        case.write("project/desk.nix", desk);
        let path = case.place.path().join("project/flake.nix");
        let flake = fs::read_to_string(&path).unwrap();
        let flake = flake.replace("github:someone/app", input);
        let flake = flake.replace("nixosModules.default", module);
        fs::write(&path, flake).unwrap();
        let host = case.host();
        let answer = host.secrets[0].exposure.answer;
        // They may still set what decides other things.
        assert_eq!(host.secrets_open.is_some(), host.users_open.is_some());
        (answer, host.users_open.is_some())
    };
    let of = |input: &str| answer(input, "nixosModules.server");
    assert_eq!(of("github:nix-community/srvos"), (Answer::Nobody, true));
    assert_eq!(of("github:someone/site"), (Answer::NotFound, true));
    assert_eq!(of("github:someone/hydra"), (Answer::NotFound, true));
    // What a project calls a module of its own.
    for module in [
        "nixosModules.srvos",
        "nixosModules.disko",
        "nixosModules.sops-nix",
    ] {
        assert_eq!(
            answer("github:someone/site", module),
            (Answer::NotFound, true),
            "{module}"
        );
    }
    let quiet = answer("github:nix-community/disko", "nixosModules.site");
    assert_eq!(quiet, (Answer::Nobody, false));
}

#[test]
fn a_module_with_an_error_does_not_hide_what_others_say() {
    let settings = "sops.secrets.token = { }; sops.secrets.key = { }; sops.secrets.third = { }; \
        services.web = { enable = true; tokenFile = secret \"token\"; }; \
        services.web2 = { enable = true; tokenFile = secret \"third\"; }; \
        services.bad = { enable = true; tokenFile = secret \"key\"; };";
    let unit = |name: &str| format!("systemd.services.{name}.script = \"cat ${{cfg.tokenFile}}\";");
    for broken in [
        "sops.secrets.token = throw \"broken\";",
        "imports = [ ./missing.nix ];",
    ] {
        let case = Case::new(settings)
            .nixpkgs("web", FILE, &unit("web"))
            .nixpkgs("web2", FILE, &unit("web2"))
            .nixpkgs("bad", FILE, broken);
        let expected = "key: ? ? services.bad.tokenFile (table)\n\
            third: root yes web2.service script (module)\ntoken: root yes web.service script (module)\n";
        let host = case.host();
        assert_eq!(readers(&host), expected, "{broken}");
        assert!(host.problems.is_empty(), "{:?}", host.problems);
    }
}

#[test]
fn a_key_that_is_a_secret_is_opened_by_who_installs_secrets() {
    let settings = "users.users.ann = { isNormalUser = true; }; \
        sops.secrets.key = { owner = \"ann\"; path = \"/home/ann/.config/sops/age/keys.txt\"; }; \
        age.identityPaths = [ (secret \"identity\") ]; sops.secrets.identity = { }; \
        home-manager.users.ann.sops.age.keyFile = \"/home/ann/.config/sops/age/keys.txt\";";
    let readers = Case::new(settings).readers();
    let of_key = "key: ann yes sops.age.keyFile (mechanism)\n";
    assert!(readers.contains(of_key), "{readers}");
    let of_identity = "identity: root yes age.identityPaths (mechanism)\n";
    assert!(readers.contains(of_identity), "{readers}");
}
