//! The expression that the user wrote for the path of a secret: lines to paste take it over, so that they are right
//! for every host that loads the file.

use inventory::{Secret, Span};

use crate::HostContext;

/// How much of a text after its opening quotes is searched for the path, in bytes: scripts are shorter.
const LONGEST: usize = 16 * 1024;

/// Where the path of a secret is taken, and by what expression.
pub(crate) struct Written {
    /// The expression, or the interpolation around it.
    pub(crate) at: Span,
    /// `config.sops.secrets.token.path`
    pub(crate) expression: String,
}

/// How a place spells the path of a secret: the place itself, or the only interpolation of a path in the text that
/// begins there. `None` if that is not clear.
pub(crate) fn written(cx: &HostContext<'_>, at: Option<Span>, secret: &Secret) -> Option<Written> {
    let at = at?;
    let text = cx.text(at)?;
    if let Some(expression) = as_path(&text) {
        let expression = expression.to_owned();
        return Some(Written { at, expression });
    }
    let source = cx.sources.get(at.file)?;
    let rest = source.text().get(at.start as usize..)?;
    // The place of a text is its opening quotes, or all of it.
    let searched = if text.len() > 2 {
        text.as_str()
    } else {
        body(rest)?
    };
    let found = paths_in(searched);
    let name = secret.attribute.rsplit('/').next().unwrap_or_default();
    let (start, expression) = match found.as_slice() {
        [one] => one,
        several => {
            let mut named = several.iter().filter(|(_, path)| is_of(path, name));
            let first = named.next()?;
            named.all(|(_, path)| *path == first.1).then_some(first)?
        }
    };
    let start = at.start + u32::try_from(*start).ok()?;
    let length = u32::try_from(expression.len() + "${}".len()).ok()?;
    Some(Written {
        at: Span {
            file: at.file,
            start,
            end: start + length,
        },
        expression: (*expression).to_owned(),
    })
}

/// The text of a string, with its opening quotes, up to its closing ones.
fn body(rest: &str) -> Option<&str> {
    let quotes = ["''", "\""]
        .into_iter()
        .find(|quotes| rest.starts_with(quotes))?;
    let after = rest.get(quotes.len()..)?;
    let end = { after.match_indices(quotes) }
        .map(|(end, _)| end)
        // `''$` and `'''` do not end it.
        .find(|end| {
            let next = after.get(end + quotes.len()..).unwrap_or_default();
            quotes == "\"" || !next.starts_with(['$', '\'', '\\'])
        })?;
    rest.get(..(quotes.len() + end).min(LONGEST))
}

/// The interpolations of paths, each with where it begins.
fn paths_in(text: &str) -> Vec<(usize, &str)> {
    let found = text.match_indices("${").filter_map(|(start, _)| {
        let inner = text.get(start + 2..)?.split_once('}')?.0;
        Some((start, as_path(inner)?))
    });
    found.collect()
}

/// Whether the last name before `.path` is this one: `config.sops.secrets."a/token".path` of `token`.
fn is_of(path: &str, name: &str) -> bool {
    let before = path
        .strip_suffix(".path")
        .unwrap_or(path)
        .trim_end_matches('"');
    let rest = before.strip_suffix(name);
    rest.is_some_and(|rest| rest.ends_with(['.', '"', '/']))
}

/// A text that is nothing but an expression for a path: names and the dots between them.
fn as_path(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_of_names = |c: char| c.is_ascii_alphanumeric() || "._-\"/'".contains(c);
    let is_path = text.ends_with(".path") && text.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_path && text.chars().all(is_of_names)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_of_a_path_is_found_in_a_text() {
        let text = "''\n  install ${config.a.secrets.\"x/y\".path} $out\n'' ${config.b.path}";
        assert_eq!(
            paths_in(body(text).unwrap()),
            [(13, "config.a.secrets.\"x/y\".path")]
        );
        assert_eq!(
            as_path("config.sops.secrets.a.path"),
            Some("config.sops.secrets.a.path")
        );
        assert!(
            is_of("config.a.\"x/key\".path", "key") && !is_of("config.a.\"key.pub\".path", "key")
        );
        assert_eq!(as_path("f config.x.path"), None);
        assert_eq!(as_path("/run/secrets/x.path"), None);
        assert_eq!(body("''a ''${x} b'' c"), Some("''a ''${x} b"));
    }
}
