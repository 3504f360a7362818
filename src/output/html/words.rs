//! Text of the page: inert, and with credentials covered.

use maud::{Markup, html};

use super::Page;
use crate::display::{escape, escape_lines};

impl Page<'_> {
    /// One line of text from the repository.
    pub(super) fn text(&self, text: &str) -> String {
        self.known.cover(&escape(text)).into_owned()
    }

    /// Lines of code.
    pub(super) fn lines(&self, text: &str) -> String {
        self.known.cover(&escape_lines(text)).into_owned()
    }

    /// One line of text with its `code` shown as such.
    pub(super) fn prose(&self, text: &str) -> Markup {
        with_code(&self.text(text))
    }
}

/// Inert text with its `code` shown as such; a backtick without a partner is only a backtick.
fn with_code(text: &str) -> Markup {
    let mut parts = text.split('`').enumerate().peekable();
    html! {
        @while let Some((index, part)) = parts.next() {
            @if index % 2 == 0 { (part) }
            @else if parts.peek().is_some() { code { (part) } }
            @else { "`" (part) }
        }
    }
}

/// `1 error`, `2 errors`
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::with_code;

    #[test]
    fn code_is_marked_and_markup_is_not() {
        assert_eq!(
            with_code("`a<b>` and `c` and `d").into_string(),
            "<code>a&lt;b&gt;</code> and <code>c</code> and `d"
        );
    }
}
