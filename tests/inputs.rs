//! `mcp-lint inputs`: where sources are found, what locks can do to it, and fetching.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use flake_lock::{NarHash, SOURCE_NAME, nar_hash, store_path};
use support::{json, package, run, stderr, stdout, write};
use tempfile::TempDir;

/// A project, a store and a home of its own.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "project/flake.nix", FLAKE);
        std::fs::create_dir(folder.path().join("store")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        write(self.folder.path(), name, text);
    }

    /// Makes a tree in the store, and returns its hash.
    fn store(&self, text: &str) -> NarHash {
        let made = self.path("made");
        self.write("made/flake.nix", text);
        let hash = nar_hash(&made).unwrap();
        let path = store_path(&hash, SOURCE_NAME, &self.path("store"));
        std::fs::rename(made, path).unwrap();
        hash
    }

    fn lock(&self, nodes: &str, root: &str) {
        let text = format!(
            r#"{{"version": 7, "root": "root", "nodes": {{"root": {{"inputs": {{{root}}}}}, {nodes}}}}}"#
        );
        self.write("project/flake.lock", &text);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
            .args(arguments)
            .current_dir(self.path("project"))
            .env_clear()
            .env("NIX_STORE_DIR", self.path("store"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .output()
            .unwrap()
    }

    /// The document of `inputs`, which agrees with its schema, by the names of inputs.
    fn inputs(&self, arguments: &[&str]) -> serde_json::Map<String, serde_json::Value> {
        let output = self.run(&[&["inputs", "--format", "json"], arguments].concat());
        let document = json(&output);
        let schema = std::fs::read(package().join("docs/schemas/inputs.schema.json")).unwrap();
        let schema = serde_json::from_slice(&schema).unwrap();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<String> = { schema.iter_errors(&document) }
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let inputs = document["inputs"].as_array().unwrap().iter();
        let named = inputs.map(|input| (input["name"].as_str().unwrap().to_owned(), input.clone()));
        named.collect()
    }
}

const FLAKE: &str = "{ inputs.a.url = \"github:o/a\"; outputs = _: { }; }";

fn node(name: &str, locked: &str, inputs: &str) -> String {
    format!(r#""{name}": {{"inputs": {{{inputs}}}, "locked": {{{locked}}}}}"#)
}

fn github(name: &str, hash: &NarHash) -> String {
    format!(
        r#""type": "github", "owner": "o", "repo": "{name}", "rev": "0123456789abcdef0123456789abcdef01234567", "narHash": "{hash}""#
    )
}

const NOWHERE: NarHash = NarHash([7; 32]);

#[test]
fn every_place_is_looked_at_in_its_order() {
    let machine = Machine::new();
    let stored = machine.store("{ outputs = _: { }; }");
    machine.write("project/sub/flake.nix", "{ outputs = _: { }; }");
    machine.write("project/vendor/kept/flake.nix", "{ outputs = _: { }; }");
    machine.write("elsewhere/flake.nix", "{ outputs = _: { }; }");
    machine.write(
        "project/mcp-lint.toml",
        "[inputs]\nkept = \"vendor/kept\"\ngiven = \"vendor/kept\"\n",
    );
    let nodes = [
        node("stored", &github("stored", &stored), r#""dep": "dep""#),
        node("dep", &github("dep", &NOWHERE), r#""n": ["nixpkgs"]"#),
        node("kept", &github("kept", &NOWHERE), ""),
        node("given", &github("given", &stored), ""),
        node("sub", r#""type": "path", "path": "./sub""#, ""),
        node("out", r#""type": "path", "path": "../elsewhere""#, ""),
        node(
            "file",
            r#""type": "file", "url": "https://a.org/x", "narHash": "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=""#,
            "",
        ),
        node("nixpkgs", &github("nixpkgs", &NOWHERE), ""),
    ];
    machine.lock(
        &nodes.join(","),
        r#""stored": "stored", "kept": "kept", "given": "given", "sub": "sub", "out": "out", "file": "file", "nixpkgs": "nixpkgs", "circle": ["circle"]"#,
    );
    let given = format!("given={}", machine.path("elsewhere").display());
    let inputs = machine.inputs(&["--input", &given]);
    let source = |name: &str| inputs[name]["source"].as_str().unwrap();
    let directory = |name: &str| inputs[name]["directory"].as_str().map(Path::new);
    let reason = |name: &str| inputs[name]["reason"].as_str().unwrap_or_default();
    assert_eq!(source("stored"), "store");
    assert!(
        directory("stored")
            .unwrap()
            .starts_with(machine.path("store"))
    );
    assert_eq!(inputs["stored"]["reference"], "github:o/stored");
    assert_eq!(source("kept"), "override");
    assert_eq!(
        directory("kept").unwrap(),
        machine.path("project/vendor/kept")
    );
    // The command line goes before the configuration, and that before the store.
    assert_eq!(directory("given").unwrap(), machine.path("elsewhere"));
    assert_eq!(source("sub"), "path");
    assert_eq!(directory("sub").unwrap(), machine.path("project/sub"));
    assert_eq!(reason("out"), "`../elsewhere` leaves the tree it is in");
    assert_eq!(reason("stored/dep"), "not on this machine");
    assert_eq!(reason("file"), "a single file, which is not read");
    assert_eq!(source("nixpkgs"), "emulated");
    assert_eq!(reason("root/circle"), "`root/circle` follows itself");
    let table = stdout(&machine.run(&["inputs"]));
    assert!(
        table.contains("9 inputs: 4 here, 1 emulated, 4 missing"),
        "{table}"
    );
}

#[test]
fn links_lead_nowhere() {
    let machine = Machine::new();
    machine.write("elsewhere/flake.nix", "{ outputs = _: { }; }");
    let link = machine.path("project/link");
    std::os::unix::fs::symlink(machine.path("elsewhere"), link).unwrap();
    machine.write("project/mcp-lint.toml", "[inputs]\nb = \"link\"\n");
    let stored = store_path(&NOWHERE, SOURCE_NAME, &machine.path("store"));
    std::os::unix::fs::symlink(machine.path("elsewhere"), stored).unwrap();
    let nodes = [
        node("a", r#""type": "path", "path": "./link""#, ""),
        node("b", &github("b", &NOWHERE), ""),
        node("c", &github("c", &NOWHERE), ""),
    ];
    machine.lock(&nodes.join(","), r#""a": "a", "b": "b", "c": "c""#);
    let inputs = machine.inputs(&[]);
    for name in ["a", "b", "c"] {
        assert_eq!(inputs[name]["source"], "missing", "{}", inputs[name]);
        assert_eq!(inputs[name]["directory"], serde_json::Value::Null);
    }
}

#[test]
fn wrong_locks_are_told_with_their_place() {
    let machine = Machine::new();
    let too_many: String = (0..300_000)
        .map(|n| format!("{},", node(&format!("n{n}"), &github("x", &NOWHERE), "")))
        .collect();
    for (lock, message, place) in [
        (
            "{",
            "cannot use flake.lock: not valid JSON",
            "flake.lock:1:",
        ),
        (
            "{\"version\": 9,\n\"nodes\": {}}",
            "cannot use flake.lock: version 9 is not known (5, 6 and 7 are)",
            "flake.lock:1:13",
        ),
        (
            "{\"version\": 7, \"root\": \"r\",\n\"nodes\": {\"r\": {\"inputs\": {\"a\": \"gone\"}}}}",
            "cannot use flake.lock: there is no node `gone`",
            "flake.lock:2:",
        ),
        (
            &format!("{{\"version\": 7, \"root\": \"r\", \"nodes\": {{{too_many} \"r\": {{}}}}}}"),
            "cannot read flake.lock: a lock of more than 4 MiB is not read",
            "",
        ),
    ] {
        machine.write("project/flake.lock", lock);
        let output = machine.run(&["inputs"]);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
        let output = machine.run(&["check", "--no-cache"]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        let shown = stdout(&output);
        assert!(shown.contains(message) && shown.contains(place), "{shown}");
    }
}

#[test]
fn arguments_are_checked() {
    let machine = Machine::new();
    for (argument, message) in [
        ("mine", "write NAME=PATH"),
        ("=/tmp", "write the name of an input"),
        ("a//b=/tmp", "write the name of an input"),
        ("a=/nowhere", "No such file"),
        ("a=flake.nix", "not a directory"),
    ] {
        let output = machine.run(&["inputs", "--input", argument]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
    for (table, message) in [
        ("a = \"/tmp\"", "`/tmp` is not a directory of this project"),
        ("a = \"../x\"", "`../x` is not a directory of this project"),
        ("a = \"vendro/mine\"", "there is no directory `vendro/mine`"),
        ("\"a//b\" = \"x\"", "`a//b` is not the name of an input"),
    ] {
        machine.write("project/mcp-lint.toml", &format!("[inputs]\n{table}\n"));
        let output = machine.run(&["inputs"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}

/// A misspelt name would leave an input out without a word.
#[test]
fn the_project_has_every_input_that_is_given() {
    let machine = Machine::new();
    let lock = node("sops-nix", "\"type\": \"path\", \"path\": \"/nowhere\"", "");
    machine.lock(&lock, "\"sops-nix\": \"sops-nix\"");
    for command in [
        &["check", "--no-cache"][..],
        &["inputs"],
        &["inventory"],
        &["files", "."],
        &["check", "--diff"],
    ] {
        let arguments = [command, &["--input", "sops-nx=../store"]].concat();
        let output = machine.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = stderr(&output);
        assert!(told.contains("there is no input `sops-nx`"), "{told}");
        assert!(told.contains("did you mean sops-nix?"), "{told}");
    }
    // A flake without a lock for it names `a`.
    for name in ["sops-nix", "a"] {
        let given = format!("{name}=../store");
        let output = machine.run(&["inputs", "--input", &given]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let output = machine.run(&["inputs", "--input", "sops-nix/none=../store"]);
    assert!(
        stderr(&output).contains("no input `sops-nix/none`"),
        "{}",
        stderr(&output)
    );
}

/// npins and its like: a tree by its hash, without a flake.
#[test]
fn pins_without_a_flake_are_found_by_their_hash() {
    let machine = Machine::new();
    std::fs::remove_file(machine.path("project/flake.nix")).unwrap();
    let hash = machine.store("{ users.users.alice.isNormalUser = true; }");
    let module = |hash: &NarHash| {
        let url = "https://github.com/o/modules/archive/0123.tar.gz";
        let fetch = format!("builtins.fetchTarball {{ url = \"{url}\"; sha256 = \"{hash}\"; }}");
        let text = format!("{{ imports = [ \"${{{fetch}}}/flake.nix\" ]; }}");
        machine.write("project/configuration.nix", &text);
    };
    let label = |hash: &NarHash| format!("modules-{}", &flake_lock::nix32(&hash.0)[..8]);
    module(&hash);
    let input = &machine.inputs(&[])[&label(&hash)];
    assert_eq!(
        (&input["source"], &input["used"]),
        (&"store".into(), &true.into())
    );
    assert_eq!(
        input["reference"],
        "https://github.com/o/modules/archive/0123.tar.gz"
    );
    let inventory = json(&machine.run(&["inventory", "--format", "json"]));
    assert!(inventory.to_string().contains("alice"), "{inventory}");
    module(&NOWHERE);
    let input = &machine.inputs(&[])[&label(&NOWHERE)];
    assert_eq!(
        (&input["source"], &input["used"]),
        (&"missing".into(), &true.into())
    );
    let output = machine.run(&["--require-inputs"]);
    assert!(
        stderr(&output).contains(&label(&NOWHERE)),
        "{}",
        stderr(&output)
    );
}

#[cfg(feature = "fetch")]
mod fetching {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// An archive of a flake with that text, and the hash of its tree.
    fn archive(machine: &Machine, text: &str) -> (Vec<u8>, NarHash) {
        machine.write("tree/flake.nix", text);
        let hash = nar_hash(&machine.path("tree")).unwrap();
        let mut archive = tar::Builder::new(Vec::new());
        { archive.append_dir_all("tree", machine.path("tree")) }.unwrap();
        (archive.into_inner().unwrap(), hash)
    }

    /// Serves archives on the loopback address, each at `/` and its number; counts the requests.
    fn serve(archives: Vec<Vec<u8>>) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                // A request of one packet; whoever asked may be gone.
                let _ = stream.read(&mut request);
                counted.fetch_add(1, Ordering::Relaxed);
                // `GET /0.tar`
                let archive = &archives[usize::from(request[5] - b'0')];
                let length = archive.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(archive);
            }
        });
        (port, count)
    }

    #[test]
    fn a_named_input_is_fetched_once_and_verified() {
        let machine = Machine::new();
        let (bytes, hash) = archive(&machine, "{ outputs = _: { }; }");
        let (port, requests) = serve(vec![bytes]);
        let tarball = |hash: &NarHash| {
            format!(
                r#""type": "tarball", "url": "http://127.0.0.1:{port}/0.tar?token=hidden", "narHash": "{hash}""#
            )
        };
        let nodes = [
            node("a", &tarball(&hash), ""),
            node("b", &tarball(&NOWHERE), ""),
            node("nixpkgs", &github("nixpkgs", &NOWHERE), ""),
        ];
        machine.lock(
            &nodes.join(","),
            r#""a": "a", "b": "b", "nixpkgs": "nixpkgs""#,
        );
        assert_eq!(machine.inputs(&[])["a"]["source"], "missing");
        // Whatever else is done, nobody is asked.
        machine.run(&["check"]);
        machine.run(&["inventory"]);
        assert_eq!(requests.load(Ordering::Relaxed), 0);

        let output = machine.run(&["inputs", "fetch", "a"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let shown = stdout(&output);
        assert!(
            shown.contains(&format!("a: fetched http://127.0.0.1:{port}/0.tar, ")),
            "{shown}"
        );
        assert!(shown.ends_with("1 input fetched\n"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
        assert_eq!(machine.inputs(&[])["a"]["source"], "cache");
        let output = machine.run(&["inputs", "fetch", "a"]);
        assert!(stdout(&output).contains("a: here already (cache)"));
        assert_eq!(requests.load(Ordering::Relaxed), 1);

        let output = machine.run(&["inputs", "fetch", "b"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("error: b: its hash is sha256-"),
            "{}",
            stderr(&output)
        );
        assert_eq!(machine.inputs(&[])["b"]["source"], "missing");

        let output = machine.run(&["inputs", "fetch", "nixpkgs"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("never fetched"));
        let output = machine.run(&["inputs", "fetch", "aa"]);
        assert!(stderr(&output).contains("there is no input `aa`"));
        assert_eq!(requests.load(Ordering::Relaxed), 2);
    }

    /// A flake whose configurations come from an input, which has them from another one.
    #[test]
    fn what_evaluation_asks_for_is_fetched_and_then_what_that_asks_for() {
        let machine = Machine::new();
        let uses = "{ inputs.a.url = \"x\"; inputs.b.url = \"y\"; \
                    outputs = { self, a, b }: { nixosConfigurations = a.hosts; other = b.x; }; }";
        machine.write("project/flake.nix", uses);
        let (first, a) = archive(
            &machine,
            "{ inputs.dep.url = \"z\"; outputs = { self, dep }: { hosts = dep.hosts; }; }",
        );
        let (second, dep) = archive(&machine, "{ outputs = _: { hosts = { }; }; }");
        let (port, requests) = serve(vec![first, second]);
        let tarball = |number, hash: &NarHash| {
            format!(
                r#""type": "tarball", "url": "http://127.0.0.1:{port}/{number}.tar", "narHash": "{hash}""#
            )
        };
        let nodes = [
            node("a", &tarball(0, &a), r#""dep": "dep""#),
            node("dep", &tarball(1, &dep), ""),
            node("b", &tarball(0, &NOWHERE), ""),
        ];
        machine.lock(&nodes.join(","), r#""a": "a", "b": "b""#);
        let used = |name: &str| machine.inputs(&[])[name]["used"].as_bool().unwrap();
        assert!(used("a") && !used("a/dep") && !used("b"));
        let output = machine.run(&["check", "--no-cache", "--require-inputs"]);
        assert_eq!(output.status.code(), Some(2));
        let error = stderr(&output);
        assert!(error.contains("needed (--require-inputs): a\n"), "{error}");
        // Nobody was asked by all that, and the result is not kept as one of later sources.
        machine.run(&["check"]);
        assert_eq!(requests.load(Ordering::Relaxed), 0);

        let output = machine.run(&["inputs", "fetch"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let shown = stdout(&output);
        assert!(
            shown.contains("a: fetched") && shown.contains("a/dep: fetched"),
            "{shown}"
        );
        assert!(shown.ends_with("2 inputs fetched\n"), "{shown}");
        assert_eq!(requests.load(Ordering::Relaxed), 2);
        assert!(used("a/dep"));
        for command in ["check", "inventory", "files"] {
            let output = machine.run(&[command, "--require-inputs"]);
            let error = stderr(&output);
            assert!(!error.contains("--require-inputs"), "{command}: {error}");
        }
        let document = json(&machine.run(&["check", "--format", "json"]));
        let inputs = document["inputs"].as_array().unwrap();
        let shown: Vec<String> = { inputs.iter() }
            .map(|it| format!("{} {} {}", it["name"], it["source"], it["used"]))
            .collect();
        assert_eq!(
            shown,
            [
                "\"a\" \"cache\" true",
                "\"b\" \"missing\" false",
                "\"a/dep\" \"cache\" true"
            ]
        );
    }

    #[test]
    fn a_directory_that_others_can_write_into_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let machine = Machine::new();
        let directory = machine.path("cache/mcp-lint");
        std::fs::create_dir_all(&directory).unwrap();
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&directory, open).unwrap();
        let tree = flake_lock::cached_tree(&directory.join("inputs"), &NOWHERE);
        std::fs::create_dir_all(tree).unwrap();
        machine.lock(&node("a", &github("a", &NOWHERE), ""), r#""a": "a""#);
        assert_eq!(machine.inputs(&[])["a"]["source"], "missing");
        let output = machine.run(&["inputs", "fetch", "a"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("no place to keep sources"));
    }
}

#[test]
fn without_inputs_it_is_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let told = || stdout(&run(folder.path(), &["inputs"]));
    write(folder.path(), "default.nix", "{ }");
    assert_eq!(told(), "no inputs: there is no flake here\n");
    let flake = "{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = { nixpkgs, ... }: { }; }";
    write(folder.path(), "flake.nix", flake);
    assert_eq!(
        told(),
        "no inputs: flake.nix has no flake.lock beside it, which `nix flake lock` makes\n"
    );
    let lock = "{ \"nodes\": { \"root\": {} }, \"root\": \"root\", \"version\": 7 }";
    write(folder.path(), "flake.lock", lock);
    assert_eq!(told(), "no inputs: flake.lock has none\n");
}
