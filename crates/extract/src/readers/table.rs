//! The table of options of NixOS modules that name a file: who opens it (`data/readers.tsv`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::nixpkgs_release::ReleaseRange;
use crate::readers::option_pattern::Pattern;
use inventory::model::{ContentUse, Moment, OptionPath};

/// The data file: comments, a line of titles, rows.
pub const READER_TABLE: &str = include_str!("../../data/readers.tsv");

/// The same for the modules of nix-darwin.
const DARWIN_TABLE: &str = include_str!("../../data/readers-darwin.tsv");

/// Before the name of an option that makes the user root where it is false.
const ROOT_IF_FALSE: char = '!';

/// The `source` column of a row whose module was not read.
const INFERRED: &str = "inferred";

/// An option of which the user says who opens the file that it names, as `[[reader]]` in
/// `mcp-lint.toml`. It goes before the rows of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraReader {
    /// The option, `services.foo.tokenFile`; `<name>`, `*` and `**` as in the table.
    pub option: String,
    /// The user that opens the file.
    pub user: String,
    /// The primary group of that process; `None` if it is not given.
    pub group: Option<String>,
    /// When; a unit's own process if not given.
    pub moment: Option<Moment>,
}

impl ExtraReader {
    /// Whether it is about this option.
    #[must_use]
    pub fn is_about(&self, option: &OptionPath) -> bool {
        let pattern = Pattern::parse(&self.option);
        pattern.is_some_and(|pattern| pattern.matches(option.names()).is_some())
    }

    /// What is wrong with it, if anything.
    ///
    /// # Errors
    ///
    /// Where the option is no path of at least two attributes, or the user is empty.
    pub fn check(&self) -> Result<(), String> {
        if self.user.is_empty() {
            return Err(format!("`{}` has no user", self.option));
        }
        match Pattern::parse(&self.option) {
            Some(pattern) if pattern.is_plausible() => Ok(()),
            _ => Err(format!("`{}` is no option path", self.option)),
        }
    }
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// By the service manager, as root, for the variables of a unit.
    EnvironmentFile,
    /// By the service manager, as root, which copies it for a unit.
    Credential,
    /// By a command of the unit with full privileges.
    RootStep,
    /// By the unit's own process, as its user.
    Process,
    /// At activation, as root.
    Activation,
    /// As the user's `[[reader]]` says.
    Given(Moment),
}

impl Opens {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "environment-file" => Self::EnvironmentFile,
            "credential" => Self::Credential,
            "root-step" => Self::RootStep,
            "process" | "container-engine" => Self::Process,
            "activation" | "bootloader" => Self::Activation,
            _ => return None,
        })
    }

    /// Whether root opens it, whoever the unit runs as.
    pub(crate) const fn as_root(self) -> bool {
        !matches!(self, Self::Process | Self::Given(_))
    }

    /// When.
    pub(crate) const fn moment(self) -> Moment {
        match self {
            Self::EnvironmentFile | Self::Credential => Moment::ServiceManager,
            Self::RootStep | Self::Process => Moment::Service,
            Self::Activation => Moment::Activation,
            Self::Given(moment) => moment,
        }
    }

    /// What the content is taken for.
    pub(crate) const fn content(self) -> ContentUse {
        match self {
            Self::EnvironmentFile => ContentUse::EnvironmentFile,
            _ => ContentUse::Value,
        }
    }
}

/// The user of a unit, as its module sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UnitUser {
    /// A static user.
    Named(String),
    /// `DynamicUser=true`, with the name that `User=` gives, if it does.
    Dynamic(Option<String>),
    /// Not decided.
    Unknown,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) option: Pattern,
    /// Without `.service`; with the placeholders of the option.
    pub(crate) unit: Option<String>,
    pub(crate) user: UnitUser,
    pub(crate) user_option: Option<Pattern>,
    /// Whether root is what [`user_option`](Self::user_option) gives where it is false, not where it is true.
    pub(crate) is_root_if_false: bool,
    pub(crate) group: Option<String>,
    pub(crate) group_option: Option<Pattern>,
    pub(crate) opens: Opens,
    pub(crate) enable: Vec<Pattern>,
    /// Whether the module was read; what is inferred decides the user, but is no evidence of a fault.
    pub(crate) verified: bool,
    /// The releases of nixpkgs in which it holds.
    pub(crate) releases: ReleaseRange,
}

/// All rows, by the first attribute of the option.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<String, Vec<Row>>,
}

static BUILT_IN: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    { lines(READER_TABLE).filter_map(parse) }.for_each(|row| table.add(row));
    table
});

static OF_DARWIN: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    { lines(DARWIN_TABLE).filter_map(parse) }.for_each(|row| table.add(row));
    table
});

/// The rows of a data file.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    let text = text.lines();
    let rows = text.filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.skip(1)
}

impl Table {
    /// The table of the data file.
    pub(crate) fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The table of a system: modules of nix-darwin run as other users than those of NixOS.
    pub(crate) fn of_system(is_darwin: bool) -> &'static Self {
        if is_darwin { &OF_DARWIN } else { &BUILT_IN }
    }

    /// The readers that the user gives.
    pub(crate) fn extra(readers: &[ExtraReader]) -> Self {
        let mut table = Self::default();
        readers
            .iter()
            .filter_map(given)
            .for_each(|row| table.add(row));
        table
    }

    fn add(&mut self, row: Row) {
        if let Some(first) = row.option.first() {
            self.rows.entry(first.to_owned()).or_default().push(row);
        }
    }

    /// The rows for an option, and what its placeholders stand for. Rows that name more of the option go before
    /// those that are for any of its kind.
    pub(crate) fn rows<'a>(&'a self, option: &[String]) -> Vec<(&'a Row, Vec<String>)> {
        let rows = option.first().and_then(|first| self.rows.get(first));
        let matching = rows.into_iter().flatten();
        let mut rows: Vec<(&Row, Vec<String>)> = matching
            .filter_map(|row| Some((row, row.option.matches(option)?)))
            .collect();
        let most = rows.iter().map(|(row, _)| row.option.names()).max();
        rows.retain(|(row, _)| row.option.form().is_some() || Some(row.option.names()) == most);
        rows
    }

    /// The first attributes of all options.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// The checked rows that have a unit.
    pub(crate) fn units(&self) -> impl Iterator<Item = &Row> {
        let rows = self.rows.values().flatten();
        rows.filter(|row| row.verified && row.unit.is_some())
    }

    /// The checked rows of a unit of that name, and what its placeholder stands for; those of the exact name
    /// go before those of a kind of units.
    pub(crate) fn of_unit(&self, unit: &str) -> Vec<(&Row, Vec<String>)> {
        let rows = self.units().filter_map(|row| {
            let captured = match_unit(row.unit.as_deref()?, unit)?;
            Some((row, captured))
        });
        let mut rows: Vec<(&Row, Vec<String>)> = rows.collect();
        if rows.iter().any(|(_, captured)| captured.is_empty()) {
            rows.retain(|(_, captured)| captured.is_empty());
        }
        rows
    }
}

/// What the placeholders of a unit's name in the table stand for in the name of a unit, if it is that: none,
/// or the one.
fn match_unit(pattern: &str, unit: &str) -> Option<Vec<String>> {
    let Some((before, rest)) = pattern.split_once('<') else {
        return (pattern == unit).then(Vec::new);
    };
    let (_, after) = rest.split_once('>')?;
    // What two placeholders have of a name is not decided, nor is one that may be any unit's.
    if before.is_empty() || after.contains('<') {
        return None;
    }
    let name = unit.strip_prefix(before)?.strip_suffix(after)?;
    (!name.is_empty()).then(|| vec![name.to_owned()])
}

fn field(text: &str) -> Option<&str> {
    (text != "-" && !text.is_empty()).then_some(text)
}

fn parse(line: &str) -> Option<Row> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let option = Pattern::parse(next()?)?;
    let unit = field(next()?).map(str::to_owned);
    let user = match field(next()?) {
        None => UnitUser::Unknown,
        Some("dynamic") => UnitUser::Dynamic(None),
        Some(user) => match user.strip_prefix("dynamic:") {
            Some(name) => UnitUser::Dynamic(Some(name.to_owned())),
            None => UnitUser::Named(user.to_owned()),
        },
    };
    let user_option = field(next()?);
    let is_root_if_false = user_option.is_some_and(|option| option.starts_with(ROOT_IF_FALSE));
    let user_option = user_option.map(|option| option.trim_start_matches(ROOT_IF_FALSE));
    let user_option = user_option.and_then(Pattern::parse);
    let group = field(next()?).map(str::to_owned);
    let group_option = field(next()?).and_then(Pattern::parse);
    let opens = Opens::parse(next()?)?;
    let enable = field(next()?).map_or_else(Vec::new, |text| {
        text.split('|').filter_map(Pattern::parse).collect()
    });
    let verified = next()? != INFERRED;
    let releases = match field(next()?) {
        None => ReleaseRange::default(),
        Some(text) => ReleaseRange::parse(text)?,
    };
    Some(Row {
        option,
        unit,
        user,
        user_option,
        is_root_if_false,
        group,
        group_option,
        opens,
        enable,
        verified,
        releases,
    })
}

fn given(reader: &ExtraReader) -> Option<Row> {
    Some(Row {
        option: Pattern::parse(&reader.option)?,
        unit: None,
        user: UnitUser::Named(reader.user.clone()),
        user_option: None,
        is_root_if_false: false,
        group: reader.group.clone(),
        group_option: None,
        opens: Opens::Given(reader.moment.unwrap_or(Moment::Service)),
        enable: Vec::new(),
        verified: true,
        releases: ReleaseRange::default(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const COLUMNS: usize = 11;

    #[test]
    fn every_row_parses_has_a_source_and_names_a_plausible_option() {
        let mut count = 0;
        let mut seen = BTreeSet::new();
        let nixos = lines(READER_TABLE).map(|line| (false, line));
        for (is_darwin, line) in nixos.chain(lines(DARWIN_TABLE).map(|line| (true, line))) {
            count += 1;
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), COLUMNS, "{line}");
            assert!(
                columns
                    .iter()
                    .all(|column| !column.is_empty() && column.trim() == *column),
                "{line}"
            );
            let row = parse(line).unwrap_or_else(|| panic!("does not parse: {line}"));
            assert!(row.option.is_plausible(), "{line}");
            let source = columns[8];
            // `nixos/modules/…`, or `owner/name:path` of another project.
            let is_of_project = source.split_once(':').is_some_and(|(project, _)| {
                project.split('/').filter(|part| !part.is_empty()).count() == 2
            });
            let is_module = source.starts_with("nixos/modules/") || is_of_project;
            assert!(
                is_module && source.ends_with(".nix") || source == INFERRED,
                "{line}"
            );
            for pattern in row
                .enable
                .iter()
                .chain(&row.user_option)
                .chain(&row.group_option)
            {
                assert!(pattern.is_plausible(), "{line}");
                let known = row.option.placeholders();
                assert!(
                    pattern.placeholders() <= known,
                    "{line}: a placeholder that the option lacks"
                );
            }
            if let Some(unit) = &row.unit {
                let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.@<>".contains(c);
                assert!(unit.chars().all(is_name), "{line}");
            }
            assert!(
                seen.insert((is_darwin, columns[0], columns[1], columns[9])),
                "twice: {line}"
            );
        }
        assert!(count >= 200, "{count} rows");
        for table in [READER_TABLE, DARWIN_TABLE] {
            let sorted: Vec<&str> = lines(table).collect();
            assert!(sorted.is_sorted_by_key(|line| line.split('\t').take(2).collect::<Vec<_>>()));
        }
    }

    #[test]
    fn a_row_is_found_by_its_option() {
        let option: Vec<String> = ["services", "restic", "backups", "home", "passwordFile"]
            .map(str::to_owned)
            .into();
        let rows = Table::built_in().rows(&option);
        let [(row, captured)] = rows.as_slice() else {
            panic!("{rows:?}")
        };
        assert_eq!(captured, &["home"]);
        assert_eq!(row.user, UnitUser::Named("root".to_owned()));
        assert_eq!(row.opens, Opens::Process);
    }

    #[test]
    fn a_unit_is_found_by_the_pattern_of_its_name() {
        let name = |pattern: &str, unit: &str| match_unit(pattern, unit);
        assert_eq!(name("grafana", "grafana"), Some(Vec::new()));
        assert_eq!(name("grafana", "grafana-x"), None);
        assert_eq!(
            name("openvpn-<name>", "openvpn-home"),
            Some(vec!["home".to_owned()])
        );
        assert_eq!(
            name("prometheus-<name>-exporter", "prometheus-a-exporter"),
            Some(vec!["a".to_owned()])
        );
        assert_eq!(
            name("prometheus-<name>-exporter", "prometheus-exporter"),
            None
        );
        assert_eq!(name("openvpn-<name>", "openvpn-"), None);
        assert_eq!(name("wireguard-<a>-peer-<b>", "wireguard-a-peer-b"), None);
        assert_eq!(name("<name>", "anything"), None);
    }

    #[test]
    fn a_row_for_an_option_goes_before_one_for_its_kind() {
        let opens = |option: &str| {
            let option: Vec<String> = option.split('.').map(str::to_owned).collect();
            let rows = Table::built_in().rows(&option);
            let opens = rows.iter().map(|(row, _)| row.opens);
            opens.collect::<Vec<_>>()
        };
        assert_eq!(
            opens("services.prometheus.exporters.storagebox.tokenFile"),
            [Opens::Credential]
        );
        assert_eq!(
            opens("services.prometheus.exporters.something.tokenFile"),
            [Opens::Process]
        );
    }

    #[test]
    fn a_reader_of_the_user_needs_an_option_and_a_user() {
        let reader = |option: &str, user: &str| ExtraReader {
            option: option.to_owned(),
            user: user.to_owned(),
            group: None,
            moment: None,
        };
        assert_eq!(reader("services.foo.tokenFile", "foo").check(), Ok(()));
        assert!(reader("services.foo.tokenFile", "").check().is_err());
        assert!(reader("tokenFile", "foo").check().is_err());
        assert!(reader("services..tokenFile", "foo").check().is_err());
    }
}
