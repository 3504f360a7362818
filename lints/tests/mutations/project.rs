//! Correct projects from a seed.

use std::collections::BTreeMap;

use inventory::secret_files::SshPublicKey;

use crate::random::{Random, bare, base64};

/// Public keys of nobody.
const AGE: [(&str, &str); 5] = [
    (
        "alice",
        "age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp",
    ),
    (
        "desk",
        "age1tjjch49zv6cye0tgnqg9uq6h5775p7aqwdeh5y79u2j765eam3ush05u5n",
    ),
    (
        "laptop",
        "age1n9fgwztpw4s8tyld5kuralw9f0uk8l2u4r3nxmm55psa75ue6uzs4evkjq",
    ),
    (
        "backup",
        "age1csq92mns62fgpycrju8fv9vqyy8hqxkc0hh6t9zh7pd3c6q8nytqgzwu9w",
    ),
    (
        "web",
        "age14sdqealjwzmsr9gt9qqxc7m3hqth3ps5pcgpnzndj2rqqgm6aeyqwm5qr0",
    ),
];
const SSH: [(&str, &str); 3] = [
    (
        "alice",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDG4544SG4tFmj12WRuOzesQ9QKDL7MuGss+zTf/ggXQ",
    ),
    (
        "desk",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAKEZjvfkjieNKC5oJcg1wVQMj5vcLnHvPMosg1Etca",
    ),
    (
        "laptop",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK5FVuWWsbpJwcWPqXOmG7HIwt6BVun3v7He/R+cx8uk",
    ),
];
const NAMES: [&str; 6] = [
    "github_token",
    "db_password",
    "wifi",
    "restic",
    "smtp_password",
    "api_key",
];

/// What the secret file of a project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    SopsYaml,
    SopsJson,
    SopsDotenv,
    SopsIni,
    SopsBinary,
    Age,
    AgeArmored,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::SopsYaml,
        Self::SopsJson,
        Self::SopsDotenv,
        Self::SopsIni,
        Self::SopsBinary,
        Self::Age,
        Self::AgeArmored,
    ];

    pub(crate) const fn is_age(self) -> bool {
        matches!(self, Self::Age | Self::AgeArmored)
    }

    /// The ending of the file and the `format` of sops-nix.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::SopsYaml => ("yaml", "yaml"),
            Self::SopsJson => ("json", "json"),
            Self::SopsDotenv => ("env", "dotenv"),
            Self::SopsIni => ("ini", "ini"),
            Self::SopsBinary => ("bin", "binary"),
            Self::Age | Self::AgeArmored => ("age", ""),
        }
    }
}

/// A project in which nothing is wrong.
pub(crate) struct Project {
    pub(crate) kind: Kind,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The file that the configuration is in.
    pub(crate) nix_file: String,
    pub(crate) secret_file: String,
    /// The key that the configuration names, by its last part.
    pub(crate) key: Option<String>,
    pub(crate) recipients: usize,
    /// Where the metadata of sops begins in the secret file.
    pub(crate) metadata_at: usize,
    /// A file that is cut before this byte shows it.
    pub(crate) visible: usize,
    secret: Secret,
}

impl Project {
    pub(crate) fn new(seed: u64, random: &mut Random) -> Self {
        let kind = Kind::ALL[seed as usize % Kind::ALL.len()];
        let name = NAMES[random.below(NAMES.len())];
        let count = 2 + random.below(2);
        let (extension, format) = kind.names();
        let secret_file = format!("secrets/desk.{extension}");
        let group = (kind == Kind::SopsYaml && random.below(2) == 0).then_some("services");
        let has_keys = matches!(kind, Kind::SopsYaml | Kind::SopsJson);
        let secret = Secret::new(kind, name, group, count, random);
        let (content, metadata_at, visible) = secret.render(None);
        let path = group.map_or_else(|| name.to_owned(), |group| format!("{group}/{name}"));
        let declaration = match kind.is_age() {
            true => format!("  age.secrets.{name}.file = ./{secret_file};\n"),
            false => {
                let key = if group.is_some() {
                    format!("    key = \"{path}\";\n")
                } else {
                    String::new()
                };
                format!(
                    "  sops.secrets.{name} = {{\n    sopsFile = ./{secret_file};\n    format = \"{format}\";\n{key}  }};\n"
                )
            }
        };
        let manager = if kind.is_age() { "age" } else { "sops" };
        let configuration = format!(
            "{{ config, ... }}:\n{{\n  users.users.alice.isNormalUser = true;\n  services.openssh.enable = true;\n\
             {declaration}  systemd.services.app.serviceConfig.EnvironmentFile = \
             config.{manager}.secrets.{name}.path;\n}}\n"
        );
        let mut files = BTreeMap::new();
        let is_flake = random.below(2) == 0;
        let nix_file = if is_flake {
            "desk.nix"
        } else {
            "configuration.nix"
        };
        if is_flake {
            files.insert("flake.nix".to_owned(), FLAKE.as_bytes().to_vec());
        }
        files.insert(nix_file.to_owned(), configuration.into_bytes());
        files.insert(secret_file.clone(), content);
        match kind.is_age() {
            true => files.insert(
                "secrets/secrets.nix".to_owned(),
                secrets_nix(count, random).into_bytes(),
            ),
            false => files.insert(
                ".sops.yaml".to_owned(),
                sops_yaml(count, random).into_bytes(),
            ),
        };
        Self {
            kind,
            files,
            nix_file: nix_file.to_owned(),
            secret_file,
            key: has_keys.then(|| name.to_owned()),
            recipients: count,
            metadata_at,
            visible,
            secret,
        }
    }

    /// The secret file without one of its recipients.
    pub(crate) fn without_recipient(&self, dropped: usize) -> Vec<u8> {
        self.secret.render(Some(dropped)).0
    }
}

const FLAKE: &str = "{
  outputs =
    { nixpkgs, sops-nix, agenix, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = \"x86_64-linux\";
        modules = [
          sops-nix.nixosModules.sops
          agenix.nixosModules.default
          ./desk.nix
        ];
      };
    };
}
";

/// The rules in one of the forms that sops reads.
fn sops_yaml(count: usize, random: &mut Random) -> String {
    let keys = &AGE[..count];
    let pattern = r"^secrets/[^/]+\.(yaml|json|env|ini|bin)$";
    let anchors: String = keys
        .iter()
        .map(|(name, key)| format!("  - &{name} {key}\n"))
        .collect();
    let list = |indent: &str| -> String {
        keys.iter()
            .map(|(name, _)| format!("{indent}- *{name}\n"))
            .collect()
    };
    let commas: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
    match random.below(3) {
        0 => format!(
            "keys:\n{anchors}creation_rules:\n  - path_regex: {pattern}\n    key_groups:\n      - age:\n{}",
            list("          ")
        ),
        1 => format!(
            "keys:\n{anchors}creation_rules:\n  - path_regex: {pattern}\n    age:\n{}",
            list("      ")
        ),
        _ => format!(
            "creation_rules:\n  - path_regex: {pattern}\n    age: {}\n",
            commas.join(",")
        ),
    }
}

/// The rules of agenix, written out or put together.
fn secrets_nix(count: usize, random: &mut Random) -> String {
    let keys = &SSH[..count];
    let bindings: String = keys
        .iter()
        .map(|(name, key)| format!("  {name} = \"{key}\";\n"))
        .collect();
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let (first, rest) = names.split_first().unwrap();
    match random.below(2) {
        0 => format!(
            "let\n{bindings}in\n{{\n  \"desk.age\".publicKeys = [ {} ];\n}}\n",
            names.join(" ")
        ),
        _ => format!(
            "let\n{bindings}  users = [ {first} ];\n  hosts = [ {} ];\nin\n\
             builtins.listToAttrs (\n  map (name: {{\n    inherit name;\n    value.publicKeys = users ++ hosts;\n  }}) \
             [ \"desk.age\" ]\n)\n",
            rest.join(" ")
        ),
    }
}

/// The secret file, put together anew for other recipients.
struct Secret {
    kind: Kind,
    /// Names and ciphertexts.
    values: Vec<(String, String)>,
    group: Option<&'static str>,
    /// Recipient and encrypted data key; for age files, the stanza.
    recipients: Vec<(String, String)>,
    mac: String,
    /// What follows the header of an age file.
    payload: Vec<u8>,
    header_mac: String,
}

/// `ENC[…]` of a plaintext of this length.
fn encrypted(length: usize, random: &mut Random) -> String {
    let [data, iv, tag] = [length, 32, 16].map(|length| base64(&random.bytes(length)));
    format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]")
}

/// An age file for one key, as sops keeps it for every recipient.
fn data_key(random: &mut Random) -> String {
    let share = bare(&random.bytes(32));
    let body = bare(&random.bytes(32));
    let mac = bare(&random.bytes(32));
    let mut file =
        format!("age-encryption.org/v1\n-> X25519 {share}\n{body}\n--- {mac}\n").into_bytes();
    file.extend(random.bytes(64));
    armored(&file)
}

fn armored(file: &[u8]) -> String {
    let text = base64(file);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n",
        lines.join("\n")
    )
}

impl Secret {
    fn new(
        kind: Kind,
        name: &str,
        group: Option<&'static str>,
        count: usize,
        random: &mut Random,
    ) -> Self {
        let mut values = vec![(name.to_owned(), encrypted(20 + random.below(12), random))];
        for index in 0..1 + random.below(3) {
            values.push((
                format!("other_{index}"),
                encrypted(8 + random.below(20), random),
            ));
        }
        if kind == Kind::SopsBinary {
            values = vec![("data".to_owned(), encrypted(48 + random.below(40), random))];
        }
        let recipients = (0..count).map(|index| match kind.is_age() {
            true => {
                let tag = SshPublicKey::parse(SSH[index].1).unwrap().tag();
                let (share, body) = (bare(&random.bytes(32)), bare(&random.bytes(32)));
                (
                    String::new(),
                    format!("-> ssh-ed25519 {tag} {share}\n{body}\n"),
                )
            }
            false => (AGE[index].1.to_owned(), data_key(random)),
        });
        let recipients = recipients.collect();
        let length = 16 + 16 + 20 + random.below(12);
        Self {
            kind,
            values,
            group,
            recipients,
            mac: encrypted(128, random),
            payload: random.bytes(length),
            header_mac: bare(&random.bytes(32)),
        }
    }

    /// The file, where its metadata begin, and from where on a cut does not show.
    fn render(&self, without: Option<usize>) -> (Vec<u8>, usize, usize) {
        let recipients: Vec<&(String, String)> = self
            .recipients
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != without)
            .map(|(_, recipient)| recipient)
            .collect();
        match self.kind {
            Kind::Age | Kind::AgeArmored => self.age(&recipients),
            Kind::SopsYaml => self.yaml(&recipients),
            Kind::SopsJson | Kind::SopsBinary => self.json(&recipients),
            Kind::SopsDotenv | Kind::SopsIni => self.flat(&recipients),
        }
    }

    fn age(&self, recipients: &[&(String, String)]) -> (Vec<u8>, usize, usize) {
        let stanzas: String = recipients
            .iter()
            .map(|(_, stanza)| stanza.as_str())
            .collect();
        let mut file =
            format!("age-encryption.org/v1\n{stanzas}--- {}\n", self.header_mac).into_bytes();
        let header = file.len();
        file.extend(&self.payload);
        match self.kind {
            Kind::AgeArmored => {
                let text = armored(&file).into_bytes();
                let visible = text.len() - 1;
                (text, 0, visible)
            }
            // Nonce and authentication tag are there at least.
            _ => (file, 0, header + 32),
        }
    }

    fn yaml(&self, recipients: &[&(String, String)]) -> (Vec<u8>, usize, usize) {
        let mut text = String::new();
        for (index, (name, value)) in self.values.iter().enumerate() {
            match self.group.filter(|_| index == 0) {
                Some(group) => text += &format!("{group}:\n    {name}: {value}\n"),
                None => text += &format!("{name}: {value}\n"),
            }
        }
        let metadata = text.len();
        text += "sops:\n    age:\n";
        for (recipient, key) in recipients {
            let lines: String = key
                .lines()
                .map(|line| format!("            {line}\n"))
                .collect();
            text += &format!("        - enc: |\n{lines}          recipient: {recipient}\n");
        }
        text += &format!(
            "    lastmodified: \"2026-11-23T13:21:09Z\"\n    mac: {}",
            self.mac
        );
        let visible = text.len();
        text += "\n    unencrypted_suffix: _unencrypted\n    version: 3.13.2\n";
        (text.into_bytes(), metadata, visible)
    }

    fn json(&self, recipients: &[&(String, String)]) -> (Vec<u8>, usize, usize) {
        let values: String = self
            .values
            .iter()
            .map(|(name, value)| format!("\t\"{name}\": \"{value}\",\n"))
            .collect();
        let keys: Vec<String> = recipients
            .iter()
            .map(|(recipient, key)| {
                let key = key.replace('\n', "\\n");
                format!("\t\t\t{{\n\t\t\t\t\"enc\": \"{key}\",\n\t\t\t\t\"recipient\": \"{recipient}\"\n\t\t\t}}")
            })
            .collect();
        let start = format!("{{\n{values}");
        let text = format!(
            "{start}\t\"sops\": {{\n\t\t\"age\": [\n{}\n\t\t],\n\t\t\"lastmodified\": \"2026-11-23T13:21:09Z\",\n\
             \t\t\"mac\": \"{}\",\n\t\t\"version\": \"3.13.2\"\n\t}}\n}}\n",
            keys.join(",\n"),
            self.mac
        );
        let visible = text.len() - 1;
        (text.into_bytes(), start.len(), visible)
    }

    fn flat(&self, recipients: &[&(String, String)]) -> (Vec<u8>, usize, usize) {
        let is_ini = self.kind == Kind::SopsIni;
        let (between, prefix) = if is_ini { (" = ", "") } else { ("=", "sops_") };
        let mut text = String::new();
        if is_ini {
            text += "[app]\n";
        }
        for (name, value) in &self.values {
            text += &format!("{name}{between}{value}\n");
        }
        let metadata = text.len();
        if is_ini {
            text += "\n[sops]\n";
        }
        for (index, (recipient, key)) in recipients.iter().enumerate() {
            let key = key.replace('\n', "\\n");
            text += &format!("{prefix}age__list_{index}__map_enc{between}{key}\n");
            text += &format!("{prefix}age__list_{index}__map_recipient{between}{recipient}\n");
        }
        text += &format!(
            "{prefix}lastmodified{between}2026-11-23T13:21:09Z\n{prefix}mac{between}{}",
            self.mac
        );
        let visible = text.len();
        text += &format!(
            "\n{prefix}unencrypted_suffix{between}_unencrypted\n{prefix}version{between}3.13.2\n"
        );
        (text.into_bytes(), metadata, visible)
    }
}
