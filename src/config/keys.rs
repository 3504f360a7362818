//! The keys of `mcp-lint.toml`: the parser, the schema and the page in the book agree with them.

/// What stands behind a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A file, relative to the configuration file.
    File,
    /// A list of globs.
    Globs,
    /// A list of absolute directories.
    Directories,
    /// A table of levels by lint or group.
    Levels,
    /// A table of directories of the project by input.
    Inputs,
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// An option: `services.foo.tokenFile`.
    Option,
    /// The name of a user or group.
    Name,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether its table must have it.
    pub(super) required: bool,
    /// What it does, as the schema says it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for the schema, which a test makes")
    )]
    pub(super) about: &'static str,
}

/// The levels of a lint.
pub(super) const LEVELS: [&str; 4] = ["error", "warning", "info", "off"];

/// The levels from which on a run fails.
const FAIL_ON: [&str; 4] = ["error", "warning", "info", "never"];

const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        required: false,
        about,
    }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        required: true,
        ..key(name, kind, about)
    }
}

/// What a run is worth of which a part was not inspected.
const INCOMPLETE: [&str; 2] = ["error", "warning"];

/// What a run is worth whose baseline holds findings that are no longer there.
const STALE: [&str; 2] = ["error", "warning"];

/// The keys of the file.
pub(super) static ROOT: [Key; 11] = [
    key(
        "fail-on",
        Kind::Word(&FAIL_ON),
        "Exit with 1 from this level on; the default is error.",
    ),
    key(
        "incomplete",
        Kind::Word(&INCOMPLETE),
        "Whether a run fails if a part of the project could not be evaluated. By default it fails only if no configuration could be.",
    ),
    key(
        "pedantic",
        Kind::Boolean,
        "Show findings that are only worth knowing as well.",
    ),
    key(
        "exclude",
        Kind::Globs,
        "Files that are not looked at on their own and in which nothing is reported, relative to this file.",
    ),
    key(
        "managed-directories",
        Kind::Directories,
        "Directories on the machine that belong to a secret manager, beyond those that the configuration tells.",
    ),
    key(
        "inputs",
        Kind::Inputs,
        "Directories, relative to this file, that stand for inputs of the flake; a/b is the input b of the input a.",
    ),
    key(
        "baseline",
        Kind::File,
        "The file of findings that are not reported, relative to this file: mcp-lint check --write-baseline FILE writes it.",
    ),
    key(
        "stale-baseline",
        Kind::Word(&STALE),
        "Whether a run fails if the baseline holds findings that are no longer there; the default is warning.",
    ),
    key(
        "lints",
        Kind::Levels,
        "The level of lints, groups, or all. A lint's own level wins over its group's, a group's over that of all.",
    ),
    key(
        "overrides",
        Kind::Tables(&OVERRIDE),
        "Other levels for some files. Of several that match, the last wins.",
    ),
    key(
        "reader",
        Kind::Tables(&READER),
        "Options that name a file, and who opens it.",
    ),
];

static OVERRIDE: [Key; 2] = [
    required("paths", Kind::Globs, "The files, relative to this file."),
    required(
        "lints",
        Kind::Levels,
        "The level of lints, groups, or all in these files.",
    ),
];

static READER: [Key; 3] = [
    required(
        "option",
        Kind::Option,
        "The option, `*` for every name of a set: services.foo.tokenFile.",
    ),
    required("user", Kind::Name, "The user that opens the file."),
    key(
        "group",
        Kind::Name,
        "The group of the process, if it is not the user's own.",
    ),
];
