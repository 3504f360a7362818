//! Edits of a secret's declaration.

use inventory::{Fact, HostClass, Reader, Scope, Secret, Span, Via};

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
    if declares_another(cx, secret, declared) {
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

/// Whether the place where a secret is declared declares another as well: `genAttrs`, a function.
pub(crate) fn declares_another(cx: &HostContext<'_>, secret: &Secret, declared: Span) -> bool {
    let mut others = cx
        .host
        .secrets
        .iter()
        .filter(|other| other.option != secret.option);
    others.any(|other| other.declared_at.contains(&declared))
}

/// A line break with the indentation of the next attribute where the set goes on there; comments and empty
/// lines have one of their own.
fn line_break(inside: &str) -> String {
    let Some((first, next)) = inside.split_once('\n') else {
        return String::new();
    };
    let is_code = |line: &&str| {
        let text = line.trim_start();
        !text.is_empty() && !text.starts_with('#') && !text.starts_with("/*")
    };
    let Some(line) = next.lines().find(is_code) else {
        return String::new();
    };
    let code = line.trim_start();
    let mut indentation = line
        .get(..line.len() - code.len())
        .unwrap_or_default()
        .to_owned();
    if code.starts_with('}') {
        indentation.push_str("  ");
    }
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

/// Where the mode of a secret is written, if it is that of no other secret: who reads the others may need it.
pub(crate) fn own_mode(cx: &HostContext<'_>, secret: &Secret) -> Option<Span> {
    let at = secret.mode.at?;
    let mut others = cx
        .host
        .secrets
        .iter()
        .filter(|other| other.option != secret.option);
    (!others.any(|other| other.mode.at == Some(at))).then_some(at)
}

/// Sets `name = value;` beside the attribute at a place: `servers.github.env.X = "1";` gets
/// `servers.github.enabled = true;` before it, `servers.github = { … };` gets `enabled = true;` inside.
pub(crate) fn set_beside(cx: &HostContext<'_>, at: Span, name: &str, value: &str) -> Option<Edit> {
    let source = cx.sources.get(at.file)?;
    let text: &str = source.text();
    let rest = text.get(at.end as usize..)?;
    if rest.starts_with('.') {
        let (start, path, indentation) = statement(text, at)?;
        let attribute = text.get(at.start as usize..at.end as usize)?;
        let added = format!("{path}{attribute}.{name} = {value};\n{indentation}");
        return Some(insert(at, start, added));
    }
    let inside = rest
        .trim_start()
        .strip_prefix('=')?
        .trim_start()
        .strip_prefix('{')?;
    let start = u32::try_from(text.len() - inside.len()).ok()?;
    Some(insert(
        at,
        start,
        format!("{} {name} = {value};", line_break(inside)),
    ))
}

/// Puts a statement before the one that declares a secret, which has to begin with these attributes:
/// `age.secrets.`.
pub(crate) fn set_before(
    cx: &HostContext<'_>,
    at: Span,
    attributes: &str,
    added: &str,
) -> Option<Edit> {
    let source = cx.sources.get(at.file)?;
    let (start, path, indentation) = statement(source.text(), at)?;
    (path == attributes).then(|| insert(at, start, format!("{added}\n{indentation}")))
}

fn insert(at: Span, start: u32, replacement: String) -> Edit {
    let span = Span {
        start,
        end: start,
        ..at
    };
    Edit { span, replacement }
}

/// Where the statement begins whose attribute path an attribute is a part of, what of the path stands
/// before it, and the indentation. Nothing where something else stands before it in its line.
fn statement(text: &str, at: Span) -> Option<(u32, &str, &str)> {
    let before = text.get(..at.start as usize)?;
    let line = before.rsplit('\n').next()?;
    let path = line.trim_start();
    let is_path =
        |character: char| character.is_ascii_alphanumeric() || "._-'\"".contains(character);
    if !path.chars().all(is_path) || !(path.is_empty() || path.ends_with('.')) {
        return None;
    }
    let indentation = line.get(..line.len() - path.len())?;
    Some((
        at.start - u32::try_from(path.len()).ok()?,
        path,
        indentation,
    ))
}

/// The path of a secret's declaration, as it is named where a reader is: `config.sops.secrets.x.path`.
/// `None` if the function there has no argument to take it from, or it is not known whose `config` that is.
pub(crate) fn path_expression(
    cx: &HostContext<'_>,
    reader: &Reader,
    secret: &Secret,
) -> Option<String> {
    let at = reader.at?;
    let source = cx.sources.get(at.file)?;
    let before = source.text().get(..at.start as usize)?;
    let (arguments, rest) = before.split_once("}:")?;
    let words =
        arguments.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let has = |name: &str| words.clone().any(|word| word == name);
    let is_of_a_home = is_of_a_home(cx, reader);
    // In Home Manager's modules `config` is another one; in a module of the system, around them, it is not.
    let sets = [".users", ".sharedModules", ".extraSpecialArgs", " = {"];
    let mut parts = rest.split("home-manager").skip(1);
    let sets_options = parts.any(|after| sets.iter().any(|set| after.starts_with(set)));
    let is_inside = sets_options && !rest.contains("}:");
    let argument = if matches!(secret.scope, Scope::User(_)) && (!is_of_a_home || is_inside) {
        return None;
    } else if secret.scope == Scope::System && is_of_a_home {
        match (has("osConfig"), is_inside && has("config")) {
            (true, _) => "osConfig",
            (false, true) => "config",
            (false, false) => return None,
        }
    } else {
        has("config").then_some("config")?
    };
    Some(format!("{argument}.{}.path", secret.option_in_scope()))
}

/// Whether the option through which somebody reads is, or may be, Home Manager's.
pub(crate) fn is_of_a_home(cx: &HostContext<'_>, reader: &Reader) -> bool {
    match &reader.via {
        Via::UserUnit { .. } | Via::Mcp { .. } => true,
        Via::Option { path, .. } => {
            cx.host.class == HostClass::HomeManager || { path.names().first() }
                .is_some_and(|name| name == "home-manager")
        }
        Via::Unit { .. } | Via::Evaluation { .. } | Via::Container { .. } => false,
    }
}

/// Takes a path that is written out from the declaration of the secret: see [`path_expression`]. Nothing
/// where it is not there exactly once.
pub(crate) fn path_of_declaration(
    cx: &HostContext<'_>,
    reader: &Reader,
    path: &str,
    secret: &Secret,
) -> Option<Edit> {
    let at = reader.at?;
    let expression = path_expression(cx, reader, secret)?;
    let text = cx.text(at)?;
    if text == format!("\"{path}\"") {
        return Some(Edit {
            span: at,
            replacement: expression,
        });
    }
    let goes_on = |rest: &str| {
        rest.starts_with(|next: char| next.is_ascii_alphanumeric() || "_-./".contains(next))
    };
    let mut places = text.match_indices(path).map(|(place, _)| place);
    let (Some(place), None) = (places.next(), places.next()) else {
        return None;
    };
    let is_whole = !goes_on(text.get(place + path.len()..)?);
    let start = at.start + u32::try_from(place).ok()?;
    let span = Span {
        start,
        end: start + u32::try_from(path.len()).ok()?,
        ..at
    };
    // A place that holds the path alone is a part of a string.
    (is_whole && (text == path || text.starts_with(['"', '\'']))).then(|| Edit {
        span,
        replacement: format!("${{{expression}}}"),
    })
}
