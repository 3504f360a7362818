//! Specifiers in a unit's settings: `%i` (systemd.unit(5)).

/// A setting with the specifiers that the unit's name decides put in: `%i` of `mail@alice` is `alice`. `None` if
/// it has one that is known when the unit starts, or on the machine, alone.
pub(super) fn specified(setting: &str, unit: &str) -> Option<String> {
    let (prefix, instance) = match unit.split_once('@') {
        Some((prefix, instance)) => (prefix, Some(instance).filter(|it| !it.is_empty())),
        None => (unit, None),
    };
    let mut parts = setting.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        let mut rest = part.chars();
        match rest.next() {
            // `%%`: what is between the two is empty.
            None => {
                text.push('%');
                text.push_str(parts.next()?);
                continue;
            }
            Some('i') => text.push_str(instance?),
            // Unescaped, and the same where nothing is escaped.
            Some('I') => text.push_str(instance.filter(|it| !it.contains(['-', '\\']))?),
            Some('p') => text.push_str(prefix),
            Some('P') if !prefix.contains(['-', '\\']) => text.push_str(prefix),
            Some(_) => return None,
        }
        text.push_str(rest.as_str());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::specified;

    #[test]
    fn the_name_of_a_unit_decides_some_specifiers() {
        let of = |setting, unit| specified(setting, unit);
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(of("alice", "a"), is("alice"));
        assert_eq!(of("%i", "mail@alice"), is("alice"));
        assert_eq!(of("x-%I-%p", "mail@alice"), is("x-alice-mail"));
        assert_eq!(of("100%%", "a"), is("100%"));
        assert_eq!(of("%%i", "a@b"), is("%i"));
        for (setting, unit) in [
            ("%i", "mail@"),
            ("%i", "mail"),
            ("%I", "a@b-c"),
            ("%u", "a@b"),
            ("%", "a"),
        ] {
            assert_eq!(of(setting, unit), None, "{setting} of {unit}");
        }
    }
}
