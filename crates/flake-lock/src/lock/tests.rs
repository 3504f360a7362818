//! Locks as Nix writes them, and hostile ones.

use super::*;

const HASH: &str = "sha256-4dtXQk/NMePegK/nWp5NSeuZKLATItOq61lpEvmXqGw=";

/// A lock of version 7 with these nodes.
fn lock(nodes: &str) -> Result<Lock, LockError> {
    Lock::parse(&format!(
        r#"{{ "nodes": {{ {nodes} }}, "root": "root", "version": 7 }}"#
    ))
}

/// A node without inputs.
fn leaf(name: &str) -> String {
    format!(
        r#""{name}": {{ "locked": {{ "type": "github", "owner": "o", "repo": "{name}", "narHash": "{HASH}" }} }}"#
    )
}

fn node(name: &str, inputs: &str) -> String {
    let leaf = leaf(name);
    let open = leaf.strip_suffix('}').expect("a set");
    format!(r#"{open}, "inputs": {{ {inputs} }} }}"#)
}

fn root(inputs: &str) -> String {
    format!(r#""root": {{ "inputs": {{ {inputs} }} }}"#)
}

fn name_at(lock: &Lock, path: &[&str]) -> String {
    let node = lock.node_at(path).expect("no cycle").expect("a node");
    lock.node(node).name.to_string()
}

#[test]
fn follows_start_from_the_root() {
    let nodes = [
        root(r#""a": "a", "b": "b", "n": "n", "z": ["a", "n"]"#),
        node("a", r#""n": ["n"]"#),
        node("b", r#""n": "n_2", "a": ["a"], "again": ["z"], "none": []"#),
        leaf("n"),
        leaf("n_2"),
    ];
    let lock = lock(&nodes.join(",")).expect("a lock");
    assert_eq!(name_at(&lock, &["a", "n"]), "n");
    assert_eq!(name_at(&lock, &["b", "n"]), "n_2");
    assert_eq!(name_at(&lock, &["b", "a", "n"]), "n");
    assert_eq!(name_at(&lock, &["z"]), "n");
    assert_eq!(name_at(&lock, &["b", "again"]), "n");
    // `follows = ""`: call-flake.nix gives the root flake itself.
    assert_eq!(name_at(&lock, &["b", "none"]), "root");
    assert_eq!(lock.node_at(&["b", "missing"]), Ok(None));
    assert_eq!(lock.follows_errors().count(), 0);
}

#[test]
fn follows_that_lead_nowhere_do_no_harm_to_others() {
    let nodes = [
        root(r#""a": ["b"], "b": ["a"], "c": ["d", "x"], "d": "d", "e": ["c"], "self": ["self"]"#),
        leaf("d"),
    ];
    let text = nodes.join(",");
    let lock = lock(&text).expect("a lock");
    let kind = |name| lock.input(lock.root(), name).map_err(|error| error.kind);
    assert_eq!(kind("d").map(|node| node.is_some()), Ok(true));
    assert_eq!(kind("self"), Err(FollowsErrorKind::Cycle));
    assert!(kind("a").is_err() && kind("b").is_err());
    assert_eq!(
        kind("c"),
        Err(FollowsErrorKind::NoSuchInput("d".into(), "x".into()))
    );
    assert_eq!(kind("e"), Err(FollowsErrorKind::Broken));
    assert_eq!(lock.follows_errors().count(), 5);
}

#[test]
fn follows_of_any_depth_take_linear_time() {
    // Each input is reached by walking the one before it twice: 2 to the power of 5,000 steps for
    // who resolves each anew, and 5,000 calls deep.
    let inputs: Vec<String> = (1..5_000)
        .map(|n| format!(r#""i{n}": ["i{}", "back", "i{}"]"#, n - 1, n - 1))
        .collect();
    let root = root(&format!(r#""i0": "a", {}"#, inputs.join(",")));
    let nodes = [root, node("a", r#""back": []"#)];
    let lock = lock(&nodes.join(",")).expect("a lock");
    assert_eq!(name_at(&lock, &["i4999"]), "a");
}

#[test]
fn errors_have_their_place() {
    let at = |text: &str| {
        let error = Lock::parse(text).expect_err("an error");
        let shown = text.get(error.span.clone()).expect("a place").to_owned();
        (error.to_string(), shown)
    };
    let with_version = |version: &str| format!(r#"{{"nodes": {{}}, "version": {version}}}"#);
    let cases = [
        (with_version("8"), "version 8 is not known (5, 6 and 7 are)", "8"),
        (with_version(r#""7""#), "`version` is missing or not a number", r#""7""#),
        ("[]".to_owned(), "`flake.lock` is not a set", "[]"),
        (
            r#"{"version": 7, "root": "r", "nodes": {"r": {"inputs": {"a": "gone"}}}}"#.to_owned(),
            "there is no node `gone`",
            r#""gone""#,
        ),
        (
            r#"{"version": 7, "root": "x", "nodes": {}}"#.to_owned(),
            "there is no node `x`",
            r#""x""#,
        ),
        (
            r#"{"version": 7, "root": "r", "nodes": {"r": {}, "a": {"locked": {"type": "git", "narHash": "sha256-AA"}}}}"#
                .to_owned(),
            "`narHash` is not a SHA-256 hash",
            r#""sha256-AA""#,
        ),
        (
            r#"{"version": 7, "root": "r", "nodes": {"r": {"inputs": {"a": [1]}}}}"#.to_owned(),
            "`a` is not a text",
            "1",
        ),
        (
            r#"{"version": 7, "root": "r", "nodes": {"r": {}, "a": {"flake": 1, "locked": {"type": "git"}}}}"#
                .to_owned(),
            "`flake` is not true or false",
            "1",
        ),
    ];
    for (text, message, place) in cases {
        assert_eq!(at(&text), (message.to_owned(), place.to_owned()), "{text}");
    }
    for text in ["", "{", "{\"nodes\": {},}", &"[".repeat(100_000)] {
        let error = Lock::parse(text).expect_err("an error");
        assert_eq!(error.kind, LockErrorKind::Syntax);
    }
}

#[test]
fn a_million_nodes_are_refused_at_once() {
    let nodes: Vec<String> = (0..1_000_000).map(|n| leaf(&format!("n{n}"))).collect();
    let error = lock(&nodes.join(",")).expect_err("an error");
    assert_eq!(error.kind, LockErrorKind::TooLarge);
}

#[test]
fn version_5_keeps_the_hash_apart() {
    let text = format!(
        r#"{{"version": 5, "root": "root", "nodes": {{"root": {{"inputs": {{"a": "a"}}}},
            "a": {{"info": {{"narHash": "{HASH}", "lastModified": 1}}, "locked": {{"type": "git", "url": "u", "rev": "r"}}}}}}}}"#
    );
    let lock = Lock::parse(&text).expect("a lock");
    let node = lock.node(lock.node_named("a").expect("a node"));
    let locked = node.locked.as_ref().expect("locked");
    assert_eq!(
        locked.nar_hash.map(|hash| hash.to_string()).as_deref(),
        Some(HASH)
    );
    assert_eq!(locked.revision(), Some("r"));
}

#[test]
fn input_paths_are_the_shortest() {
    let nodes = [
        root(r#""a": "a", "b": "b""#),
        node("a", r#""deep": "d""#),
        node("b", r#""d": "d", "up": "a""#),
        node("d", r#""a": "a""#),
        leaf("unused"),
    ];
    let lock = lock(&nodes.join(",")).expect("a lock");
    let paths = lock.input_paths();
    let of = |name| { lock.node_named(name) }.and_then(|node| paths.get(&node));
    let shown = |name| of(name).map(|path| path.join("/"));
    assert_eq!(shown("a").as_deref(), Some("a"));
    assert_eq!(shown("d").as_deref(), Some("a/deep"));
    assert_eq!(shown("unused"), None);
}

#[test]
fn references_are_shown_without_passwords_and_queries() {
    for (locked, shown) in [
        (
            r#""type": "github", "owner": "o", "repo": "r""#,
            "github:o/r",
        ),
        (
            r#""type": "git", "url": "https://me:secret@a.org:8/o/r.git?token=x""#,
            "git+https://a.org:8/o/r.git",
        ),
        (
            r#""type": "tarball", "url": "https://a.org/x.tar.gz?token=x#y""#,
            "https://a.org/x.tar.gz",
        ),
        (r#""type": "path", "path": "./sub""#, "path:./sub"),
    ] {
        let text = format!(r#""root": {{}}, "x": {{"locked": {{{locked}}}}}"#);
        let lock = lock(&text).expect("a lock");
        let node = lock.node(lock.node_named("x").expect("a node"));
        assert_eq!(node.locked.as_ref().expect("locked").to_string(), shown);
    }
}

/// Numbers that look random: a linear congruential generator, as Knuth has it.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = { self.0.wrapping_mul(6_364_136_223_846_793_005) }
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// `getInputByPath` of `call-flake.nix`, word by word, for at most so many steps; `None` if it would
/// fail or not end.
fn as_nix_does(lock: &Lock, path: &[Arc<str>], steps: &mut u32) -> Option<NodeId> {
    let mut node = lock.root();
    for name in path {
        *steps = steps.checked_sub(1)?;
        node = match &lock.node(node).inputs.get(name)?.target {
            EdgeTarget::Node(next) => *next,
            EdgeTarget::Follows(path) => as_nix_does(lock, path, steps)?,
        };
    }
    Some(node)
}

#[test]
fn inputs_lead_where_nix_leads_them() {
    let mut random = Random(7);
    let (mut followed, mut failed) = (0, 0);
    for _ in 0..2_000 {
        let count = 1 + random.below(6);
        let names: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
        let mut nodes = Vec::new();
        for at in 0..=count {
            let mut inputs = Vec::new();
            for name in ["a", "b", "c"] {
                match random.below(4) {
                    0 => {}
                    1 => {
                        let path: Vec<&str> = { 0..random.below(4) }
                            .map(|_| ["\"a\"", "\"b\"", "\"c\""][random.below(3)])
                            .collect();
                        inputs.push(format!(r#""{name}": [{}]"#, path.join(",")));
                    }
                    _ => inputs.push(format!(r#""{name}": "n{}""#, random.below(count))),
                }
            }
            let inputs = inputs.join(",");
            nodes.push(match names.get(at) {
                Some(name) => node(name, &inputs),
                None => root(&inputs),
            });
        }
        let lock = lock(&nodes.join(",")).expect("a lock");
        let all: Vec<NodeId> = lock.nodes().chain([lock.root()]).collect();
        for id in all {
            for (name, edge) in &lock.node(id).inputs {
                let EdgeTarget::Follows(path) = &edge.target else {
                    continue;
                };
                let wanted = as_nix_does(&lock, path, &mut 300);
                let found = lock.input(id, name).ok().flatten();
                assert_eq!(found, wanted, "{nodes:#?} {name}");
                followed += usize::from(found.is_some());
                failed += usize::from(found.is_none());
            }
        }
    }
    // Both happen.
    assert!(followed > 1_000 && failed > 1_000, "{followed} {failed}");
}

/// A lock of so many nodes that each have the next as inputs of these names.
fn chain(count: usize, names: &[&str]) -> String {
    let inputs = |to: usize| {
        let inputs = names.iter().map(|name| format!(r#""{name}": "n{to}""#));
        inputs.collect::<Vec<_>>().join(",")
    };
    let mut nodes = vec![root(&inputs(0))];
    for at in 0..count {
        let inputs = if at + 1 < count {
            inputs(at + 1)
        } else {
            String::new()
        };
        nodes.push(node(&format!("n{at}"), &inputs));
    }
    nodes.join(",")
}

#[test]
fn names_of_deep_nodes_do_not_grow_with_their_depth() {
    // A chain, and one of diamonds.
    for names in [&["a"][..], &["a", "b"]] {
        let lock = lock(&chain(5_000, names)).expect("a lock");
        let paths = lock.input_paths();
        assert_eq!(paths.len(), 5_001);
        let parts: usize = paths.values().map(Vec::len).sum();
        assert!(parts < 11_000, "{parts}");
        for (node, path) in &paths {
            assert_eq!(lock.node_at(path).expect("a node"), Some(*node));
        }
        // Down to there names are those of the inputs.
        let deep = lock.node_named("n30").expect("a node");
        assert_eq!(paths[&deep], vec![Arc::from("a"); 31]);
        let deep = lock.node_named("n32").expect("a node");
        assert_eq!(paths[&deep], [Arc::from("…"), Arc::from("n32")]);
    }
}

#[test]
fn absurd_locks_are_refused() {
    let long = "x".repeat(256);
    let named = [root(&format!(r#""{long}": "n""#)), node("n", "")].join(",");
    let kind = lock(&named).expect_err("refused").kind;
    assert_eq!(kind, LockErrorKind::LongName);
    let named = [root(""), node(&long, "")].join(",");
    let kind = lock(&named).expect_err("refused").kind;
    assert_eq!(kind, LockErrorKind::LongName);
    let inputs: Vec<String> = (0..100_001).map(|n| format!(r#""{n}": []"#)).collect();
    let kind = lock(&root(&inputs.join(","))).expect_err("refused").kind;
    assert_eq!(kind, LockErrorKind::TooManyInputs(100_000));
}
