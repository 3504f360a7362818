//! XML documents: quick-xml writes and escapes, this begins and ends them.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

/// A writer that has written the declaration.
pub(super) fn document(out: &mut dyn Write) -> io::Result<Writer<&mut dyn Write>> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
    writer.write_event(Event::Decl(declaration))?;
    Ok(writer)
}

/// Ends the last line.
pub(super) fn end(writer: Writer<&mut dyn Write>) -> io::Result<()> {
    writeln!(writer.into_inner())
}

/// Text without the characters that XML has no way to write; control characters are not expected here:
/// [`crate::display`] has spelled them out.
pub(super) fn text(text: &str) -> String {
    let is_missing = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    text.replace(is_missing, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_what_xml_cannot_hold_is_inert() {
        let mut out = Vec::new();
        let mut writer = document(&mut out).unwrap();
        let hostile = text("</a b='c' d=\"&\">\u{1}\u{ffff}");
        { writer.create_element("a") }
            .with_attribute(("b", hostile.as_str()))
            .write_empty()
            .unwrap();
        end(writer).unwrap();
        let text = String::from_utf8(out).unwrap();
        let value = "&lt;/a b=&apos;c&apos; d=&quot;&amp;&quot;&gt;\u{fffd}\u{fffd}";
        assert!(text.ends_with(&format!("<a b=\"{value}\"/>\n")), "{text}");
    }
}
