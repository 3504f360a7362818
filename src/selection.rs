//! Which findings count, and how much: the one point that decides.

use std::collections::BTreeMap;
use std::path::Path;

use extract::PathGlobs;
use inventory::GapKind;
use mcp_lint_lints::{Confidence, Diagnostic, Group, LINTS, Lint, Severity};

use crate::cli::check::FailOn;
use crate::config::{Configuration, Level, Levels, Specificity};
use crate::usage::UsageError;

/// What the command line asks for. It wins over the configuration file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Run only these lints or groups.
    pub(crate) select: &'a [String],
    /// Do not run these.
    pub(crate) ignore: &'a [String],
    /// Show findings that are only worth knowing.
    pub(crate) pedantic: bool,
    /// Leave out what is less sure.
    pub(crate) min_confidence: Option<Confidence>,
    /// Fail from this level on.
    pub(crate) fail_on: Option<FailOn>,
}

/// What the command line and the configuration file ask for together.
#[derive(Debug)]
pub(crate) struct Selection {
    lints: Vec<&'static Lint>,
    /// Those that the configuration file alone keeps from running.
    switched_off: Vec<&'static Lint>,
    /// What each lint was selected by on the command line. All findings of those that were selected
    /// by their own name are shown.
    selected: BTreeMap<&'static str, Specificity>,
    levels: Levels,
    overrides: Vec<(PathGlobs, Levels)>,
    exclude: PathGlobs,
    shows_info: bool,
    min_confidence: Confidence,
    fail_on: FailOn,
}

/// The findings that count, and how many do not.
#[derive(Debug, Default)]
pub(crate) struct Selected {
    /// Those that are shown, with their levels.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many are not shown because they are only worth knowing.
    pub(crate) hidden: usize,
    /// How many the configuration file switches off, in their file or by the file itself.
    pub(crate) switched_off: usize,
}

impl Selection {
    /// A name that is neither a lint nor a group is an error.
    pub(crate) fn new(asked: Asked<'_>, configuration: &Configuration) -> Result<Self, UsageError> {
        let selected: BTreeMap<&'static str, Specificity> = named(asked.select)?;
        let ignored = named(asked.ignore)?;
        let fail_on = asked.fail_on.or(configuration.fail_on);
        let fail_on = fail_on.unwrap_or(FailOn::Error);
        let mut selection = Self {
            lints: Vec::new(),
            switched_off: Vec::new(),
            levels: configuration.levels.clone(),
            overrides: configuration.overrides.clone(),
            exclude: configuration.exclude.clone(),
            shows_info: asked.pedantic
                || configuration.pedantic == Some(true)
                || fail_on == FailOn::Info,
            selected,
            min_confidence: asked.min_confidence.unwrap_or(Confidence::Low),
            fail_on,
        };
        let is_asked_for = |lint: &&'static Lint| {
            let is_selected = asked.select.is_empty() || selection.selected.contains_key(lint.name);
            is_selected && !ignored.contains_key(lint.name)
        };
        (selection.lints, selection.switched_off) = { LINTS.iter().copied() }
            .filter(is_asked_for)
            .partition(|lint| selection.is_on(lint));
        Ok(selection)
    }

    /// The lints to run, sorted by name.
    pub(crate) fn lints(&self) -> &[&'static Lint] {
        &self.lints
    }

    /// The lints that would run without the configuration file, sorted by name.
    pub(crate) fn switched_off(&self) -> &[&'static Lint] {
        &self.switched_off
    }

    /// Whether a finding is shown at its level.
    fn is_shown(&self, found: &Diagnostic) -> bool {
        let by_name = self.selected.get(found.lint.name) == Some(&Specificity::Lint);
        found.severity > Severity::Info || self.shows_info || by_name
    }

    /// How many of these findings, of lints that are switched off, would be shown.
    pub(crate) fn shown(&self, diagnostics: &[Diagnostic]) -> usize {
        let shown = diagnostics.iter().filter(|found| self.is_shown(found));
        shown.count()
    }

    /// Whether a lint is on somewhere.
    fn is_on(&self, lint: &'static Lint) -> bool {
        let is_off = |levels: &Levels| self.given(levels, lint) == Some(Level::Off);
        let mut special = self.overrides.iter().map(|(_, levels)| levels);
        !is_off(&self.levels)
            || special.any(|levels| self.given(levels, lint).is_some() && !is_off(levels))
    }

    /// What levels say of a lint; `off` does not count where the command line selects the lint at
    /// least as specifically.
    fn given(&self, levels: &Levels, lint: &Lint) -> Option<Level> {
        let (level, by) = levels.of(lint)?;
        let selected = self.selected.get(lint.name);
        let is_wanted = level == Level::Off && selected.is_some_and(|selected| *selected >= by);
        (!is_wanted).then_some(level)
    }

    /// The level of a finding; nothing for the one that it has.
    fn level(&self, lint: &Lint, file: Option<&Path>) -> Option<Level> {
        let of_file = |(globs, levels): &(PathGlobs, Levels)| {
            let is_meant = file.is_some_and(|file| globs.matches(file));
            is_meant.then(|| self.given(levels, lint)).flatten()
        };
        let special = self.overrides.iter().rev().find_map(of_file);
        special.or_else(|| self.given(&self.levels, lint))
    }

    /// Gives every finding its level, and drops those that are not asked for. `root` is the
    /// project's.
    pub(crate) fn apply(&self, root: &Path, diagnostics: Vec<Diagnostic>) -> Selected {
        let mut selected = Selected::default();
        for mut diagnostic in diagnostics {
            let file = diagnostic.file.as_ref().map(|file| root.join(file));
            let file = file.as_deref();
            // What could not be read makes the run fail: it is always told, unless no configuration loads it.
            let is_hole = mcp_lint_lints::reports_unread(diagnostic.lint)
                && diagnostic.severity > Severity::Info;
            if diagnostic.confidence < self.min_confidence && !is_hole {
                continue;
            }
            if file.is_some_and(|file| self.exclude.matches(file)) && !is_hole {
                selected.switched_off += usize::from(self.is_shown(&diagnostic));
                continue;
            }
            match self.level(diagnostic.lint, file) {
                Some(Level::Off) => {
                    selected.switched_off += usize::from(self.is_shown(&diagnostic));
                    continue;
                }
                Some(Level::Severity(severity)) => diagnostic.severity = severity,
                None => {}
            }
            if self.is_shown(&diagnostic) {
                selected.diagnostics.push(diagnostic);
            } else {
                selected.hidden += 1;
            }
        }
        selected
    }

    /// The level from which on findings make the run fail; `None` if none does.
    pub(crate) const fn fails_from(&self) -> Option<Severity> {
        match self.fail_on {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }

    /// Whether these findings make the run fail.
    pub(crate) fn fails(&self, diagnostics: &[Diagnostic]) -> bool {
        let from = self.fails_from();
        from.is_some_and(|level| { diagnostics.iter() }.any(|found| found.severity >= level))
    }
}

/// The lints that these names and groups mean, each with the most specific name for it.
fn named(names: &[String]) -> Result<BTreeMap<&'static str, Specificity>, UsageError> {
    let mut lints = BTreeMap::new();
    for name in names {
        let name = &name.to_lowercase();
        let mut is_known = group(name).is_some();
        for lint in LINTS {
            if let Some(by) = means(name, lint) {
                is_known = true;
                let known = lints.entry(lint.name).or_insert(by);
                *known = by.max(*known);
            }
        }
        if !is_known {
            return Err(unknown(name));
        }
    }
    Ok(lints)
}

fn means(name: &str, lint: &Lint) -> Option<Specificity> {
    if lint.name == name {
        Some(Specificity::Lint)
    } else if group(name) == Some(lint.group) {
        Some(Specificity::Group)
    } else {
        (name == "all").then_some(Specificity::All)
    }
}

/// The group of this name or letter.
pub(crate) fn group(name: &str) -> Option<Group> {
    Group::ALL
        .into_iter()
        .find(|group| group.name() == name || group.letter().to_string().eq_ignore_ascii_case(name))
}

/// The error for a name that is no lint, with the one that may be meant.
pub(crate) fn unknown(name: &str) -> UsageError {
    if GapKind::named(&name.to_lowercase()).is_some() {
        return UsageError::new(format!(
            "`{name}` is no lint: it tells that a part was not inspected"
        ))
        .help(format!(
            "mcp-lint explain {name}; --require-complete makes the run fail for it"
        ));
    }
    let names = LINTS
        .iter()
        .map(|lint| lint.name)
        .chain(Group::ALL.into_iter().map(Group::name));
    UsageError::new(format!("there is no lint or group `{name}`"))
        .did_you_mean(&name.to_lowercase(), names)
        .help("mcp-lint lints shows them all")
}
