//! Option paths with placeholders: `services.restic.backups.<name>.passwordFile`.

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// An attribute of that name.
    Name(String),
    /// `<name>`: any attribute; what it was is remembered.
    Any,
    /// `*`: any element of a list, or any attribute.
    Element,
    /// `*File`, `LLDAP_*_FILE`: a name that begins and ends so.
    Partly(String, String),
    /// `**`: any attributes, or none.
    Deep,
}

/// An option path with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    /// The text before the path inside the value: `$__file{`.
    form: Option<String>,
}

/// Whether the name of an option may have a character.
const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\'')
}

/// How the walk names the elements of lists.
pub(crate) const ELEMENT: &str = "*";

impl Pattern {
    /// Parses a pattern; `None` if a part is empty.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut form = None;
        for part in text.split('.') {
            if let Some(before) = part.strip_suffix("{}") {
                form = Some(format!("{before}{{"));
                continue;
            }
            parts.push(match part {
                "" => return None,
                "*" => Part::Element,
                "**" => Part::Deep,
                _ if part.starts_with('<') && part.ends_with('>') => Part::Any,
                _ => match part.split_once('*') {
                    Some((before, after)) => Part::Partly(before.to_owned(), after.to_owned()),
                    None => Part::Name(part.to_owned()),
                },
            });
        }
        Some(Self { parts, form })
    }

    /// The pattern of one option, as a user writes it; `*` for a name that a pattern cannot have.
    pub(crate) fn of(option: &[String]) -> String {
        let elements = option.iter().rev().take_while(|name| *name == ELEMENT);
        let names = option.len() - elements.count();
        let names = option.iter().take(names).map(|name| {
            let is_plain = !name.is_empty() && name.chars().all(is_name);
            if is_plain { name } else { ELEMENT }
        });
        names.collect::<Vec<_>>().join(".")
    }

    /// Whether it could be an option: at least two parts, the first one a name, names as Nix has them.
    pub(crate) fn is_plausible(&self) -> bool {
        let names = self.parts.iter().all(|part| match part {
            Part::Name(name) => name.chars().all(is_name),
            _ => true,
        });
        names && self.parts.len() > 1 && self.first().is_some()
    }

    /// The attributes that it begins with, as far as they are names.
    pub(crate) fn leading_names(&self) -> Vec<&str> {
        let names = self.parts.iter().map_while(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// The first attribute, if it is a name.
    pub(crate) fn first(&self) -> Option<&str> {
        match self.parts.first() {
            Some(Part::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// How many attributes are remembered.
    #[cfg(test)]
    pub(crate) fn placeholders(&self) -> usize {
        self.parts.iter().filter(|part| **part == Part::Any).count()
    }

    /// The text that must be before the path in the value.
    pub(crate) fn form(&self) -> Option<&str> {
        self.form.as_deref()
    }

    /// How many of the parts are names that are written out.
    pub(crate) fn names(&self) -> usize {
        let names = self.parts.iter();
        names.filter(|part| matches!(part, Part::Name(_))).count()
    }

    /// What the placeholders stand for, if this is that option.
    pub(crate) fn matches(&self, option: &[String]) -> Option<Vec<String>> {
        let mut captured = Vec::new();
        matches(&self.parts, option, &mut captured).then_some(captured)
    }

    /// The attributes of the option, the placeholders filled in.
    pub(crate) fn fill(&self, captured: &[String]) -> Option<Vec<String>> {
        let mut captured = captured.iter();
        let parts = self.parts.iter().map(|part| match part {
            Part::Name(name) => Some(name.clone()),
            Part::Any => captured.next().cloned(),
            _ => None,
        });
        parts.collect()
    }
}

/// A unit's name, the placeholders filled in.
pub(crate) fn fill_name(unit: &str, captured: &[String]) -> String {
    let mut name = String::new();
    let mut captured = captured.iter();
    let mut rest = unit;
    while let Some((before, after)) = rest.split_once('<') {
        name.push_str(before);
        name.push_str(captured.next().map_or("?", String::as_str));
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    name.push_str(rest);
    name
}

fn matches(parts: &[Part], option: &[String], captured: &mut Vec<String>) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        // A list where the option takes one value or a list.
        return option.iter().all(|name| name == ELEMENT);
    };
    if *part == Part::Deep {
        let before = captured.len();
        return (0..=option.len()).any(|skipped| {
            captured.truncate(before);
            let rest = option.get(skipped..).unwrap_or_default();
            matches(parts, rest, captured)
        }) || parts.is_empty();
    }
    let Some((name, rest)) = option.split_first() else {
        return false;
    };
    let is_same = match part {
        Part::Name(wanted) => wanted == name,
        Part::Any => {
            captured.push(name.clone());
            true
        }
        Part::Element | Part::Deep => true,
        Part::Partly(before, after) => {
            name.len() >= before.len() + after.len()
                && name.starts_with(before.as_str())
                && name.ends_with(after.as_str())
        }
    };
    is_same && matches(parts, rest, captured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, option: &str) -> Option<Vec<String>> {
        let option: Vec<String> = option.split('.').map(str::to_owned).collect();
        Pattern::parse(pattern).and_then(|pattern| pattern.matches(&option))
    }

    #[test]
    fn placeholders_match_and_are_remembered() {
        assert_eq!(captured("a.<name>.c", "a.b.c"), Some(vec!["b".to_owned()]));
        assert_eq!(captured("a.<name>.c", "a.b.d"), None);
        assert_eq!(captured("a.*.c", "a.*.c"), Some(Vec::new()));
        assert_eq!(captured("a.*_FILE", "a.KEY_FILE"), Some(Vec::new()));
        assert_eq!(captured("a.*_FILE", "a.FILE"), None);
        assert_eq!(captured("a.b", "a.b.c"), None);
    }

    #[test]
    fn two_stars_match_any_depth() {
        assert_eq!(captured("a.**._secret", "a._secret"), Some(Vec::new()));
        assert_eq!(
            captured("a.**._secret", "a.x.*.y._secret"),
            Some(Vec::new())
        );
        assert_eq!(captured("a.**._secret", "a.x.y"), None);
        assert_eq!(captured("a.**", "a.x.y"), Some(Vec::new()));
    }

    #[test]
    fn an_option_that_takes_a_list_matches_its_elements() {
        assert_eq!(
            captured("a.environmentFiles", "a.environmentFiles.*"),
            Some(Vec::new())
        );
    }

    #[test]
    fn units_are_filled_in() {
        assert_eq!(
            fill_name("restic-backups-<name>", &["home".to_owned()]),
            "restic-backups-home"
        );
        assert_eq!(fill_name("grafana", &[]), "grafana");
    }

    #[test]
    fn a_form_is_what_stands_before_the_path() {
        let pattern = Pattern::parse("services.grafana.settings.**.$__file{}").expect("a pattern");
        assert_eq!(pattern.form(), Some("$__file{"));
    }
}
