//! What a lint reports.

use std::collections::BTreeSet;

use inventory::{Host, Inventory, Span};

use crate::Lint;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; shown only when asked for.
    Info,
    /// Fails or leaks under conditions that the configuration makes likely.
    Warning,
    /// Certainly fails, leaks or locks out.
    Error,
}

impl Severity {
    /// The name in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a finding is that it describes what the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A guess that needs a look.
    Low,
    /// Rests on a likely reading of the configuration.
    Medium,
    /// Proven from the configuration.
    High,
}

impl Confidence {
    /// The name in the JSON output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub at: Span,
    /// What, in a few words that follow the underlined characters.
    pub text: String,
}

/// The change to make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Help {
    /// What the change does; may be empty where the code says it all.
    pub text: String,
    /// Nix, or a command, ready to paste; may have several lines.
    pub code: Option<String>,
}

/// One replacement in a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The characters to replace; empty to insert.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

/// A change that can be made for the user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What it does: `make alice the owner`.
    pub title: String,
    /// Whether it cannot change anything but what the finding is about.
    pub safe: bool,
    /// The replacements: sorted, without overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The lint that reports it.
    pub lint: &'static Lint,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong, in one line, in the user's own names. Never holds a secret's value.
    pub message: String,
    /// The characters to change, or the place where it goes wrong; nothing where no source file
    /// says it.
    pub primary: Option<Label>,
    /// Where the other half of the contradiction was written.
    pub secondary: Vec<Label>,
    /// What happens on the machine.
    pub note: Option<String>,
    /// The change to make.
    pub help: Option<Help>,
    /// How sure it is.
    pub confidence: Confidence,
    /// The hosts that it holds for, by attribute: `nixosConfigurations.desk`. Empty for a finding
    /// about the project.
    pub hosts: BTreeSet<String>,
    /// What can be done automatically, the best first.
    pub fixes: Vec<Fix>,
    /// The option or file that the finding is about, `sops.secrets.github_token`: part of its
    /// [identity](Diagnostic::identity), which must survive moved lines.
    pub subject: String,
    /// The secrets that it is about, each by the attribute of its host and its option.
    pub secrets: BTreeSet<(String, String)>,
    /// The place in the list of findings with the same lint, file and subject, from 0.
    pub ordinal: usize,
    /// The file of the primary label relative to the project root, `/` between parts.
    pub file: Option<String>,
}

impl Diagnostic {
    /// A finding of `lint` about `subject`, with the lint's own severity.
    #[must_use]
    pub fn new(
        lint: &'static Lint,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            lint,
            severity: lint.severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            note: None,
            help: None,
            confidence: Confidence::High,
            hosts: BTreeSet::new(),
            fixes: Vec::new(),
            subject: subject.into(),
            secrets: BTreeSet::new(),
            ordinal: 0,
            file: None,
        }
    }

    /// With another severity than the lint's own.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With the place to change.
    #[must_use]
    pub fn primary(mut self, at: Option<Span>, text: impl Into<String>) -> Self {
        self.primary = at.map(|at| Label {
            at,
            text: text.into(),
        });
        self
    }

    /// With one more place that matters; without a place, nothing is added.
    #[must_use]
    pub fn secondary(mut self, at: Option<Span>, text: impl Into<String>) -> Self {
        self.secondary.extend(at.map(|at| Label {
            at,
            text: text.into(),
        }));
        self
    }

    /// With what happens at run time.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With the change to make, and its code ready to paste.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>, code: impl Into<String>) -> Self {
        self.help = Some(Help {
            text: text.into(),
            code: Some(code.into()),
        });
        self
    }

    /// With the change to make, in words.
    #[must_use]
    pub fn advice(mut self, text: impl Into<String>) -> Self {
        self.help = Some(Help {
            text: text.into(),
            code: None,
        });
        self
    }

    /// About a secret of the host as well, which is not the subject.
    #[must_use]
    pub(crate) fn about(mut self, option: impl Into<String>) -> Self {
        // The host is named where the finding gets its hosts.
        self.secrets.insert((String::new(), option.into()));
        self
    }

    /// Names the secrets that it is about: its subject, those of a file that is its subject, and those that it was
    /// given, each on all its hosts. Without hosts it holds for all.
    pub(crate) fn name_secrets(&mut self, inventory: &Inventory) {
        let given: Vec<String> = { std::mem::take(&mut self.secrets).into_iter() }
            .map(|(_, option)| option)
            .collect();
        let holds = |host: &Host| self.hosts.is_empty() || self.hosts.contains(&host.attribute);
        let hosts = || inventory.hosts.iter().filter(|host| holds(host));
        let mut named: BTreeSet<(String, String)> = hosts()
            .flat_map(|host| host.secrets.iter().map(move |secret| (host, secret)))
            .filter(|(_, secret)| secret.option == self.subject || given.contains(&secret.option))
            .map(|(host, secret)| (host.attribute.clone(), secret.option.clone()))
            .collect();
        for file in { inventory.files.iter() }.filter(|it| it.path.display == self.subject) {
            for (host, secret) in &file.used_by {
                let host = inventory.hosts.get(*host).filter(|host| holds(host));
                let secret = host.and_then(|host| Some((host, host.secrets.get(*secret)?)));
                named.extend(
                    secret.map(|(host, secret)| (host.attribute.clone(), secret.option.clone())),
                );
            }
        }
        self.secrets = named;
    }

    /// With another confidence than high.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// With a change that can be made automatically.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fixes.extend(fix);
        self
    }

    /// Makes it a note about what no configuration loads, where nothing fails yet.
    pub(crate) fn make_unloaded(&mut self, what: &str) {
        self.severity = Severity::Info;
        let then = self.note.take();
        let then = then.map(|note| format!("; in one that does: {note}"));
        self.note = Some(format!(
            "no configuration loads {what}{}",
            then.unwrap_or_default()
        ));
    }

    /// Makes it at most a warning about a secret that is there if a condition holds that is not decided.
    pub(crate) fn make_supposed(&mut self, why: &str) {
        self.severity = self.severity.min(Severity::Warning);
        self.fixes.clear();
        self.message = format!("if its condition holds: {}", self.message);
        let then = self.note.take();
        let then = then.map(|note| format!("; {note}")).unwrap_or_default();
        self.note = Some(format!(
            "the condition is not decided, it needs: {why}{then}"
        ));
    }

    /// Makes it a note about what a switch that is off keeps from being there.
    pub(crate) fn make_switched_off(&mut self, switch: &str) {
        self.severity = Severity::Info;
        let then = self.note.take();
        let then = then.map(|note| format!(": {note}"));
        self.note = Some(format!("when `{switch}` is on{}", then.unwrap_or_default()));
    }

    /// What this finding is, whatever line it stands on: lint, file, subject and ordinal.
    #[must_use]
    pub fn identity(&self) -> String {
        let file = self.file.as_deref().unwrap_or("-");
        format!(
            "{}:{file}:{}:{}",
            self.lint.name, self.subject, self.ordinal
        )
    }
}
