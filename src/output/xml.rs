//! Text for XML and HTML.

/// Text for an element or a quoted attribute. Characters that XML has no way to write are replaced;
/// control characters are not expected here: [`crate::display`] has spelled them out.
pub(super) fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            character if character.is_control() => safe.push('\u{fffd}'),
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::entities;

    #[test]
    fn markup_and_what_xml_cannot_hold_is_inert() {
        assert_eq!(
            entities("</a b='c' d=\"&\">\n\u{1}\u{ffff}"),
            "&lt;/a b=&#39;c&#39; d=&quot;&amp;&quot;&gt;&#10;\u{fffd}\u{fffd}"
        );
    }
}
