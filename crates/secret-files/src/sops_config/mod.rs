//! `.sops.yaml`: who should be able to decrypt a file.
//!
//! Finding the file is the caller's task: sops walks upwards from the directory in which the
//! command runs, so a linter takes the nearest one above the secret file.

mod check;
mod keys;

use std::collections::BTreeMap;

use crate::tree::{self, Entry, NodeId, Tree};
use crate::{
    Code, EncryptionRule, GoRegex, GoRegexError, MAX_PARSED_BYTES, Problem, Recipient, Span, text,
};

/// What compiling one pattern costs, in bytes of the work that is done on one file.
const REGEX_WORK: usize = 512 << 10;

/// The name under which sops looks for it. With another extension (`.sops.yml`) sops only warns.
pub const SOPS_CONFIG_NAME: &str = ".sops.yaml";

/// A parsed `.sops.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SopsConfig {
    /// The creation rules in their order; `None` without `creation_rules`, where sops acts as
    /// if there were no configuration.
    pub rules: Option<Vec<CreationRule>>,
    /// What is wrong with the file, by place.
    pub problems: Vec<Problem>,
    /// The anchor that names a recipient, by [`Recipient::key`].
    aliases: BTreeMap<String, String>,
}

/// One entry of `creation_rules`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreationRule {
    /// The place of the rule.
    pub span: Span,
    /// Which files it is for; `None` is every file.
    pub path_regex: Option<PathRegex>,
    /// The recipients; one group unless `key_groups` is used.
    pub groups: Vec<Vec<Recipient>>,
    /// `shamir_threshold`.
    pub threshold: Option<usize>,
    /// Which values a new file encrypts, if the rule says so.
    pub encryption: Option<EncryptionRule>,
    /// `mac_only_encrypted`.
    pub mac_only_encrypted: bool,
}

/// A `path_regex` with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRegex {
    /// The pattern as it is written.
    pub pattern: String,
    /// Where.
    pub span: Span,
    /// Compiled, or why Go refuses it.
    pub regex: Result<GoRegex, GoRegexError>,
}

impl CreationRule {
    /// All recipients of all groups.
    pub fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.groups.iter().flatten()
    }
}

/// The rule that sops uses for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleMatch<'a> {
    /// The first rule that matches: its place in [`SopsConfig::rules`], and the rule.
    Rule(usize, &'a CreationRule),
    /// No rule matches: sops refuses to create the file.
    NoMatch,
    /// Before any rule matched, one has a pattern that Go refuses: sops stops there.
    BadRegex(usize, &'a CreationRule),
    /// There are no `creation_rules`.
    NoRules,
}

impl SopsConfig {
    /// Reads the file. What cannot be read is left out and reported in [`SopsConfig::problems`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut config = Self::default();
        if bytes.len() > MAX_PARSED_BYTES {
            config.problems.push(Problem::new(
                Code::FileTooLarge,
                Span::at(0),
                "too large for a `.sops.yaml`",
            ));
            return config;
        }
        let (source, invalid) = text::decode(bytes);
        if let Some(span) = invalid {
            config.problems.push(Problem::new(
                Code::NotUtf8,
                span,
                "YAML must be UTF-8, and this byte is not",
            ));
        }
        match tree::yaml::parse(&source) {
            Ok(tree) => config.read(&tree),
            Err(problem) => config.problems.push(Problem {
                code: Code::ConfigSyntax,
                ..problem
            }),
        }
        config.problems.sort();
        config.problems.dedup();
        config
    }

    /// The rule for a file, by its path relative to the directory of `.sops.yaml`, with `/`
    /// between the parts. A file outside of that directory keeps its absolute path.
    #[must_use]
    pub fn rule_for(&self, relative_path: &str) -> RuleMatch<'_> {
        let Some(rules) = &self.rules else {
            return RuleMatch::NoRules;
        };
        for (index, rule) in rules.iter().enumerate() {
            match &rule.path_regex {
                None => return RuleMatch::Rule(index, rule),
                Some(path_regex) => match &path_regex.regex {
                    Ok(regex) if regex.is_match(relative_path) => {
                        return RuleMatch::Rule(index, rule);
                    }
                    Ok(_) => {}
                    Err(_) => return RuleMatch::BadRegex(index, rule),
                },
            }
        }
        RuleMatch::NoMatch
    }

    /// Every rule that matches the path, not only the first: more than one may surprise.
    #[must_use]
    pub fn all_rules_for(&self, relative_path: &str) -> Vec<(usize, &CreationRule)> {
        let matches = |rule: &CreationRule| match &rule.path_regex {
            None => true,
            Some(path_regex) => path_regex
                .regex
                .as_ref()
                .is_ok_and(|regex| regex.is_match(relative_path)),
        };
        let rules = self.rules.iter().flatten().enumerate();
        rules.filter(|(_, rule)| matches(rule)).collect()
    }

    /// The anchor under which a recipient is defined, as `host` for `&host age1…`.
    #[must_use]
    pub fn alias(&self, recipient: &Recipient) -> Option<&str> {
        self.aliases.get(&recipient.key()).map(String::as_str)
    }

    /// Every recipient that has an anchor, with its name, by recipient.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str()))
    }

    fn read(&mut self, tree: &Tree<'_>) {
        self.read_aliases(tree);
        let Some(root) = tree.documents.first().copied() else {
            self.problems.push(Problem::new(
                Code::ConfigNoRules,
                Span::at(0),
                "`.sops.yaml` is empty",
            ));
            return;
        };
        if let Some((name, span)) = tree.duplicate_key(root) {
            let message = format!(
                "the key `{}` stands twice in one mapping",
                check::short(&name)
            );
            self.problems
                .push(Problem::new(Code::ConfigSyntax, span, message));
        }
        check::top_level(tree, root, &mut self.problems);
        let Some((key, rules)) = tree.get(root, "creation_rules") else {
            let message = "no `creation_rules`: sops acts as if there were no configuration";
            self.problems
                .push(Problem::new(Code::ConfigNoRules, Span::at(0), message));
            return;
        };
        let span = tree.node(key).map_or_else(Span::default, |node| node.span);
        let Some(entries) = tree.sequence(rules) else {
            let is_null = tree
                .scalar(rules)
                .is_some_and(|scalar| scalar.class == tree::ScalarClass::Null);
            let (code, message) = if is_null {
                (
                    Code::ConfigNoRules,
                    "`creation_rules` is empty: sops acts as if there were no configuration",
                )
            } else {
                (Code::ConfigSyntax, "`creation_rules` must be a list")
            };
            self.problems.push(Problem::new(code, span, message));
            return;
        };
        let rules: Vec<CreationRule> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Item(item) => Some(self.read_rule(tree, *item)),
                _ => None,
            })
            .collect();
        if rules.is_empty() {
            let message = "`creation_rules` has no rule: sops refuses to encrypt any file";
            self.problems
                .push(Problem::new(Code::ConfigNoRules, span, message));
        }
        check::order(&rules, &mut self.problems);
        if tree.is_spent() {
            let message = "too many rules, aliases or recipients to be judged";
            self.problems
                .push(Problem::new(Code::FileTooComplex, span, message));
        }
        self.rules = Some(rules);
    }

    fn read_aliases(&mut self, tree: &Tree<'_>) {
        for (id, name) in &tree.anchors {
            if let Some(text) = tree.string(*id) {
                for recipient in keys::any(text) {
                    self.aliases
                        .entry(recipient.key())
                        .or_insert_with(|| name.clone());
                }
            }
        }
    }

    fn read_rule(&mut self, tree: &Tree<'_>, id: NodeId) -> CreationRule {
        let span = tree.node(id).map_or_else(Span::default, |node| node.span);
        let rule = keys::Mapping::new(tree, id);
        check::rule(tree, &rule, &mut self.problems);
        let text = |name: &str| -> Option<(String, Span)> {
            let value = rule.get(name)?;
            let node = tree.node(value)?;
            tree.scalar(value)
                .map(|scalar| (scalar.text.to_string(), node.span))
        };
        let path_regex = text("path_regex")
            .filter(|(pattern, _)| !pattern.is_empty())
            .map(|(pattern, span)| {
                // A thousand rules are more than any file has; a pattern may take half a megabyte.
                let is_affordable = tree.spend(REGEX_WORK);
                let regex = if is_affordable {
                    GoRegex::new(&pattern)
                } else {
                    Err(GoRegexError::TooLarge)
                };
                PathRegex {
                    pattern,
                    span,
                    regex,
                }
            });
        let groups = keys::groups(tree, &rule, &mut self.problems);
        let rules = EncryptionRule::NAMES.iter().filter_map(|name| {
            let (value, span) = text(name).filter(|(value, _)| !value.is_empty())?;
            Some((EncryptionRule::from_name(name, &value)?, span))
        });
        let rules: Vec<(EncryptionRule, Span)> = rules.collect();
        check::encryption(&rules, &mut self.problems);
        let threshold = text("shamir_threshold").and_then(|(text, _)| text.parse().ok());
        let rule = CreationRule {
            span: Span::new(span.start, span.end.max(span.start)),
            path_regex,
            groups,
            threshold,
            encryption: rules.into_iter().next().map(|(rule, _)| rule),
            mac_only_encrypted: text("mac_only_encrypted").is_some_and(|(text, _)| text == "true"),
        };
        check::recipients(&rule, &mut self.problems);
        rule
    }
}
