//! The catalogue of checks: one line each, from which `docs/src/runtime/checks.md` is tested.

use crate::finding::Severity;

/// What the catalogue says of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The stable name: `not-readable`.
    pub name: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// What is looked for.
    pub item: &'static str,
    /// What happens on the machine if it is so.
    pub why: &'static str,
    /// How it is found out.
    pub how: &'static str,
}

macro_rules! checks {
    ($($variant:ident $name:literal $severity:ident, $item:literal, $why:literal, $how:literal;)*) => {
        /// A check.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = $item] $variant,)*
        }

        impl Check {
            /// Every check, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What the catalogue says of it.
            #[must_use]
            pub const fn about(self) -> About {
                match self {
                    $(Self::$variant => About {
                        name: $name,
                        severity: Severity::$severity,
                        item: $item,
                        why: $why,
                        how: $how,
                    },)*
                }
            }
        }
    };
}

checks! {
    // The way to the file.
    SecretMissing "secret-missing" Error,
        "the secret's file is not there",
        "the reader finds no file; MCP wrappers exit, services fail to start",
        "walk from `/` with `openat(O_PATH|O_NOFOLLOW)`, every link read and walked by itself";
    NotInstalledYet "not-installed-yet" Warning,
        "the unit that installs the secret has not run",
        "the file will be there once it has; until then readers fail",
        "`systemctl show` of the manager's unit, asked only when a file is missing";
    DanglingLink "dangling-link" Error,
        "a link on the way leads nowhere",
        "the secret was removed, or its generation was deleted, and the link stayed",
        "the walk meets a missing component after a link";
    PathBroken "path-broken" Error,
        "the path cannot be walked: a loop of links, or a file where a directory should be",
        "no process can open it",
        "at most 40 links are followed, as in the kernel";
    DirectoryWritableByOthers "directory-writable-by-others" Error,
        "somebody other than root and the secret's owner can change a directory on the way",
        "they can replace the secret with a file or link of their own",
        "owner, mode and ACL of every directory on the way, with the members of its group";
    SharedDirectory "shared-directory" Warning,
        "a directory on the way is open to everybody, like `/tmp`",
        "whoever is first can put a file in the secret's place; clean-up jobs delete it",
        "mode of every directory on the way: others may write, sticky bit set";
    ForeignLink "foreign-link" Error,
        "a link in a shared directory belongs to another user",
        "with `fs.protected_symlinks=1` the kernel refuses to follow it, even for root",
        "owner of the link against owner of its sticky, world-writable directory";
    LinkLeavesManager "link-leaves-manager" Warning,
        "the manager's link does not lead to one of its numbered generations",
        "something else than the manager decides which secrets are current",
        "target of `/run/secrets`, `/run/agenix`, … compared with `NAME.d/NUMBER`";
    LinkOwner "link-owner" Warning,
        "the link at the secret's path belongs to neither root nor the secret's owner",
        "the manager did not make it: whoever did decides which file the reader gets",
        "owner of the link, read on the walk";
    // The file.
    NotARegularFile "not-a-regular-file" Error,
        "the path leads to a directory, pipe, socket or device",
        "a reader hangs, fails or reads what somebody else writes",
        "type of the descriptor, before anything is opened";
    HardLinked "hard-linked" Warning,
        "the file has a second name",
        "the other name keeps the secret readable after this one is removed",
        "`st_nlink`";
    OwnerDiffers "owner-differs" Error,
        "the file belongs to another user than declared",
        "the declared reader cannot open it, or somebody else can",
        "`st_uid` against the declaration; against the reader where nothing is declared";
    GroupDiffers "group-differs" Warning,
        "the file belongs to another group than declared",
        "the group that should read it cannot, or another one can",
        "`st_gid` against the declaration";
    ModeDiffers "mode-differs" Warning,
        "the permissions are not those declared",
        "a umask took bits away, or somebody changed them",
        "`st_mode` against the declaration; with an ACL its group entry instead of the group bits";
    WorldAccessible "world-accessible" Error,
        "everybody may read or write it",
        "every process on the machine has the secret",
        "`st_mode & 0007`";
    GroupAccessible "group-accessible" Warning,
        "its group may read it and nothing declares that",
        "more users than the owner have the secret",
        "`st_mode & 0070`, or the ACL's group entry after the mask";
    BroadGroup "broad-group" Warning,
        "it is readable by a group that most users have (`users`, `staff`, `wheel`, …)",
        "the group is no protection",
        "the group's name and members";
    OddModeBits "odd-mode-bits" Warning,
        "set-user-id, set-group-id, sticky or execute bits",
        "a secret is not a program; such bits are usually a mode written in decimal",
        "`st_mode & 07111`";
    AclGrantsAccess "acl-grants-access" Error,
        "an ACL lets other users or groups in",
        "`ls -l` shows a `+` at most, and they have the secret",
        "`system.posix_acl_access`, every entry after the mask";
    DefaultAcl "default-acl" Warning,
        "a default ACL of the directory gives new files to others",
        "the next generation of the secret is readable by them",
        "`system.posix_acl_default` of the secret's directory";
    // The reader.
    NotReadable "not-readable" Error,
        "a declared reader cannot open it",
        "the reader fails at run time with EACCES",
        "a helper process becomes that user (groups, user, no capabilities) and walks and opens it";
    StaleGroups "stale-groups" Warning,
        "running processes of the reader lack the group that gives access",
        "groups are taken at login: until the next one those processes get EACCES",
        "`Groups:` in `/proc/*/status` of the user's processes against the group data base";
    // The content: class and length only.
    Empty "empty" Error,
        "the file has no bytes",
        "the reader gets an empty token",
        "`st_size`";
    OnlyBlanks "only-blanks" Error,
        "nothing but blanks and line breaks",
        "the reader gets an empty token",
        "bounded read into wiped memory";
    BlanksAround "blanks-around" Warning,
        "blanks before or after the value",
        "`$(cat …)` keeps them; the provider answers 401",
        "bounded read into wiped memory";
    TrailingNewline "trailing-newline" Info,
        "the value ends in a line break",
        "`$(cat …)` drops it, programs that read the file themselves keep it",
        "bounded read into wiped memory";
    CarriageReturn "carriage-return" Warning,
        "Windows line ends",
        "`$(cat …)` keeps the carriage return; HTTP headers with it are refused",
        "bounded read into wiped memory";
    ByteOrderMark "byte-order-mark" Warning,
        "a UTF-8 byte order mark at the start",
        "it becomes part of the token",
        "bounded read into wiped memory";
    NulByte "nul-byte" Warning,
        "NUL bytes where a token or password is expected",
        "shells and C programs stop at it",
        "bounded read into wiped memory";
    StillEncrypted "still-encrypted" Error,
        "the file is still encrypted",
        "it was copied instead of decrypted, or encrypted twice",
        "the beginnings of age, sops, PGP, Ansible vault and git-crypt files";
    UnresolvedPlaceholder "unresolved-placeholder" Error,
        "a sops placeholder was not replaced",
        "the reader gets `<SOPS:…:PLACEHOLDER>` instead of the secret",
        "the placeholder's exact form";
    PlaceholderWord "placeholder-word" Error,
        "the value is `changeme`, `your_token_here` or the like",
        "nobody has put the secret in yet",
        "a list of words, only where they are the whole value";
    ProviderFormat "provider-format" Warning,
        "the value has not the form that its name implies (`ghp_…`, `sk-…`)",
        "the provider refuses it; often two secrets were swapped",
        "prefix, length and alphabet of the published token formats; the class is told, never a byte";
    AssignmentExpected "assignment-expected" Error,
        "an environment file that is not `NAME=value` lines",
        "systemd ignores or refuses the lines, the variable is not set",
        "shape of every line, for readers through `EnvironmentFile=` and the like";
    AssignmentInValue "assignment-in-value" Warning,
        "`NAME=value` where the plain value is read",
        "the reader's token begins with `NAME=`",
        "shape of the value, for MCP servers and password files";
    PasswordHash "password-hash" Error,
        "a password file that is no password hash",
        "the account cannot be logged in to, or the password lies there in clear",
        "the prefixes and lengths of crypt(3), for readers through `hashedPasswordFile`";
    WeakPasswordHash "weak-password-hash" Warning,
        "an MD5 or DES password hash",
        "it is broken within hours, and current systems refuse it",
        "as above";
    ExaminedInPart "examined-in-part" Info,
        "the file is longer than the 64 KiB that are looked at",
        "what the checks of the content say holds for its beginning",
        "`st_size`";
    // Where it is stored.
    SecretOnDisk "secret-on-disk" Warning,
        "the file is on a disk",
        "it survives a shutdown, and is in backups and snapshots",
        "mount of the descriptor (`statx` mount number in `/proc/self/mountinfo`, else `fstatfs`)";
    SwappableMemory "swappable-memory" Warning,
        "it is on a tmpfs that can be swapped to an unencrypted disk",
        "memory pressure writes the secret to the disk",
        "`noswap` among the mount options, `/proc/swaps`, zram and dm-crypt left out";
    MountOptions "mount-options" Warning,
        "the manager's mount lacks `nodev`, `nosuid` or (sops) `noexec`",
        "somebody mounted it by hand or over it",
        "`/proc/self/mountinfo`";
    StackedMounts "stacked-mounts" Warning,
        "several mounts lie over each other where the secrets are",
        "secrets written to the lower one are still in memory but not seen",
        "`/proc/self/mountinfo`";
    // The manager's directories.
    DirectoryOwner "directory-owner" Error,
        "a directory of the manager does not belong to root (Home Manager: to the user)",
        "its owner can replace every secret in it",
        "`st_uid` of the mount point and the generation";
    DirectoryMode "directory-mode" Warning,
        "a directory of the manager has not mode 0751",
        "without `x` for others no reader gets in; with `r` everybody can list the names",
        "`st_mode` of the mount point and the generation; a root umask of 077 does that";
    OldGenerations "old-generations" Info,
        "more than one generation is there",
        "old secrets stay readable until they are pruned",
        "numbered entries beside the current one";
    AgeKeysExposed "age-keys-exposed" Error,
        "`age-keys.txt` of sops-nix is readable by others than its owner",
        "it holds the private keys of every host key: all secrets, past ones too",
        "owner and mode, expected 0600 and root (Home Manager: the user)";
    RuntimeDirectory "runtime-directory" Warning,
        "the user's runtime directory is not theirs alone, or not in memory",
        "Home Manager's secrets are kept there",
        "owner, mode 0700 and file system of `$XDG_RUNTIME_DIR`";
    // Keys.
    KeyMissing "key-missing" Error,
        "a key that decrypts the secrets is not there",
        "the next activation cannot decrypt; sops-nix then installs nothing at all",
        "walk to every declared key";
    KeyExposed "key-exposed" Error,
        "a decryption key is accessible to group or others, or through an ACL",
        "whoever reads it can decrypt every secret in the repository",
        "`st_mode & 0077` and the ACL";
    KeyOwner "key-owner" Error,
        "a decryption key does not belong to root (Home Manager: to the user)",
        "its owner can decrypt every secret, and replace the key",
        "`st_uid`";
    KeyInHome "key-in-home" Warning,
        "the system's decryption key is in a home directory",
        "every program of that user can decrypt every system secret; `/home` may not be mounted at boot",
        "the key's path without links";
    KeyInStore "key-in-store" Error,
        "a private key is in the Nix store",
        "the store is readable by everybody",
        "the key's path without links";
    KeyUnusable "key-unusable" Error,
        "a key that is empty, public, protected by a passphrase, or no key at all",
        "nobody is there to type a passphrase at boot; nothing can be decrypted",
        "class of the content: OpenSSH cipher name, PEM headers, age identity lines";
    KeyOnSeparateMount "key-on-separate-mount" Info,
        "the key is on a file system of its own",
        "secrets are installed before ordinary mounts: it needs `neededForBoot`",
        "mount of the key against the mounts that are always there at boot";
    KeyNotARecipient "key-not-a-recipient" Error,
        "no key of the machine is among the recipients of an encrypted file",
        "the next activation cannot decrypt it; sops-nix then installs nothing at all",
        "public halves computed from the key files, against the recipients in the manifest; told only where all are known";
    // MCP.
    ServerDisabled "server-disabled" Warning,
        "an enabled MCP server has no usable secret",
        "it exits when the client starts it, and the client shows it as disconnected",
        "the wrapper's own test, as that user, then the content";
    LiteralCredential "literal-credential" Error,
        "a credential is written out in an MCP client's configuration",
        "it is in a file that is synced, shared and backed up; from Nix it is in the store as well",
        "the servers' `env`, `headers`, `args` and `url`: token formats and credential names";
    ClientProgramMissing "client-program-missing" Warning,
        "a client starts a store program that is not there any more",
        "the configuration is of an older generation; the server fails to start",
        "`command` below `/nix/store`, looked up";
    ClientOddName "client-odd-name" Warning,
        "an environment variable whose name is no identifier",
        "no shell can export it",
        "the names in `env`";
    ClientReferenceNotExpanded "client-reference-not-expanded" Warning,
        "a credential refers to a variable or file in a syntax that the client does not expand",
        "the server gets the reference itself instead of the secret",
        "the servers' variables and headers, by the table of clients and what each expands";
    ClientUnreadable "client-unreadable" Warning,
        "a client's configuration is not JSON or TOML, or cannot be opened by its user",
        "the client ignores it, servers and all; what follows the place counts as not checked",
        "read as that user";
}

impl Check {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut names: Vec<_> = Check::ALL.iter().map(|check| check.name()).collect();
        for name in &names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name}"
            );
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// `UPDATE=1 cargo test -p runtime-check` writes the page's table anew.
    #[test]
    fn the_documentation_has_every_check() {
        let page = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/src/runtime/checks.md"
        );
        let mut table = String::from(
            "| check | usually | exit code | item | why | how it is checked |\n|---|---|---|---|---|---|\n",
        );
        // A bar ends a cell, even within code.
        let cell = |text: &str| text.replace('|', "\\|");
        for check in Check::ALL {
            let about = check.about();
            table.push_str(&format!(
                "| `{}` | {} | {} | {} | {} | {} |\n",
                about.name,
                about.severity.name(),
                i32::from(about.severity >= Severity::Warning),
                cell(about.item),
                cell(about.why),
                cell(about.how),
            ));
        }
        let text = std::fs::read_to_string(page).unwrap_or_default();
        let (before, rest) = text.split_once("<!-- checks -->\n").unwrap_or((&text, ""));
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap_or(("", ""));
        let wanted = format!("{before}<!-- checks -->\n{table}<!-- end -->\n{after}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(page, &wanted).unwrap();
        } else {
            assert_eq!(text, wanted, "run with UPDATE=1 to write {page} anew");
        }
    }
}
