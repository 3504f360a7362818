//! What comments for this program say: `# mcp-lint: ignore[lint-name] reason`.
//!
//! The grammar, after the comment sign: `mcp-lint:`, then `ignore` for the line or binding or
//! `ignore-file` for the file, then lint names in brackets, then why. A block comment on one line
//! says the same. There is no form for all lints.

use std::ops::Range;

use inventory::{Directive, Span};

/// What every directive begins with.
const MARK: &str = "mcp-lint:";

/// What a directive covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The line, or all of the binding that begins there.
    Binding,
    /// The file.
    File,
}

impl Scope {
    /// The word in the comment.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Binding => "ignore",
            Self::File => "ignore-file",
        }
    }
}

/// A lint that a directive names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// As it is written.
    pub(crate) name: String,
    /// Where.
    pub(crate) at: Span,
}

/// A directive that has the right form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ignore {
    /// The comment.
    pub(crate) at: Span,
    /// The places it covers; for a file, only its id counts.
    pub(crate) covers: Span,
    /// What it covers.
    pub(crate) scope: Scope,
    /// The lints.
    pub(crate) lints: Vec<Named>,
    /// Why, if it says so.
    pub(crate) reason: Option<String>,
}

impl Ignore {
    /// Whether a place is covered.
    pub(crate) fn holds(&self, at: Span) -> bool {
        let is_inside = self.covers.start <= at.start && at.start < self.covers.end;
        at.file == self.covers.file && (self.scope == Scope::File || is_inside)
    }
}

/// A comment that begins as a directive, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Malformed {
    /// The comment.
    pub(crate) at: Span,
    /// What is wrong, in a few words.
    pub(crate) why: &'static str,
    /// The scope it seems to mean.
    pub(crate) scope: Scope,
}

/// Reads a directive; nothing for a comment that only mentions this program.
pub(crate) fn read(directive: &Directive, text: &str) -> Option<Result<Ignore, Malformed>> {
    let comment = text.get(directive.at.start as usize..directive.at.end as usize)?;
    let content = content(comment);
    let rest = comment.get(content.clone())?.strip_prefix(MARK)?;
    let words = rest.trim_start();
    let at = |part: &str| Span {
        start: directive.at.start + offset(content.end - part.len()),
        ..directive.at
    };
    let malformed = |why, scope| {
        Some(Err(Malformed {
            at: directive.at,
            why,
            scope,
        }))
    };
    let end = words.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let (verb, after) = words.split_at_checked(end.unwrap_or(words.len()))?;
    let scope = match verb {
        "ignore" => Scope::Binding,
        "ignore-file" => Scope::File,
        _ => {
            return malformed(
                "mcp-lint knows `ignore` and `ignore-file` only",
                Scope::Binding,
            );
        }
    };
    let Some(list) = after.trim_start().strip_prefix('[') else {
        return malformed("it names no lint", scope);
    };
    let Some((list, reason)) = list.split_once(']') else {
        return malformed("the list of lints has no end", scope);
    };
    let mut lints = Vec::new();
    let mut from = at(list).start - offset(reason.len() + 1);
    for part in list.split(',') {
        let lead = part.len() - part.trim_start().len();
        let name = part.trim();
        let start = from + offset(lead);
        from += offset(part.len() + 1);
        if name.is_empty() {
            return malformed("it names no lint", scope);
        }
        if !is_name(name) {
            return malformed("a lint's name has small letters and dashes only", scope);
        }
        lints.push(Named {
            name: name.to_owned(),
            at: Span {
                start,
                end: start + offset(name.len()),
                ..directive.at
            },
        });
    }
    let reason = reason.trim_start_matches([':', '-', ' ', '\t']).trim();
    Some(Ok(Ignore {
        at: directive.at,
        covers: directive.covers,
        scope,
        lints,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
    }))
}

/// What stands between the signs of a comment.
fn content(comment: &str) -> Range<usize> {
    let inner = match comment.strip_prefix("/*") {
        Some(block) => block.strip_suffix("*/").unwrap_or(block),
        None => comment.trim_start_matches(['#', ';']),
    };
    let is_block = comment.starts_with("/*");
    let trimmed = inner.trim_start_matches(|c: char| c.is_whitespace() || (is_block && c == '*'));
    let start = if is_block {
        2 + inner.len() - trimmed.len()
    } else {
        comment.len() - trimmed.len()
    };
    start..start + trimmed.trim_end().len()
}

/// Whether this can be the name of a lint at all. Nothing else of a comment is ever repeated.
fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_*".contains(&byte)
        })
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use inventory::FileId;

    use super::*;

    fn of(comment: &str) -> Option<Result<Ignore, Malformed>> {
        let at = Span {
            file: FileId::in_project("a.nix"),
            start: 3,
            end: 3 + comment.len() as u32,
        };
        let directive = Directive { at, covers: at };
        read(&directive, &format!("{{ {comment}\n"))
            .or_else(|| read(&directive, &format!("{{ \n{comment}\n")))
    }

    fn ignore(comment: &str) -> Ignore {
        of(comment).unwrap().unwrap()
    }

    fn names(ignore: &Ignore) -> Vec<&str> {
        ignore
            .lints
            .iter()
            .map(|named| named.name.as_str())
            .collect()
    }

    #[test]
    fn names_scope_and_reason_are_read() {
        let one = ignore("# mcp-lint: ignore[root-owned-secret] read by root's timer");
        assert_eq!(
            (one.scope, names(&one)),
            (Scope::Binding, vec!["root-owned-secret"])
        );
        assert_eq!(one.reason.as_deref(), Some("read by root's timer"));
        let more = ignore("##mcp-lint:ignore-file[ a , b-c ]: as agreed");
        assert_eq!((more.scope, names(&more)), (Scope::File, vec!["a", "b-c"]));
        assert_eq!(more.reason.as_deref(), Some("as agreed"));
        let block = ignore("/* mcp-lint: ignore[a] why */");
        assert_eq!(
            (names(&block), block.reason.as_deref()),
            (vec!["a"], Some("why"))
        );
    }

    #[test]
    fn a_name_keeps_its_place() {
        for comment in [
            "# mcp-lint: ignore[aa, b-c] why",
            "/* mcp-lint: ignore[aa, b-c] why  */",
        ] {
            let text = format!("{{ {comment}\n");
            let start = text.find(comment).unwrap() as u32;
            let at = Span {
                file: FileId::in_project("a.nix"),
                start,
                end: start + comment.len() as u32,
            };
            let read = read(&Directive { at, covers: at }, &text).unwrap().unwrap();
            let shown: Vec<&str> = read
                .lints
                .iter()
                .map(|named| {
                    let range = named.at.start as usize..named.at.end as usize;
                    text.get(range).unwrap()
                })
                .collect();
            assert_eq!(shown, ["aa", "b-c"], "{comment}");
        }
    }

    #[test]
    fn without_a_list_of_names_it_has_not_the_right_form() {
        for comment in [
            "# mcp-lint: ignore",
            "# mcp-lint: ignore all of this",
            "# mcp-lint: ignore[] why",
            "# mcp-lint: ignore[a,] why",
            "# mcp-lint: ignore[a why",
            "# mcp-lint: ignore[\u{1b}[31m] why",
            "# mcp-lint: disable[a] why",
            "# mcp-lint: ",
        ] {
            assert!(of(comment).is_none_or(|read| read.is_err()), "{comment}");
        }
    }

    #[test]
    fn a_comment_that_mentions_the_program_is_no_directive() {
        assert_eq!(of("# see the mcp-lint: documentation"), None);
    }
}
