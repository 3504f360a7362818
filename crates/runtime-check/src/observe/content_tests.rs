use super::*;

fn class(bytes: &[u8]) -> Content {
    classify(bytes, bytes.len() as u64)
}

#[test]
fn blanks_and_line_breaks() {
    assert!(class(b" \n\t\r\n").only_blanks);
    assert!(!class(b"").only_blanks);
    for (bytes, ending, around) in [
        (&b"token"[..], Ending::None, false),
        (b"token\n", Ending::Newline, false),
        (b"token\r\n", Ending::CarriageReturnNewline, false),
        (b"token\n\n", Ending::Several, false),
        (b"token\r\n\r\n", Ending::Several, false),
        (b"token \n", Ending::Newline, true),
        (b" token", Ending::None, true),
    ] {
        let content = class(bytes);
        assert_eq!(
            (content.ending, content.blanks_around),
            (ending, around),
            "{bytes:?}"
        );
        assert!(content.one_line);
    }
    assert!(!class(b"one\ntwo\n").one_line);
    assert!(class(b"a\0b").nul);
    assert!(class(b"\xef\xbb\xbftoken").byte_order_mark);
    assert!(!class(b"\xff\xfe").text);
}

#[test]
fn a_beginning_is_judged_as_a_beginning() {
    let cut = classify(b"token\xc3", 100);
    assert!(cut.text, "a character cut off by the limit is no error");
    assert!(!cut.one_line && !cut.only_blanks);
    assert_eq!((cut.length, cut.examined), (100, 6));
}

#[test]
fn what_was_never_decrypted() {
    for (bytes, expected) in [
        (
            &b"age-encryption.org/v1\n-> X25519 abc\n"[..],
            Ciphertext::Age,
        ),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", Ciphertext::Age),
        (
            b"ENC[AES256_GCM,data:abc=,iv:d,tag:e,type:str]",
            Ciphertext::Sops,
        ),
        (
            b"{\"data\": \"ENC[AES256_GCM,data:x\", \"sops\": {}}",
            Ciphertext::Sops,
        ),
        (b"$ANSIBLE_VAULT;1.1;AES256\n", Ciphertext::AnsibleVault),
        (b"\0GITCRYPT\0\x01", Ciphertext::GitCrypt),
    ] {
        assert_eq!(class(bytes).ciphertext, Some(expected));
    }
    assert_eq!(class(b"ENCODED").ciphertext, None);
}

#[test]
fn placeholders() {
    let sops = format!("token=<SOPS:{}:PLACEHOLDER>", "0a".repeat(32));
    assert!(class(sops.as_bytes()).sops_placeholder);
    assert!(!class(b"<SOPS:abc:PLACEHOLDER>").sops_placeholder);
    for word in [
        "changeme",
        "CHANGE_ME\n",
        "ghp_your_token_here",
        "sk-your_key_here",
        "your_kagi_key_here",
        "xxxxxxxx",
        "<token>",
        "ghp_xxxxxxxxxxxxxxxx",
        "# This is a dummy secret.\nsecond line\n",
    ] {
        assert!(class(word.as_bytes()).placeholder_word, "{word}");
    }
    for real in [
        "hunter2",
        "ghp_Ab3dEfGhIjKlMnOpQrStUvWxYz0123456789",
        "R3todoQx9Zk",
        "correct horse battery staple",
        "a",
    ] {
        assert!(!class(real.as_bytes()).placeholder_word, "{real}");
    }
}

#[test]
fn assignments() {
    assert!(class(b"A=1\n# note\nexport B_C=two words\n").assignments);
    assert!(!class(b"A=1\nB\n").assignments);
    assert!(!class(b"").assignments);
    assert!(class(b"GITHUB_TOKEN=abc\n").one_assignment);
    for value in [&b"YWJjZA=="[..], b"dGVzdA=", b"a=b", b"postgres://h/?x=1"] {
        assert!(!class(value).one_assignment);
    }
}

#[test]
fn password_hashes() {
    for (value, expected) in [
        (
            "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
            Some(PasswordHash::Strong),
        ),
        (
            "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.",
            Some(PasswordHash::Strong),
        ),
        (
            "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
            Some(PasswordHash::Weak),
        ),
        ("!", Some(PasswordHash::Locked)),
        ("hunter2", None),
        ("$6$", None),
        ("correct horse battery staple", None),
    ] {
        assert_eq!(class(value.as_bytes()).password_hash, expected, "{value}");
    }
}

#[test]
fn keys() {
    let plain = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ";
    let locked = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI";
    for (bytes, expected) in [
        (&plain[..], Some(KeyMaterial::Private)),
        (locked, Some(KeyMaterial::PassphraseProtected)),
        (
            b"# created: 2026\n# public key: age1x\nAGE-SECRET-KEY-1ABC\n",
            Some(KeyMaterial::AgeIdentity),
        ),
        (b"AGE-PLUGIN-YUBIKEY-1ABC\n", Some(KeyMaterial::AgePlugin)),
        (
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            Some(KeyMaterial::PassphraseProtected),
        ),
        (
            b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
            Some(KeyMaterial::PassphraseProtected),
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\nMIIE",
            Some(KeyMaterial::Private),
        ),
        (
            b"age-encryption.org/v1\n-> scrypt abc 18\n",
            Some(KeyMaterial::PassphraseProtected),
        ),
        (b"ssh-ed25519 AAAA root@desk\n", Some(KeyMaterial::Public)),
        (b"hello", None),
    ] {
        assert_eq!(
            class(bytes).key,
            expected,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn the_format_is_of_the_whole_value() {
    let token = format!("ghp_{}\n", "a1B2".repeat(9));
    assert_eq!(
        class(token.as_bytes()).format.as_deref(),
        Some("github-classic")
    );
    let text = format!("token: {token}");
    assert_eq!(class(text.as_bytes()).format, None);
    assert_eq!(
        class(b"ghp_short").begins_like.as_deref(),
        Some("github-classic")
    );
}
