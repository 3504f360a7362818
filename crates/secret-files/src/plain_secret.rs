//! Whether a file's content is secret as a whole, by its name and by what it holds.

use std::path::Path;

use crate::{
    State, TokenClass, describe, is_credential_name, is_marked_by_sops, looks_random,
    plausible_secret, scan, scan_private_keys,
};

/// Directories in which every data file is secret.
const SECRET_DIRECTORIES: [&str; 4] = ["secrets", "secret", ".secrets", "private-secrets"];
/// Data files.
const DATA: [&str; 13] = [
    "yaml", "yml", "json", "env", "ini", "age", "key", "pem", "p12", "token", "secret", "enc",
    "gpg",
];
/// What is beside secrets and is none.
const BESIDE: [&str; 6] = [
    ".sops.yaml",
    ".sops.yml",
    "secrets.nix",
    "README.md",
    ".gitignore",
    ".gitattributes",
];
/// Parts of a data file's name that say that it is secret, decrypted or meant to be encrypted.
const SECRET_PARTS: [&str; 9] = [
    "secret",
    "secrets",
    "credential",
    "credentials",
    "sops",
    "enc",
    "dec",
    "decrypted",
    "plaintext",
];
/// Files in which programs look for credentials.
const CREDENTIAL_FILES: [&str; 15] = [
    ".netrc",
    "netrc",
    "sasl_passwd",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".git-credentials",
    ".htpasswd",
    "htpasswd",
    "shadow",
    "kubeconfig",
    ".vault_pass",
    ".s3cfg",
    ".pypirc",
    ".dockercfg",
];
/// How much of a file is searched for lines that assign a credential, in bytes: who writes more than that
/// writes no configuration.
const SEARCHED: usize = 1 << 20;
/// Endings of an environment file that shows which variables there are.
const EXAMPLES: [&str; 6] = ["example", "sample", "template", "dist", "tpl", "in"];

/// Whether `name` is that of a secret file by its extension, or of a data file in a directory of secrets;
/// `shown` is its path below the project.
#[must_use]
pub fn has_secret_name(name: &Path, shown: &str) -> bool {
    let (name, extension) = (file_name(name), extension(name));
    if extension == "age" {
        return true;
    }
    let directories = shown
        .rsplit_once('/')
        .map_or("", |(directories, _)| directories);
    let is_within = directories
        .split('/')
        .any(|directory| SECRET_DIRECTORIES.contains(&directory));
    is_within && (DATA.contains(&&*extension) || name == ".env") && !BESIDE.contains(&&*name)
}

/// Whether the content of a file is a secret in plain text: a private key, an environment file, a data file
/// that is named as a secret and not encrypted, a text in which a credential is, or a line that gives one to
/// a variable that is named so. `path` is below the project.
///
/// A Nix file is one by what is in it only, never by its name: to be read as text, not to be evaluated.
#[must_use]
pub fn holds_plain_secret(path: &Path, bytes: &[u8]) -> bool {
    if bytes.trim_ascii().is_empty() {
        return false;
    }
    let name = file_name(path);
    let extension = extension(path);
    let keys = scan_private_keys(bytes);
    // What only looks like a key may be one that is broken.
    if keys.iter().any(|key| key.class == TokenClass::PrivateKey) || has_key_armor(bytes) {
        return true;
    }
    let is_named = extension != "nix"
        && (has_secret_name(path, &path.to_string_lossy())
            || is_environment_file(&name)
            || CREDENTIAL_FILES.contains(&&*name)
            || extension == "tfvars"
            || is_nameless_among_secrets(path, &name)
            || (DATA.contains(&&*extension) || extension == "toml" || extension == "txt")
                && !BESIDE.contains(&&*name)
                && name
                    .split(['.', '-', '_'])
                    .any(|part| SECRET_PARTS.contains(&part)));
    if is_named {
        return !is_encrypted(path, bytes);
    }
    is_one_credential(&name, bytes) || assigns_a_credential(bytes) || has_a_credential(bytes)
}

/// Whether a credential is somewhere in a text: what is computed from the text would show it in pieces.
fn has_a_credential(bytes: &[u8]) -> bool {
    let found = scan(bytes.get(..SEARCHED).unwrap_or(bytes));
    { found.iter() }.any(|found| found.class == TokenClass::Credential)
}

/// Whether a line begins the armor of a private key, valid or not.
fn has_key_armor(bytes: &[u8]) -> bool {
    let starts = memchr::memmem::find_iter(bytes, "-----BEGIN ");
    starts.into_iter().any(|start| {
        let line = bytes.get(start..).unwrap_or_default();
        let line = line.get(..line.len().min(80)).unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next();
        line.is_some_and(|line| memchr::memmem::find(line, b"PRIVATE KEY").is_some())
    })
}

/// `secrets/wifi`: a file without extension in a directory of secrets.
fn is_nameless_among_secrets(path: &Path, name: &str) -> bool {
    let parent = path.parent().unwrap_or(Path::new(""));
    let mut directories = parent.components();
    let is_within = directories.any(|directory| {
        let directory = directory.as_os_str().to_str();
        directory.is_some_and(|it| SECRET_DIRECTORIES.contains(&it))
    });
    is_within && !name.contains('.') && !name.starts_with("README")
}

/// Whether a line gives something random to a variable with the name of a credential:
/// `psk: …`, `export TOKEN="…"`, `:_authToken=…`.
fn assigns_a_credential(bytes: &[u8]) -> bool {
    let bytes = bytes.get(..SEARCHED).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let is_value = |value: &str| looks_random(value) && plausible_secret(value);
    // `name = "value"`, `name: value`, `'name' => 'value'`
    let is_joint = |line: &str, joint: char| {
        let Some((name, value)) = line.split_once(joint) else {
            return false;
        };
        let value = value.trim_start_matches('>').trim();
        let value = value.trim_end_matches([',', ';']);
        is_value(value.trim_matches(['"', '\'']))
            && is_credential_name(name.trim_matches(['"', '\'', ' ', '\t']))
    };
    // `login alice password value`, `Authorization: Bearer value`, `<password>value</password>`
    let is_in_words = |line: &str| {
        let mut words = line
            .split([' ', '\t', '<', '>'])
            .filter(|word| !word.is_empty());
        let mut before = words.next().unwrap_or_default();
        words.any(|word| {
            let name = std::mem::replace(&mut before, word);
            let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let is_name = name.chars().all(is_bare) && is_credential_name(name);
            is_value(word) && (is_name || name.eq_ignore_ascii_case("bearer"))
        })
    };
    { text.lines() }.any(|line| is_joint(line, '=') || is_joint(line, ':') || is_in_words(line))
}

fn is_encrypted(path: &Path, bytes: &[u8]) -> bool {
    let is_marked = is_marked_by_sops(bytes)
        || !bytes.is_ascii()
        || bytes.starts_with(b"-----")
        || bytes.starts_with(b"age-encryption.org/");
    is_marked
        && matches!(
            describe(path, bytes).state,
            State::Encrypted | State::OtherEncrypted
        )
}

/// `.env`, `.env.local`, `prod.env`; not `.env.example`.
fn is_environment_file(name: &str) -> bool {
    let mut parts = name.split('.').filter(|part| !part.is_empty());
    let last = name.rsplit('.').next().unwrap_or_default();
    parts.any(|part| part == "env") && name.contains(".env") && !EXAMPLES.contains(&last)
}

/// A file of one word that is a password, or has the name of a credential: `github-token`, `password.txt`.
fn is_one_credential(name: &str, bytes: &[u8]) -> bool {
    let line = bytes.trim_ascii();
    if line
        .iter()
        .any(|byte| byte.is_ascii_whitespace() || *byte == 0)
    {
        return false;
    }
    let stem = name.strip_suffix(".txt").unwrap_or(name);
    is_credential_name(stem) || (!name.contains("pub") && is_password(line))
}

/// Whether a word is a password by its characters: long enough, of three kinds, and no version, path,
/// address, checksum or the like.
fn is_password(word: &[u8]) -> bool {
    /// Of bytes: what a service demands, and what nobody writes by hand.
    const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;
    let of_names = |byte: &u8| matches!(byte, b'.' | b'/' | b':' | b'@');
    let Ok(text) = std::str::from_utf8(word) else {
        return false;
    };
    let kinds: [fn(&u8) -> bool; 4] = [
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
        u8::is_ascii_punctuation,
    ];
    let used = kinds.iter().filter(|kind| word.iter().any(kind));
    LENGTH.contains(&word.len())
        && !word.iter().any(of_names)
        && !word.iter().all(u8::is_ascii_hexdigit)
        && (used.count() >= 3 || looks_random(text) && plausible_secret(text))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(path: &str, text: &str) -> bool {
        holds_plain_secret(Path::new(path), text.as_bytes())
    }

    #[test]
    fn contents_that_are_secret_as_a_whole() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END OPENSSH PRIVATE KEY-----\n";
        for (path, text) in [
            ("keys/deploy", key),
            (".env", "TOKEN=hunter2"),
            ("svc/.env.local", "TOKEN=hunter2"),
            ("prod.env", "A=b"),
            ("secrets/wifi.yaml", "psk: hunter2"),
            ("secrets.json", "{\"psk\": \"hunter2\"}"),
            ("wifi.dec.yaml", "psk: hunter2"),
            ("password", "hunter2\n"),
            ("github-token.txt", "hunter2"),
            ("whatever", &token),
            (
                "broken",
                "#\n-----BEGIN OPENSSH PRIVATE KEY-----\nno key\n-----END OPENSSH PRIVATE KEY-----\n",
            ),
            (
                "pkcs8.txt",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n-----END ENCRYPTED PRIVATE KEY-----\n",
            ),
            (".netrc", "machine example.org login me password hunter2"),
            ("secrets/wifi", "hunter2"),
            ("prod.tfvars", "region = 1"),
            (
                "users.yml",
                "users:\n  me:\n    password: \"q8XvT2mLw9RzK4cJ7bNs\"\n",
            ),
            (".npmrc", "//example.org/:_authToken=q8XvT2mLw9RzK4cJ7bNs\n"),
            ("wifi", "hunter2hunterX9\n"),
            ("wifi.txt", "Tr0ub4dor&3"),
            (
                "deploy.sh",
                &format!("#!/bin/sh\ncurl -H \"Authorization: token {token}\" x\n"),
            ),
            ("netrc", "machine example.org login me password hunter2"),
            ("hosts.txt", "login me password q8XvT2mLw9RzK4cJ7bNs"),
            ("h.conf", "Authorization: Bearer q8XvT2mLw9RzK4cJ7bNs"),
            ("a.xml", "<password>q8XvT2mLw9RzK4cJ7bNs</password>"),
            ("a.php", "  'passwd' => 'q8XvT2mLw9RzK4cJ7bNs',"),
            ("creds.nix", &format!("{{ a = \"{token}\"; }}")),
            ("keys.nix", key),
        ] {
            assert!(holds(path, text), "{path}");
        }
    }

    #[test]
    fn contents_that_are_not() {
        let encrypted = "psk: ENC[AES256_GCM,data:Bg==,iv:IqQbnDK73Mv7sxPbHzy1KYOZ3J1C9WeF8NSIsXTEMVk=,tag:r8DKFCvBcI1sBvwtXuypjA==,type:str]\nsops:\n    age:\n        - recipient: age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy\n          enc: \"\"\n    lastmodified: \"2026-11-23T12:42:31Z\"\n    mac: ENC[AES256_GCM,data:/QYFLymYiiR9+s7EgnaOIFJF7uvtCAUQJAIb0nD3JDBNe7HTQKi+aPzSjQ4IyLYFPbxk4aDjS1GrDodKVwVe1tV4fI09F7JQ2LZw6zZ2HL+azVH1sURhEGG2Tb3/ZbsFLhlPMbXsZvGDQJsh3sC1bOOxT/1LPFHo2VjZwYmPRDA=,iv:oTA2qiFzkDAcMCsvJHGIvTkRACbVnCVgGQrioeE7nWo=,tag:EP6VR6Oqcur7guhuEdxFOQ==,type:str]\n    version: 3.13.2\n";
        for (path, text) in [
            ("secrets/wifi.yaml", encrypted),
            (".env.example", "TOKEN="),
            ("hosts.json", "{\"desk\": \"10.0.0.1\"}"),
            (
                "notes.conf",
                "the password is long, and bearer tokens are short",
            ),
            ("secrets.nix", "{ }"),
            ("password.nix", "{ lib, ... }: { owner = \"me\"; }"),
            ("hostname", "desk-of-alice"),
            ("hostid", "8425e349"),
            ("version", "v1.24.5-rc1"),
            ("channel", "nixos-unstable"),
            (
                "wireguard.pub",
                "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
            ),
            ("zone", "Europe/Berlin"),
            ("script.sh", "#!/bin/sh\ncat /run/secrets/token\n"),
            ("id_ed25519.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"),
            ("environment.md", "text"),
            ("secrets/.sops.yaml", "keys: []"),
            ("password", ""),
            ("tokenizer", "x"),
            ("app.yml", "password: changeme\ntokenFile: /run/secrets/x\n"),
            ("app.toml", "password = \"${PASSWORD}\"\n"),
            (
                "hash.json",
                "{\n  \"rev\": \"0f1e2d3c4b5a69788796a5b4c3d2e1f001234567\"\n}",
            ),
            ("cert.pem.txt", "-----BEGIN CERTIFICATE-----\nMII\n"),
            ("secrets/README", "put secrets here"),
        ] {
            assert!(!holds(path, text), "{path}");
        }
    }
}
