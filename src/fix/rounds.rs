//! Which fixes are made: in rounds, until none is left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use extract::{BuildOptions, Built, DiscoverError, build};
use inventory::{Inventory, Readable, Reader, Span};
use mcp_lint_lints::{Diagnostic, Fix, Group};

use super::edits::{Change, changed};

/// How often the project is evaluated at most.
const MAX_EVALUATIONS: usize = 20;

/// How many fixes a round takes at most: each is parsed.
const MAX_FIXES: usize = 200;

/// Which fixes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Those that cannot change anything but what the finding is about.
    Safe,
    /// All.
    Unsafe,
}

/// What was found in one state of the project.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Everything, whether it is shown or not.
    pub(crate) all: Vec<Key>,
    /// What is to be fixed.
    pub(crate) active: Vec<Diagnostic>,
    /// How many secrets each user of each host reads.
    pub(crate) access: BTreeMap<(String, String), usize>,
}

/// How many secrets that a user reads they can open, by host and user. The way to them may change.
pub(crate) fn access(inventory: &Inventory) -> BTreeMap<(String, String), usize> {
    let mut access = BTreeMap::new();
    for host in &inventory.hosts {
        let can = |reader: &&Reader| reader.verdict.readable == Readable::Yes;
        for reader in host.readers.iter().filter(can) {
            let user = reader.user.known().and_then(|user| user.name.clone());
            let key = (host.attribute.clone(), user.unwrap_or_default());
            *access.entry(key).or_default() += 1;
        }
    }
    access
}

/// What a finding is about: lint, file, subject.
pub(crate) type Key = (&'static str, Option<String>, String);

/// What a finding is about.
pub(crate) fn key(diagnostic: &Diagnostic) -> Key {
    let (file, subject) = (diagnostic.file.clone(), diagnostic.subject.clone());
    (diagnostic.lint.name, file, subject)
}

/// A fix that was made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The file of the finding, and its line before the round.
    pub(crate) file: PathBuf,
    pub(crate) line: u32,
    pub(crate) lint: &'static str,
    pub(crate) title: String,
    /// The files that it changed.
    pub(crate) changed: BTreeSet<PathBuf>,
    key: Key,
}

/// A file with its text before and after.
#[derive(Debug, Clone)]
pub(crate) struct ChangedFile {
    pub(crate) path: PathBuf,
    pub(crate) before: Arc<str>,
    pub(crate) after: Arc<str>,
}

/// What fixing would do.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    /// Sorted by path.
    pub(crate) files: Vec<ChangedFile>,
    /// In the order in which they were made.
    pub(crate) made: Vec<Made>,
    /// What was not done, and why.
    pub(crate) notes: Vec<String>,
}

/// One round of fixes that do not overlap.
#[derive(Debug, Default)]
struct Round {
    made: Vec<Made>,
    /// The changes by file, with the text that they are changes of.
    changes: BTreeMap<PathBuf, (Arc<str>, Vec<Change>)>,
    /// Fixes that cannot be made, and why.
    refused: Vec<(Key, String, &'static str)>,
}

/// A fix as it is known after a further evaluation.
type Refused = BTreeSet<(Key, String)>;

/// Fixes what `judge` finds in what `options` built, in memory.
pub(crate) fn fix(
    mode: Mode,
    options: &BuildOptions,
    mut built: Built,
    judge: &dyn Fn(&Built) -> Found,
) -> Result<Fixed, DiscoverError> {
    let mut options = options.clone();
    let mut fixed = Fixed::default();
    let mut originals: BTreeMap<PathBuf, Arc<str>> = BTreeMap::new();
    let mut refused = Refused::new();
    let mut most = MAX_FIXES;
    let mut found = judge(&built);
    for _ in 0..MAX_EVALUATIONS {
        let round = choose(&built, &found, mode, &refused, most);
        for (key, title, why) in &round.refused {
            note(&mut fixed, key, title, why);
            refused.insert((key.clone(), title.clone()));
        }
        if round.made.is_empty() {
            finish(&mut fixed, &originals, &options);
            return Ok(fixed);
        }
        let mut next = options.clone();
        for (path, (before, changes)) in &round.changes {
            let after: Arc<str> = Arc::from(changed(before, changes));
            next.overlays.insert(path.clone(), after);
        }
        let next_built = build(&next)?;
        let next_found = judge(&next_built);
        let failed = ineffective(&round, &found, &next_found);
        if !failed.is_empty() {
            for made in failed {
                note(&mut fixed, &made.key, &made.title, "the finding would stay");
                refused.insert((made.key.clone(), made.title.clone()));
            }
            continue;
        }
        let is_broken = holes(&next_found) > holes(&found);
        // What only all of several unsafe fixes give back is not lost.
        if is_broken || (mode == Mode::Safe && loses_access(&found, &next_found)) {
            // One of them does it: find out which.
            if let [made] = round.made.as_slice() {
                if is_broken {
                    let why = "the configuration would no longer evaluate";
                    note(&mut fixed, &made.key, &made.title, why);
                }
                refused.insert((made.key.clone(), made.title.clone()));
            }
            most = (round.made.len() / 2).max(1);
            continue;
        }
        most = most.saturating_mul(2).min(MAX_FIXES);
        for (path, (before, _)) in round.changes {
            originals.entry(path).or_insert(before);
        }
        fixed.made.extend(round.made);
        (options, built, found) = (next, next_built, next_found);
    }
    finish(&mut fixed, &originals, &options);
    fixed
        .notes
        .push("there is more to fix: run it again".to_owned());
    Ok(fixed)
}

fn finish(fixed: &mut Fixed, originals: &BTreeMap<PathBuf, Arc<str>>, options: &BuildOptions) {
    let files = originals.iter().filter_map(|(path, before)| {
        let after = options.overlays.get(path)?;
        (before != after).then(|| ChangedFile {
            path: path.clone(),
            before: Arc::clone(before),
            after: Arc::clone(after),
        })
    });
    fixed.files = files.collect();
}

fn note(fixed: &mut Fixed, key: &Key, title: &str, why: &str) {
    let (lint, file, _) = key;
    let place = file.as_deref().unwrap_or("-");
    fixed
        .notes
        .push(format!("{place}: did not {title} ({lint}): {why}"));
}

/// How many findings say that something could not be looked at.
fn holes(found: &Found) -> usize {
    let of_analysis = mcp_lint_lints::LINTS
        .iter()
        .filter(|lint| lint.group == Group::Analysis && !lint.name.ends_with("-ignore"));
    let names: Vec<&str> = of_analysis.map(|lint| lint.name).collect();
    let is_hole = |key: &&Key| names.contains(&key.0);
    found.all.iter().filter(is_hole).count()
}

/// Whether somebody who reads a secret before does not afterwards.
fn loses_access(before: &Found, after: &Found) -> bool {
    let mut before = before.access.iter();
    before.any(|(key, count)| after.access.get(key).is_none_or(|now| now < count))
}

/// The fixes of a round whose findings are still there.
fn ineffective<'a>(round: &'a Round, before: &Found, after: &Found) -> Vec<&'a Made> {
    let count = |found: &Found, key: &Key| found.all.iter().filter(|other| *other == key).count();
    let stays = |made: &&Made| {
        let of_this = round.made.iter().filter(|other| other.key == made.key);
        count(after, &made.key) + of_this.count() > count(before, &made.key)
    };
    round.made.iter().filter(stays).collect()
}

/// Takes fixes as long as they do not overlap; the others wait for the next round.
fn choose(built: &Built, found: &Found, mode: Mode, refused: &Refused, most: usize) -> Round {
    let mut round = Round::default();
    for diagnostic in &found.active {
        if round.made.len() >= most {
            break;
        }
        let key = key(diagnostic);
        let is_wanted = |fix: &&Fix| {
            (fix.safe || mode == Mode::Unsafe)
                && !refused.contains(&(key.clone(), fix.title.clone()))
        };
        let Some(fix) = diagnostic.fixes.iter().find(is_wanted) else {
            continue;
        };
        match take(built, &mut round, fix) {
            Taken::Yes(changed) => {
                let place = diagnostic.primary.as_ref().map(|label| label.at);
                let (file, line) = place
                    .and_then(|at| {
                        let source = built.sources.get(at.file)?;
                        Some((source.path().to_owned(), source.line_column(at.start).line))
                    })
                    .unwrap_or_default();
                round.made.push(Made {
                    file,
                    line,
                    lint: diagnostic.lint.name,
                    title: fix.title.clone(),
                    changed,
                    key,
                });
            }
            Taken::Later => {}
            Taken::Never(why) => round.refused.push((key, fix.title.clone(), why)),
        }
    }
    round
}

enum Taken {
    /// With the files that it changes.
    Yes(BTreeSet<PathBuf>),
    /// It overlaps with one that was taken.
    Later,
    /// It cannot be made: why.
    Never(&'static str),
}

/// Adds all edits of a fix to the round, or none.
fn take(built: &Built, round: &mut Round, fix: &Fix) -> Taken {
    let mut wanted: BTreeMap<PathBuf, (Arc<str>, Vec<Change>)> = BTreeMap::new();
    for edit in &fix.edits {
        let (path, text) = match editable(built, edit.span) {
            Ok(file) => file,
            Err(why) => return Taken::Never(why),
        };
        let range = edit.span.start as usize..edit.span.end as usize;
        let Some(change) = Change::new(&text, range, &edit.replacement) else {
            return Taken::Never(NOTHING);
        };
        let (_, changes) = wanted.entry(path).or_insert_with(|| (text, Vec::new()));
        if changes.iter().any(|other| other.overlaps(&change)) {
            return Taken::Never("its edits overlap");
        }
        changes.push(change);
    }
    for (path, (_, changes)) in &wanted {
        let taken = round.changes.get(path);
        let taken = taken.map_or(&[][..], |(_, changes)| changes);
        if changes
            .iter()
            .any(|change| taken.iter().any(|other| other.overlaps(change)))
        {
            return Taken::Later;
        }
    }
    for (path, (text, changes)) in &wanted {
        let mut all = round
            .changes
            .get(path)
            .map_or_else(Vec::new, |(_, changes)| changes.clone());
        all.extend(changes.iter().cloned());
        let after = changed(text, &all);
        if after == **text {
            return Taken::Never(NOTHING);
        }
        if !nix_syntax::parse(&after).errors.is_empty() {
            return Taken::Never("the result would not be valid Nix");
        }
    }
    let changed = wanted.keys().cloned().collect();
    for (path, (text, changes)) in wanted {
        let (_, all) = round
            .changes
            .entry(path)
            .or_insert_with(|| (text, Vec::new()));
        all.extend(changes);
    }
    if fix.edits.is_empty() {
        Taken::Never(NOTHING)
    } else {
        Taken::Yes(changed)
    }
}

/// Why a fix is not made that has no effect.
const NOTHING: &str = "it would change nothing";

/// The file of a place: a Nix file of the project that parses; an error says why it may not be changed.
fn editable(built: &Built, at: Span) -> Result<(PathBuf, Arc<str>), &'static str> {
    let source = built.sources.get(at.file).ok_or(NOTHING)?;
    let path = source.path();
    let is_nix = path.extension().is_some_and(|extension| extension == "nix");
    let problems = built.inventory.problems.iter();
    let mut problems = problems.chain(&built.inventory.unloaded_problems);
    let is_broken = problems.any(|problem| {
        problem.kind == inventory::ProblemKind::Syntax
            && problem.at.is_some_and(|place| place.file == at.file)
    });
    if !path.starts_with(&built.inventory.root) {
        Err("the file is not in the project")
    } else if !is_nix {
        Err("only Nix files are changed")
    } else if is_broken {
        Err("the file does not parse")
    } else {
        Ok((path.to_owned(), Arc::clone(source.text())))
    }
}
