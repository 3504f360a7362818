//! The real tools as peers, where they are installed: age, ssh-keygen, gpg, openssl, and the
//! PyPI package `sops` 1.18 (named by `MCP_LINT_SOPS`, or `sops` on PATH).
//!
//! A test whose tool is absent says so and passes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use secret_files::{
    Code, FileFacts, Format, Recipient, RecipientKind, SopsFormat, SopsType, SshPublicKey, State,
    Value, compare_age, describe, describe_age, inspect_age, scan,
};

fn run(directory: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command
        .current_dir(directory)
        .args(arguments)
        .stdin(Stdio::null());
    command.env("GNUPGHOME", directory.join("gnupg"));
    command.output().unwrap()
}

fn must(directory: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = run(directory, program, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    output.stdout
}

fn has(need: &str) -> bool {
    test_support::program(need).is_some()
}

fn public_key_of(identity: &str) -> String {
    let line = identity
        .lines()
        .find_map(|line| line.strip_prefix("# public key: "))
        .unwrap();
    line.to_owned()
}

/// A folder with an age identity `key` and its recipient.
fn age_folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    must(folder.path(), "age-keygen", &["-o", "key"]);
    let identity = std::fs::read_to_string(folder.path().join("key")).unwrap();
    (folder, public_key_of(&identity))
}

#[test]
fn the_length_of_what_age_encrypts() {
    if !has("age") {
        return;
    }
    let (folder, recipient) = age_folder();
    for length in [0_usize, 1, 40, 41, 65_535, 65_536, 65_537, 131_072, 200_001] {
        std::fs::write(folder.path().join("plain"), vec![b'x'; length]).unwrap();
        for armor in [false, true] {
            let mut arguments = vec!["-r", &recipient, "-o", "out.age"];
            if armor {
                arguments.push("-a");
            }
            arguments.push("plain");
            must(folder.path(), "age", &arguments);
            let facts = describe(
                "out.age",
                &std::fs::read(folder.path().join("out.age")).unwrap(),
            );
            assert_eq!(
                (facts.state, facts.plaintext_length),
                (State::Encrypted, Some(length))
            );
            assert_eq!(
                facts.format,
                if armor {
                    Format::AgeArmored
                } else {
                    Format::Age
                }
            );
            assert_eq!(facts.problems, []);
        }
    }
}

/// What age decrypts is never called damaged, and what is called damaged age never decrypts.
#[test]
fn truncated_age_files() {
    if !has("age") {
        return;
    }
    let (folder, recipient) = age_folder();
    std::fs::write(folder.path().join("plain"), "a secret of a few bytes").unwrap();
    for armor in [&[][..], &["-a"][..]] {
        let mut arguments = vec!["-r", &recipient, "-o", "out.age"];
        arguments.extend(armor);
        arguments.push("plain");
        must(folder.path(), "age", &arguments);
        let whole = std::fs::read(folder.path().join("out.age")).unwrap();
        let mut caught = 0;
        let cuts: Vec<usize> = (0..whole.len())
            .step_by(7)
            .chain([whole.len() - 1])
            .collect();
        for cut in &cuts {
            std::fs::write(folder.path().join("cut.age"), &whole[..*cut]).unwrap();
            let decrypts = run(folder.path(), "age", &["-d", "-i", "key", "cut.age"])
                .status
                .success();
            let is_sound = inspect_age(&whole[..*cut]).is_ok();
            assert!(
                is_sound || !decrypts,
                "cut at {cut}: age decrypts it, but it is called damaged"
            );
            caught += usize::from(!is_sound);
        }
        // Only a cut inside of the last bytes of the payload looks like a shorter plaintext.
        assert!(
            caught * 10 >= cuts.len() * 8,
            "{caught} of {} cuts were seen",
            cuts.len()
        );
    }
}

#[test]
fn recipients_of_age_files() {
    if !has("age") || !has("ssh-keygen") {
        return;
    }
    let (folder, recipient) = age_folder();
    let path = folder.path();
    for (name, kind) in [("ed", "ed25519"), ("rsa", "rsa"), ("other", "ed25519")] {
        must(
            path,
            "ssh-keygen",
            &["-q", "-t", kind, "-N", "", "-f", name, "-C", "someone@desk"],
        );
    }
    let public = |name: &str| {
        std::fs::read_to_string(path.join(format!("{name}.pub")))
            .unwrap()
            .trim()
            .to_owned()
    };
    let (ed, rsa, other) = (public("ed"), public("rsa"), public("other"));
    std::fs::write(path.join("plain"), "x").unwrap();
    must(
        path,
        "age",
        &[
            "-r", &recipient, "-r", &ed, "-r", &rsa, "-o", "out.age", "plain",
        ],
    );
    let facts = inspect_age(&std::fs::read(path.join("out.age")).unwrap()).unwrap();
    let expect = |texts: &[&str]| -> Vec<Recipient> {
        texts
            .iter()
            .map(|text| Recipient::age(text, None))
            .collect()
    };

    assert!(compare_age(&expect(&[&ed, &recipient, &rsa]), &facts).is_empty());
    let diff = compare_age(&expect(&[&recipient, &ed, &other]), &facts);
    assert_eq!(diff.missing, expect(&[&other]));
    assert_eq!(
        diff.stale
            .iter()
            .map(|stanza| stanza.kind.as_str())
            .collect::<Vec<_>>(),
        ["ssh-rsa"]
    );
    assert_eq!(
        compare_age(&expect(&[&ed, &rsa]), &facts).anonymous,
        Some((0, 1))
    );

    // What ssh-to-age derives is a recipient that age accepts.
    let derived = SshPublicKey::parse(&ed)
        .unwrap()
        .to_age_recipient()
        .unwrap();
    must(path, "age", &["-r", &derived, "-o", "derived.age", "plain"]);
}

#[test]
fn private_keys_of_the_real_tools() {
    if !has("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    for (kind, form, format) in [
        ("ed25519", "RFC4716", Format::OpensshPrivateKey),
        ("rsa", "RFC4716", Format::OpensshPrivateKey),
        ("rsa", "PEM", Format::PemPrivateKey),
        ("ecdsa", "PEM", Format::PemPrivateKey),
        ("rsa", "PKCS8", Format::Pkcs8PrivateKey),
    ] {
        for passphrase in ["", "a passphrase"] {
            number += 1;
            let name = format!("key{number}");
            must(
                folder.path(),
                "ssh-keygen",
                &["-q", "-t", kind, "-m", form, "-N", passphrase, "-f", &name],
            );
            let bytes = std::fs::read(folder.path().join(&name)).unwrap();
            let facts = describe(&name, &bytes);
            let expected = if passphrase.is_empty() {
                (State::Plaintext, Code::UnencryptedPrivateKey)
            } else {
                (State::OtherEncrypted, Code::EncryptedPrivateKey)
            };
            assert_eq!(
                (facts.state, facts.problems[0].code),
                expected,
                "{kind} {form} {passphrase:?}"
            );
            assert_eq!(facts.format, format, "{kind} {form}");
            assert_eq!(scan(&bytes).len(), 1, "{kind} {form}");
        }
    }
}

#[test]
fn an_identity_of_age_keygen() {
    if !has("age") {
        return;
    }
    let (folder, recipient) = age_folder();
    let bytes = std::fs::read(folder.path().join("key")).unwrap();
    let facts = describe("keys.txt", &bytes);
    assert_eq!(
        (facts.format, facts.state),
        (Format::AgeIdentity, State::Plaintext)
    );
    assert_eq!(facts.problems[0].code, Code::AgeIdentity);
    assert_eq!(facts.problems[0].span.line(&bytes), 3);
    assert_eq!(scan(&bytes)[0].rule.id, "age-identity");
    assert_eq!(
        describe_age(&bytes).state,
        State::Plaintext,
        "also when it should be an age file"
    );
    assert_eq!(Recipient::age(&recipient, None).defect(), None);
}

/// A PGP key without a passphrase and its fingerprint, in a home of its own.
fn pgp_folder(protection: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("gnupg");
    std::fs::create_dir(&home).unwrap();
    let parameters = format!(
        "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048\nName-Real: T\n{protection}\n%commit\n"
    );
    std::fs::write(folder.path().join("parameters"), parameters).unwrap();
    let quiet = [
        "--batch",
        "--quiet",
        "--pinentry-mode",
        "loopback",
        "--gen-key",
        "parameters",
    ];
    must(folder.path(), "gpg", &quiet);
    let list = must(folder.path(), "gpg", &["--with-colons", "--list-keys"]);
    let list = String::from_utf8(list).unwrap();
    let line = list.lines().find(|line| line.starts_with("fpr")).unwrap();
    (folder, line.split(':').nth(9).unwrap().to_owned())
}

#[test]
fn pgp_messages_and_keys() {
    if !has("gpg") {
        return;
    }
    let (folder, fingerprint) = pgp_folder("%no-protection");
    let path = folder.path();
    std::fs::write(path.join("plain"), "x").unwrap();
    let encrypt = [
        "--batch",
        "--trust-model",
        "always",
        "-r",
        &fingerprint,
        "-o",
    ];
    must(
        path,
        "gpg",
        &[&encrypt[..], &["out.gpg", "-e", "plain"][..]].concat(),
    );
    must(
        path,
        "gpg",
        &[&encrypt[..], &["out.asc", "-a", "-e", "plain"][..]].concat(),
    );
    must(
        path,
        "gpg",
        &[
            "--batch",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "x",
            "-o",
            "sym.gpg",
            "-c",
            "plain",
        ],
    );
    for name in ["out.gpg", "out.asc", "sym.gpg"] {
        let facts = describe(name, &std::fs::read(path.join(name)).unwrap());
        assert_eq!(
            (facts.format, facts.state),
            (Format::PgpMessage, State::OtherEncrypted),
            "{name}"
        );
    }
    let key = must(path, "gpg", &["--batch", "-a", "--export-secret-keys"]);
    let facts = describe("key.asc", &key);
    assert_eq!(
        (facts.format, facts.state),
        (Format::PgpPrivateKey, State::Plaintext)
    );

    let (folder, _) = pgp_folder("Passphrase: abc");
    let export = [
        "--batch",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "abc",
        "-a",
        "--export-secret-keys",
    ];
    let key = must(folder.path(), "gpg", &export);
    let facts = describe("key.asc", &key);
    assert_eq!(
        (facts.format, facts.state),
        (Format::PgpPrivateKey, State::OtherEncrypted)
    );
}

#[test]
fn openssl_with_a_passphrase() {
    if !has("openssl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plain"), "x").unwrap();
    for base64 in [&[][..], &["-base64"][..]] {
        let arguments = [
            "enc",
            "-aes-256-cbc",
            "-pbkdf2",
            "-salt",
            "-pass",
            "pass:x",
            "-in",
            "plain",
            "-out",
            "out",
        ];
        must(folder.path(), "openssl", &[&arguments[..], base64].concat());
        let facts = describe("out", &std::fs::read(folder.path().join("out")).unwrap());
        assert_eq!(
            (facts.format, facts.state),
            (Format::OpensslSalted, State::OtherEncrypted)
        );
    }
}

/// `sops` 1.18 of PyPI: an independent implementation, YAML and PGP.
fn sops() -> Option<PathBuf> {
    let named = std::env::var_os("MCP_LINT_SOPS").map(PathBuf::from);
    let found = named
        .into_iter()
        .chain([PathBuf::from("sops")])
        .find(|path| {
            let help = Command::new(path).arg("--help").output();
            help.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("usage: sops"))
        });
    let why = "the PyPI package sops 1.18 is not installed (set MCP_LINT_SOPS to its program)";
    test_support::require("sops", found.ok_or(why))
}

fn values(facts: &FileFacts) -> Vec<(String, Value)> {
    facts
        .keys
        .leaves()
        .map(|(id, key)| (facts.keys.path_text(id), key.value))
        .collect()
}

#[test]
fn files_of_python_sops() {
    let Some(sops) = sops().filter(|_| has("gpg")) else {
        return;
    };
    let (folder, fingerprint) = pgp_folder("%no-protection");
    let path = folder.path();
    let plain = "token: abcdef\nempty: ''\nport: 8080\non: true\ndb:\n  password: hunter2\nlist:\n- one\n- two\nnote_unencrypted: visible\n";
    std::fs::write(path.join("a.yaml"), plain).unwrap();
    let sops = sops.to_string_lossy().into_owned();
    let encrypted = must(path, &sops, &["-e", "--pgp", &fingerprint, "a.yaml"]);
    let facts = describe("a.yaml", &encrypted);
    assert_eq!(facts.state, State::Encrypted, "{:?}", facts.problems);
    let recipients: Vec<(RecipientKind, &str)> = facts
        .recipients()
        .map(|recipient| (recipient.kind, recipient.id.as_str()))
        .collect();
    assert_eq!(recipients, [(RecipientKind::Pgp, fingerprint.as_str())]);
    let values = values(&facts);
    let of = |path: &str| {
        values
            .iter()
            .find(|(found, _)| found == path)
            .map(|(_, value)| *value)
            .unwrap()
    };
    assert_eq!(
        of("token"),
        Value::Encrypted {
            sops_type: SopsType::String,
            length: 6
        }
    );
    assert_eq!(
        of("db/password"),
        Value::Encrypted {
            sops_type: SopsType::String,
            length: 7
        }
    );
    assert_eq!(
        of("port"),
        Value::Encrypted {
            sops_type: SopsType::Integer,
            length: 4
        }
    );
    assert!(matches!(
        of("note_unencrypted"),
        Value::Plain {
            should_be_encrypted: false,
            ..
        }
    ));

    // One value put back as plaintext: partly encrypted, and the tool refuses it.
    let text = String::from_utf8(encrypted).unwrap();
    let leaked: String = text
        .lines()
        .map(|line| {
            if line.starts_with("token:") {
                "token: abcdef\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let facts = describe("a.yaml", leaked.as_bytes());
    assert_eq!(facts.state, State::Partial);
    std::fs::write(path.join("leaked.yaml"), &leaked).unwrap();
    assert!(!run(path, &sops, &["-d", "leaked.yaml"]).status.success());
    assert!(matches!(
        facts.lookup(SopsFormat::Yaml, "token"),
        secret_files::Lookup::Found(_)
    ));
}
