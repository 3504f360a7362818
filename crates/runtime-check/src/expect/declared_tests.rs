use super::*;

const MANIFEST: &str = r#"{"schema": 1, "root": "/src", "hosts": [
  {"name": "desk", "class": "nixos", "attribute": "nixosConfigurations.desk",
   "secrets": [
     {"manager": "sops-nix", "kind": "secret", "scope": "system", "user": null, "attribute": "github_token",
      "name": "github_token", "path": "/run/secrets/GITHUB_TOKEN", "owner": "root", "uid": 0, "group": "users",
      "gid": null, "mode": "0400", "needed_for_users": false},
     {"manager": "sops-nix", "scope": "user", "user": "root", "attribute": "x", "name": "x", "path": "%r/x", "mode": "0400"},
     {"manager": "agenix", "scope": "user", "user": "root", "attribute": "y", "name": "y",
      "path": "$(getconf DARWIN_USER_TEMP_DIR)/agenix/y"},
     {"manager": "sops-nix", "scope": "system", "attribute": "pw", "name": "pw", "path": "/run/secrets-for-users/pw",
      "owner": "alice", "needed_for_users": true},
     {"manager": "sops-nix", "attribute": "open", "name": "open", "path": "/run/secrets/open", "owner": "alice",
      "uid": 0, "group": null, "gid": 0, "mode": "0400",
      "unknown": {"declared": "input `site`", "group": "attribute 'alice' missing"}},
     {"manager": "site", "attribute": "unknown", "name": "unknown", "path": null}
   ],
   "readers": [
     {"secret": "github_token", "user": "alice", "via": "app.service EnvironmentFile",
      "content": "environment-file", "moment": "service-manager"},
     {"secret": "pw", "user": "root", "via": "users.users.alice.hashedPasswordFile", "content": "password-hash",
      "moment": "before-users"},
     {"secret": "github_token", "user": "bob", "via": "mcp EnvironmentFile passwordFile", "content": "later", "moment": "service"},
     {"secret": "github_token", "user": null, "via": "x.service", "moment": "service"},
     {"secret": "github_token", "user": "alice", "via": "readFile", "moment": "evaluation"}
   ],
   "mcp": [{"user": "root", "module": "services.mcp", "secrets_path": "/run/secrets", "servers": [
     {"name": "github", "enabled": true, "secret": "GITHUB_TOKEN", "path": "/run/secrets/GITHUB_TOKEN", "status": "available"},
     {"name": "kagi", "enabled": true, "secret": "KAGI_API_KEY", "path": null},
     {"name": "memory", "enabled": true, "secret": null, "path": null},
     {"name": "exa", "enabled": true, "secret": null, "path": null, "status": "unknown", "variable": "EXA_API_KEY"},
     {"name": "gh", "enabled": true, "secret": null, "path": null, "status": "broken", "reason": "gets a text"},
     {"name": "off", "enabled": false, "secret": "OFF", "path": "/run/secrets/OFF"}
   ]}],
   "key_sources": [{"manager": "sops-nix", "scope": "system", "option": "sops.age.keyFile", "path": "/var/lib/key.txt"}]},
  {"name": "laptop", "class": "nixos", "attribute": "nixosConfigurations.laptop"},
  {"name": "alice@desk", "class": "home-manager", "attribute": "homeConfigurations.alice"}
]}"#;

fn desk() -> Expected {
    let manifest = crate::manifest::parse(MANIFEST).unwrap();
    let mut accounts = Accounts::below(Path::new("/"));
    let mut context = Context {
        managers: &extract::MANAGERS,
        accounts: &mut accounts,
        user: None,
        own: (4242, None),
    };
    let mut all = Expected::default();
    let hosts = choose_host(&manifest, Some("desk"), "elsewhere").unwrap();
    expected(hosts[0], &mut context, &mut all);
    all
}

#[test]
fn the_host_is_chosen_by_name_or_by_this_machine() {
    let manifest = crate::manifest::parse(MANIFEST).unwrap();
    let names = |wanted, node| -> Result<Vec<String>, String> {
        let hosts = choose_host(&manifest, wanted, node)?;
        Ok(hosts.iter().map(|host| host.name.clone()).collect())
    };
    assert_eq!(names(None, "desk").unwrap(), ["desk", "alice@desk"]);
    assert_eq!(
        names(Some("homeConfigurations.alice"), "x").unwrap(),
        ["alice@desk"]
    );
    assert!(names(None, "x").unwrap_err().contains("`laptop`"));
    assert!(
        names(Some("nope"), "desk")
            .unwrap_err()
            .contains("no host `nope`")
    );
}

#[test]
fn what_the_configuration_leaves_open_is_not_expected() {
    let all = desk();
    let open = all.secrets.iter().find(|secret| secret.name == "open");
    let open = open.unwrap();
    assert_eq!(open.owner, Some(Principal::Name("alice".to_owned())));
    assert_eq!(open.group, None, "not the number that stands for no name");
    assert!(open.discovered, "it may not be declared at all");
}

#[test]
fn secrets_get_their_real_paths_and_owners() {
    let all = desk();
    let paths: Vec<_> = all
        .secrets
        .iter()
        .map(|s| s.path.to_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "/run/secrets/GITHUB_TOKEN",
            "/run/user/0/x",
            "/run/secrets-for-users/pw",
            "/run/secrets/open",
            "/run/secrets/KAGI_API_KEY"
        ]
    );
    assert_eq!(
        all.secrets[1].owner,
        Some(Principal::Name("root".to_owned()))
    );
    assert_eq!(
        all.secrets[2].owner,
        Some(Principal::Id(0)),
        "needed for users: always root's"
    );
    let unknown: Vec<_> = all
        .not_checked
        .iter()
        .map(|(what, _)| what.as_str())
        .collect();
    assert_eq!(unknown, ["secret `y`", "secret `unknown`"]);
}

#[test]
fn readers_are_who_really_opens_the_file() {
    let all = desk();
    let readers: Vec<_> = all
        .readers
        .iter()
        .map(|r| (r.user.as_str(), r.usage))
        .collect();
    assert_eq!(
        readers,
        [
            ("root", Use::EnvironmentFile),
            ("root", Use::PasswordHash),
            ("bob", Use::Value),
            ("root", Use::Variable),
            ("root", Use::Variable),
        ]
    );
}

#[test]
fn servers_that_are_off_do_not_count() {
    let all = desk();
    let servers: Vec<_> = all
        .servers
        .iter()
        .map(|s| {
            let (unknown, broken) = (s.unknown.is_some(), s.broken.is_some());
            (s.name.as_str(), s.secret.is_some(), unknown, broken)
        })
        .collect();
    assert_eq!(
        servers,
        [
            ("github", true, false, false),
            ("kagi", true, false, false),
            ("memory", false, false, false),
            // Of a variable nothing is known before the client runs.
            ("exa", false, true, false),
            // A text in place of the secret works on no machine.
            ("gh", false, false, true),
        ]
    );
    assert_eq!(all.keys[0].path, Path::new("/var/lib/key.txt"));
}

#[test]
fn session_paths() {
    let (home, runtime) = (Some(Path::new("/home/a")), Some(Path::new("/run/user/7")));
    let show = |path| expand(path, home, runtime).map(|p| p.display().to_string());
    assert_eq!(
        show("${XDG_RUNTIME_DIR}/agenix/x").as_deref(),
        Some("/run/user/7/agenix/x")
    );
    assert_eq!(show("~/.config/x").as_deref(), Some("/home/a/.config/x"));
    assert_eq!(show("relative"), None);
    assert_eq!(expand("%r/x", None, None), None);
}
