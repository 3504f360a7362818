//! Names of formats and states.

use std::path::Path;

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// All of them, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, in kebab case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// Whether a file is encrypted.
    State {
        /// Every value that should be encrypted is.
        Encrypted = "encrypted",
        /// Some values that should be encrypted are plaintext.
        Partial = "partial",
        /// It has the metadata of sops, and every value is plaintext: it only looks encrypted.
        MetadataOnly = "metadata-only",
        /// The file's own rule covers no value, so nothing is encrypted.
        NothingEncrypted = "nothing-encrypted",
        /// Not encrypted at all.
        Plaintext = "plaintext",
        /// No content but white space and comments.
        Empty = "empty",
        /// Damaged; the problems report how.
        Broken = "broken",
        /// Encrypted, but not by the tool that is expected to decrypt it.
        OtherEncrypted = "other-encrypted",
    }
}

named! {
    /// What a file is.
    Format {
        /// sops, YAML.
        SopsYaml = "sops-yaml",
        /// sops, JSON.
        SopsJson = "sops-json",
        /// sops, dotenv.
        SopsDotenv = "sops-dotenv",
        /// sops, INI.
        SopsIni = "sops-ini",
        /// sops, any bytes in a JSON envelope.
        SopsBinary = "sops-binary",
        /// age, binary.
        Age = "age",
        /// age, armored (`-----BEGIN AGE ENCRYPTED FILE-----`).
        AgeArmored = "age-armored",
        /// A PGP message.
        PgpMessage = "pgp-message",
        /// git-crypt.
        GitCrypt = "git-crypt",
        /// A pointer to a file in Git LFS: the content is not here.
        GitLfsPointer = "git-lfs-pointer",
        /// Ansible Vault.
        AnsibleVault = "ansible-vault",
        /// `openssl enc` with a passphrase.
        OpensslSalted = "openssl-salted",
        /// A Kubernetes SealedSecret.
        SealedSecret = "sealed-secret",
        /// A JSON Web Encryption in its compact form, as clevis writes it.
        Jwe = "jwe",
        /// Hiera eyaml.
        Eyaml = "eyaml",
        /// An OpenSSH private key.
        OpensshPrivateKey = "openssh-private-key",
        /// A PEM private key (PKCS#1, SEC 1, DSA).
        PemPrivateKey = "pem-private-key",
        /// A PKCS#8 private key.
        Pkcs8PrivateKey = "pkcs8-private-key",
        /// A PuTTY private key.
        PuttyPrivateKey = "putty-private-key",
        /// An SSH2 private key of the commercial SSH.
        Ssh2PrivateKey = "ssh2-private-key",
        /// A PGP private key block.
        PgpPrivateKey = "pgp-private-key",
        /// age identities (`AGE-SECRET-KEY-…`).
        AgeIdentity = "age-identity",
        /// age plugin identities (`AGE-PLUGIN-…`).
        AgePluginIdentity = "age-plugin-identity",
        /// The secret half of a Nix binary cache key.
        NixSigningKey = "nix-signing-key",
        /// YAML that is no sops file.
        Yaml = "yaml",
        /// JSON that is no sops file.
        Json = "json",
        /// dotenv that is no sops file.
        Dotenv = "dotenv",
        /// INI that is no sops file.
        Ini = "ini",
        /// Other text.
        Text = "text",
        /// Other bytes.
        Binary = "binary",
    }
}

impl Format {
    /// The format of sops, if it is one.
    #[must_use]
    pub const fn sops(self) -> Option<SopsFormat> {
        match self {
            Self::SopsYaml => Some(SopsFormat::Yaml),
            Self::SopsJson => Some(SopsFormat::Json),
            Self::SopsDotenv => Some(SopsFormat::Dotenv),
            Self::SopsIni => Some(SopsFormat::Ini),
            Self::SopsBinary => Some(SopsFormat::Binary),
            _ => None,
        }
    }

    /// Whether it is an age file.
    #[must_use]
    pub const fn is_age(self) -> bool {
        matches!(self, Self::Age | Self::AgeArmored)
    }

    /// Whether it is a private key or an identity.
    #[must_use]
    pub const fn is_private_key(self) -> bool {
        matches!(
            self,
            Self::OpensshPrivateKey
                | Self::PemPrivateKey
                | Self::Pkcs8PrivateKey
                | Self::PuttyPrivateKey
                | Self::Ssh2PrivateKey
                | Self::PgpPrivateKey
                | Self::AgeIdentity
                | Self::NixSigningKey
        )
    }
}

named! {
    /// The five formats in which sops stores a file.
    SopsFormat {
        /// YAML.
        Yaml = "yaml",
        /// JSON.
        Json = "json",
        /// dotenv.
        Dotenv = "dotenv",
        /// INI.
        Ini = "ini",
        /// Any bytes, in a JSON envelope.
        Binary = "binary",
    }
}

impl SopsFormat {
    /// The format that sops' command line takes from the name of a file. Case matters.
    #[must_use]
    pub fn from_name(name: &Path) -> Self {
        let name = name
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            Self::Yaml
        } else if name.ends_with(".json") {
            Self::Json
        } else if name.ends_with(".env") {
            Self::Dotenv
        } else if name.ends_with(".ini") {
            Self::Ini
        } else {
            Self::Binary
        }
    }

    /// The format by the name that the `format` option of sops-nix uses.
    #[must_use]
    pub fn from_option(option: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.as_str() == option)
    }

    pub(crate) const fn encrypted(self) -> Format {
        match self {
            Self::Yaml => Format::SopsYaml,
            Self::Json => Format::SopsJson,
            Self::Dotenv => Format::SopsDotenv,
            Self::Ini => Format::SopsIni,
            Self::Binary => Format::SopsBinary,
        }
    }

    pub(crate) const fn plain(self, is_text: bool) -> Format {
        match self {
            Self::Yaml => Format::Yaml,
            Self::Json => Format::Json,
            Self::Dotenv => Format::Dotenv,
            Self::Ini => Format::Ini,
            Self::Binary if is_text => Format::Text,
            Self::Binary => Format::Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::SopsFormat;

    #[test]
    fn the_name_decides_and_case_matters() {
        for (name, format) in [
            ("secrets/a.yaml", SopsFormat::Yaml),
            ("a.yml", SopsFormat::Yaml),
            (".env", SopsFormat::Dotenv),
            ("a.env.local", SopsFormat::Binary),
            ("a.YAML", SopsFormat::Binary),
            ("a.ini", SopsFormat::Ini),
            ("token", SopsFormat::Binary),
        ] {
            assert_eq!(SopsFormat::from_name(Path::new(name)), format, "{name}");
        }
        assert_eq!(SopsFormat::from_option("dotenv"), Some(SopsFormat::Dotenv));
        assert_eq!(SopsFormat::from_option("toml"), None);
    }
}
