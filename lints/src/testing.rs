//! What unit tests build inventories from. Most is tested on fixtures instead.

use inventory::{Certainty, Fact, FileId, Manager, Principal, Scope, Secret, SecretKind, Span};

static VAULT: Manager = Manager {
    name: "vault",
    secrets: "vault.secrets",
    directory: "/run/vault",
    ..Manager::UNKNOWN
};

/// A secret of the system with all defaults.
pub(crate) fn secret(attribute: &str) -> Secret {
    Secret {
        manager: &VAULT,
        kind: SecretKind::Secret,
        scope: Scope::System,
        attribute: attribute.to_owned(),
        option: format!("vault.secrets.{attribute}"),
        declared_at: vec![Span {
            file: FileId::in_project("a.nix"),
            start: 0,
            end: 1,
        }],
        certainty: Certainty::Certain,
        name: Fact::default_value(attribute.to_owned()),
        path: Fact::default_value(format!("/run/vault/{attribute}")),
        path_is_shell_text: false,
        owner: Fact::default_value(None),
        uid: Fact::default_value(Some(0)),
        group: Fact::default_value(None),
        gid: Fact::default_value(Some(0)),
        effective_owner: Fact::default_value(Principal::root()),
        effective_group: Fact::default_value(Principal::root()),
        mode: Fact::default_value("0400".to_owned()),
        effective_mode: Fact::default_value(0o400),
        file: Fact::default_value(None),
        is_rekeyed: false,
        key: Fact::default_value(Some(attribute.to_owned())),
        format: Fact::default_value(Some("yaml".to_owned())),
        needed_for_users: Fact::default_value(false),
        symlink: Fact::default_value(true),
        restart_units: Fact::default_value(Vec::new()),
        unrendered: None,
        is_secret: Some(true),
        exposure: inventory::Exposure::default(),
    }
}
