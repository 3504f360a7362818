//! What an analysis did not see.

use std::cmp::Ordering;

use super::{Host, HostClass, Inventory, Problem, Unknown};

/// A part of the project that was not inspected, though secrets may be declared or read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which kind it is.
    pub kind: GapKind,
    /// What was not inspected, as the project names it: `nixosConfigurations`, `nixosConfigurations.desk`.
    pub subject: String,
    /// The options of secrets that depend on it: `age.secrets.token`, `age.secrets.token.mode`; empty if the
    /// kind is another one than [`GapKind::Undecided`].
    pub options: Vec<String>,
    /// Why.
    pub why: Unknown,
}

impl Gap {
    /// A gap on which no option of a secret is known to depend.
    #[must_use]
    pub fn new(kind: GapKind, subject: impl Into<String>, why: Unknown) -> Self {
        Self {
            kind,
            subject: subject.into(),
            options: Vec::new(),
            why,
        }
    }
}

/// A kind of gap, in the order in which they are reported: the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// An output that holds configurations, of which none is known.
    Configurations,
    /// An output that may hold more configurations than those that are known.
    MoreConfigurations,
    /// Configurations of a kind that is not evaluated.
    NotEvaluated,
    /// A configuration that could not be evaluated.
    Failed,
    /// A configuration of whose modules none is known.
    Hollow,
    /// A configuration of which a module could not be loaded.
    Modules,
    /// A configuration that may declare more secrets than those that are known.
    Secrets,
    /// A secret that a configuration declares, or says who may read, under a condition that is not decided.
    Undecided,
    /// A bound of this program ended the evaluation.
    Limit,
    /// A bound of this program left files out of the search for keys and tokens, or out of a list.
    Search,
}

impl GapKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Configurations,
        Self::MoreConfigurations,
        Self::NotEvaluated,
        Self::Failed,
        Self::Hollow,
        Self::Modules,
        Self::Secrets,
        Self::Undecided,
        Self::Limit,
        Self::Search,
    ];

    /// The stable code in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configurations => "unknown-configurations",
            Self::MoreConfigurations => "more-configurations",
            Self::NotEvaluated => "not-evaluated",
            Self::Failed => "failed-configuration",
            Self::Hollow => "hollow-configuration",
            Self::Modules => "missing-modules",
            Self::Secrets => "more-secrets",
            Self::Undecided => "undecided-secrets",
            Self::Limit => "limit",
            Self::Search => "not-searched",
        }
    }

    /// What one is, for people: a sentence without its end.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Configurations => "an output of configurations of which nothing is known",
            Self::MoreConfigurations => "there may be configurations beside those that are known",
            Self::NotEvaluated => "configurations of a kind that is not evaluated",
            Self::Failed => "a configuration that could not be evaluated",
            Self::Hollow => "a configuration of whose modules none is known",
            Self::Modules => "a module that could not be loaded",
            Self::Secrets => {
                "the set of secrets is not known as a whole; the known ones are listed"
            }
            Self::Undecided => {
                "whether secrets are there, or who may read them, depends on a condition that is not decided"
            }
            Self::Limit => "a bound of mcp-lint ended the evaluation",
            Self::Search => "files that were not searched, as there are too many or too deep",
        }
    }

    /// What decides it, for people: whole sentences.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Configurations | Self::MoreConfigurations | Self::Hollow | Self::Modules => {
                "The reason names what is not here, mostly an input. `mcp-lint inputs` lists the inputs and \
                 where their sources are; `mcp-lint inputs fetch` brings those that are locked, and \
                 `--input NAME=DIRECTORY` gives one by hand."
            }
            Self::NotEvaluated => {
                "Nothing does: no finding is about them. Modules that they share with configurations that \
                 are evaluated are seen there."
            }
            Self::Failed => {
                "The reason is what Nix would say. If Nix evaluates the configuration, it is a defect of \
                 mcp-lint: `mcp-lint check --debug-bundle FILE` writes what a report of it needs."
            }
            Self::Secrets => {
                "The reason names the expression that adds secrets. If it comes from an input, \
                 `mcp-lint inputs fetch` brings its source; if a file is decrypted or generated to be \
                 read, nothing does."
            }
            Self::Undecided => {
                "The reason names what the condition needs. An option of a module that is not here is decided by a \
                 definition in the project, such as `services.grafana.enable = false;`; a value of an input by its \
                 source (`mcp-lint inputs fetch`, `--input NAME=DIRECTORY`). What depends on the machine that \
                 evaluates is decided by nothing: read what is declared below it."
            }
            Self::Limit => "`--step-limit` and `--memory-limit` move the bound.",
            Self::Search => {
                "In a Git repository everything that Git tracks is searched; elsewhere, name the directories \
                 that matter."
            }
        }
    }

    /// The kind with that code; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether nothing can be concluded from the absence of findings: such a run fails unless the user
    /// has decided otherwise.
    #[must_use]
    pub const fn is_blinding(self) -> bool {
        matches!(self, Self::Configurations | Self::Limit)
    }
}

/// How many configurations a project has, and how many of them were seen. What is in another one, and
/// modules that are inspected on their own, are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Configurations {
    /// The configurations that the project defines; `None` if there may be others.
    pub defined: Option<usize>,
    /// Those that were evaluated, the hollow ones left out.
    pub evaluated: usize,
    /// Those of whose modules none is known.
    pub hollow: usize,
    /// Those that could not be evaluated.
    pub failed: usize,
}

impl Host {
    /// Whether it is a module that no configuration loads, inspected on its own.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.class == HostClass::Module
    }

    /// Whether it is a module in a directory whose name says that its files are used no more: `archive`, `old`.
    #[must_use]
    pub fn is_put_aside(&self) -> bool {
        const NAMES: [&str; 10] = [
            "archive",
            "archived",
            "attic",
            "deprecated",
            "disabled",
            "graveyard",
            "legacy",
            "obsolete",
            "old",
            "unused",
        ];
        let is_one = |part: &str| NAMES.contains(&part.trim_start_matches(['.', '_']));
        let directories = self.attribute.rsplit_once('/').map(|(before, _)| before);
        let is_aside = directories.is_some_and(|before| before.split('/').any(is_one));
        self.is_module() && (self.is_unnamed || is_aside)
    }

    /// Whether none of its modules is known.
    #[must_use]
    pub fn is_hollow(&self) -> bool {
        self.gaps.iter().any(|gap| gap.kind == GapKind::Hollow)
    }
}

impl Inventory {
    /// The configurations in numbers.
    #[must_use]
    pub fn configurations(&self) -> Configurations {
        let of = |is: fn(&Host) -> bool| {
            let own = self.hosts.iter();
            let own = own.filter(|host| !host.is_module() && !host.is_inner);
            own.filter(|host| is(host)).count()
        };
        let is_open = self.gaps.iter().any(|gap| {
            matches!(
                gap.kind,
                GapKind::Configurations | GapKind::MoreConfigurations
            )
        });
        let failed = of(|host| host.failed.is_some());
        let hollow = of(|host| host.failed.is_none() && host.is_hollow());
        let all = of(|_| true);
        Configurations {
            defined: (!is_open).then_some(all),
            evaluated: all - failed - hollow,
            hollow,
            failed,
        }
    }

    /// Whether every configuration that may load a module of the project was evaluated. A module of an input that could
    /// not be loaded loads no files of this project, nor does a configuration of a kind that is not evaluated.
    #[must_use]
    pub fn knows_loaded_modules(&self) -> bool {
        let hides_loads = |gap: &Gap| match gap.kind {
            GapKind::Secrets
            | GapKind::Undecided
            | GapKind::Modules
            | GapKind::NotEvaluated
            | GapKind::Search => false,
            GapKind::Configurations
            | GapKind::MoreConfigurations
            | GapKind::Failed
            | GapKind::Hollow
            | GapKind::Limit => true,
        };
        !self.is_partial && !self.all_gaps().iter().any(hides_loads)
    }

    /// What was not seen, of the project and of its hosts, the largest first.
    #[must_use]
    pub fn all_gaps(&self) -> Vec<Gap> {
        let of_hosts = self.hosts.iter().flat_map(|host| &host.gaps);
        let mut gaps: Vec<Gap> = self.gaps.iter().chain(of_hosts).cloned().collect();
        let limit = |subject: &str, problem: &Problem| {
            let why = Unknown {
                reason: problem.reason.clone(),
                at: problem.at,
            };
            Gap::new(GapKind::Limit, subject, why)
        };
        let cut_short = |problem: &&Problem| problem.is_cut_short();
        for host in &self.hosts {
            let problems = host.problems.iter().filter(cut_short);
            gaps.extend(problems.map(|problem| limit(&host.attribute, problem)));
        }
        let problems = self.problems.iter().filter(cut_short);
        gaps.extend(problems.map(|problem| limit("", problem)));
        gaps.sort();
        gaps.dedup();
        gaps
    }
}

impl Ord for Gap {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |gap: &Self| (gap.kind, gap.why.at);
        let by_kind = key(self).cmp(&key(other));
        by_kind
            .then_with(|| self.why.reason.cmp(&other.why.reason))
            .then_with(|| self.subject.cmp(&other.subject))
            .then_with(|| self.options.cmp(&other.options))
    }
}

impl PartialOrd for Gap {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
