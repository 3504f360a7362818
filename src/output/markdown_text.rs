//! Text that is nothing but text in Markdown, as GitHub and GitLab read it.

use crate::display::escape;

/// Text in a cell of a table: no markup, and neither `https://…` nor `www.…` becomes a link by itself.
pub(super) fn markdown_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in escape(text).chars() {
        let is_of_link = match character {
            '.' => ends_with(&plain, "www"),
            // GitHub takes the schemes of `http:`, `ftp:`, `mailto:` and `xmpp:` for links.
            ':' => { ["http", "https", "ftp", "mailto", "xmpp"].iter() }
                .any(|scheme| ends_with(&plain, scheme)),
            _ => false,
        };
        let is_markup = character.is_ascii_punctuation() && !"-/.,:;()'".contains(character);
        if is_markup || is_of_link {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}

/// Whether a text ends so, in any case.
fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    let found = start.and_then(|start| text.get(start..));
    found.is_some_and(|found| found.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::markdown_text;

    #[test]
    fn text_is_no_markup() {
        for (text, shown) in [
            ("a|b `c` <i> [x](y)", "a\\|b \\`c\\` \\<i\\> \\[x\\](y)"),
            ("hosts/desk.nix:12", "hosts/desk.nix:12"),
            (
                "a & b_c *d* #1 !x ~y~",
                "a \\& b\\_c \\*d\\* \\#1 \\!x \\~y\\~",
            ),
        ] {
            assert_eq!(markdown_text(text), shown);
        }
    }

    #[test]
    fn text_is_no_link() {
        for (text, shown) in [
            ("https://a.example/b", "https\\://a.example/b"),
            ("see HTTP://a", "see HTTP\\://a"),
            ("www.a.example", "www\\.a.example"),
            ("mailto:a@b.example", "mailto\\:a\\@b.example"),
        ] {
            assert_eq!(markdown_text(text), shown);
        }
    }
}
