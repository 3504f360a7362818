//! `sops-value-not-a-string`: a secret takes a number, a boolean, a set or a list.

use inventory::secret_files::{KeyFacts, Lookup, SopsType, Value, ValueClass};
use inventory::{Secret, SecretFile};

use crate::context::place_in;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "sops-value-not-a-string",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret takes a number, a boolean, a set or a list of its sops file",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        if let Some((key, file, Lookup::NotAString(entry))) = cx.lookup(secret)
            && !entry.value.is_empty()
        {
            out.push(diagnostic(secret, key, file, entry, kind(entry.value)));
        }
    }
}

/// What the value is instead of a string.
const fn kind(value: Value) -> &'static str {
    match value {
        Value::Mapping => "a set of keys",
        Value::Sequence => "a list",
        Value::Encrypted {
            sops_type: SopsType::Integer | SopsType::Float,
            ..
        }
        | Value::Plain {
            class: ValueClass::Integer | ValueClass::Float,
            ..
        } => "a number",
        Value::Encrypted {
            sops_type: SopsType::Bool,
            ..
        }
        | Value::Plain {
            class: ValueClass::Bool,
            ..
        } => "a boolean",
        Value::Encrypted {
            sops_type: SopsType::Time,
            ..
        } => "a time",
        _ => "no text",
    }
}

fn diagnostic(
    secret: &Secret,
    key: &str,
    file: &SecretFile,
    entry: &KeyFacts,
    kind: &str,
) -> Diagnostic {
    let name = &file.path.display;
    let message = format!(
        "`{}` takes {key} of {name}, which is {kind}, not a string",
        secret.attribute
    );
    let in_file = place_in(file, entry.key_span);
    let declared = secret
        .key
        .at
        .or_else(|| secret.declared_at.first().copied());
    let found = Diagnostic::new(&LINT, &secret.option, message);
    let found = match in_file {
        Some(_) => found
            .primary(in_file, format!("{kind}: only strings can be installed"))
            .secondary(declared, "taken here"),
        None => found.primary(
            declared,
            format!("{kind} in the file: only strings can be installed"),
        ),
    };
    let found =
        found.note("the build does not notice; activation fails, and no secret is installed");
    match entry.value {
        Value::Mapping | Value::Sequence => found.advice(
            "take one value of it, `key = \"outer/inner\";`, or the whole file, `key = \"\";`",
        ),
        _ => found.help("put quotes around the value", format!("sops edit {name}")),
    }
}
