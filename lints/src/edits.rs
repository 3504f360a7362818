//! Edits of a secret's declaration.

use inventory::{Fact, Secret, Span};

use crate::{Edit, HostContext};

/// Adds `name = value;` to the declaration of a secret, which must not have it yet. Nothing where
/// the declaration is not written out: a call, `genAttrs`, a `let` elsewhere.
pub(crate) fn add_option(
    cx: &HostContext<'_>,
    secret: &Secret,
    name: &str,
    value: &str,
) -> Option<Edit> {
    let declared = *secret.declared_at.first()?;
    let of_another =
        |other: &Secret| other.option != secret.option && other.declared_at.contains(&declared);
    if cx.host.secrets.iter().any(of_another) {
        return None;
    }
    let source = cx.sources.get(declared.file)?;
    let text: &str = source.text();
    let rest = text.get(declared.end as usize..)?;
    match rest.trim_start().strip_prefix('=') {
        Some(value_text) => {
            let inside = value_text.trim_start().strip_prefix('{')?;
            let at = u32::try_from(text.len() - inside.len()).ok()?;
            // `{}` has no space before its brace.
            let end = if inside.starts_with('}') { " " } else { "" };
            Some(Edit {
                span: Span {
                    file: declared.file,
                    start: at,
                    end: at,
                },
                replacement: format!("{} {name} = {value};{end}", line_break(inside)),
            })
        }
        None if rest.starts_with('.') => after_binding(secret, declared, text, name, value),
        None => None,
    }
}

/// A line break with the indentation of the next line where the set goes on there.
fn line_break(inside: &str) -> String {
    let Some((first, next)) = inside.split_once('\n') else {
        return String::new();
    };
    let indentation: String = next
        .chars()
        .take_while(|character| *character == ' ')
        .collect();
    match indentation.strip_suffix(' ') {
        Some(indentation) if first.trim().is_empty() => format!("\n{indentation}"),
        _ => String::new(),
    }
}

/// `secrets.token.file = ./x;` is followed by `secrets.token.owner = "alice";`.
fn after_binding(
    secret: &Secret,
    declared: Span,
    text: &str,
    name: &str,
    value: &str,
) -> Option<Edit> {
    let bindings = [
        binding(&secret.file),
        binding(&secret.key),
        binding(&secret.mode),
        binding(&secret.path),
        binding(&secret.owner),
        binding(&secret.name),
        binding(&secret.needed_for_users),
    ];
    let holds = |binding: &Span| {
        binding.file == declared.file
            && binding.start <= declared.start
            && declared.end <= binding.end
    };
    let binding = bindings.into_iter().flatten().find(holds)?;
    let prefix = text.get(binding.start as usize..declared.end as usize)?;
    let line = text.get(..binding.start as usize)?.rsplit('\n').next()?;
    let indentation: String = line
        .chars()
        .take_while(|character| character.is_whitespace())
        .collect();
    Some(Edit {
        span: Span {
            start: binding.end,
            ..binding
        },
        replacement: format!("\n{indentation}{prefix}.{name} = {value};"),
    })
}

fn binding<T>(fact: &Fact<T>) -> Option<Span> {
    fact.binding
}

/// Replaces an expression.
pub(crate) fn replace(at: Option<Span>, replacement: impl Into<String>) -> Option<Edit> {
    at.map(|span| Edit {
        span,
        replacement: replacement.into(),
    })
}
