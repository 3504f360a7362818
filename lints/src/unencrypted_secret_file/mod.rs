//! `unencrypted-secret-file`: a file that should be encrypted holds secrets in clear.

use inventory::secret_files::{Code, KeyFacts, Problem};
use inventory::{Encryption, FileState, Manager, PlainFile, SecretFile, Span};

use crate::context::place_in;
use crate::phrases::count;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "unencrypted-secret-file",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file that should be encrypted holds secrets in clear",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    for file in &cx.inventory.files {
        let uses = uses(cx, file);
        if uses.is_empty() {
            continue;
        }
        out.extend(message(file).map(|message| diagnostic(cx, file, message, &uses)));
    }
    for file in &cx.inventory.repository.unnamed_files {
        let found = message(file).map(|message| diagnostic(cx, file, message, &[]));
        out.extend(found.map(|found| found.severity(Severity::Warning).note(UNNAMED)));
    }
    out.extend({ cx.inventory.repository.plain_files.iter() }.map(|file| in_clear(cx, file)));
}

/// What becomes of a file that no secret names.
const UNNAMED: &str = "no secret of a configuration names it, but a flake copies all that Git tracks to the world-readable Nix store, \
                       and the text stays in the Git history";

/// A file in clear that a rule says is encrypted.
fn in_clear(cx: &ProjectContext<'_>, file: &PlainFile) -> Diagnostic {
    let (name, rule) = (&file.path.display, &file.rule.display);
    let message = format!("{name} is not encrypted, and {rule} has a rule for it");
    Diagnostic::new(&LINT, name, message)
        .severity(Severity::Warning)
        .primary(file.id.map(|id| first_line(cx, id)), "not encrypted")
        .note(UNNAMED)
        .advice(
            "encrypt it, and replace its secrets: they are in the Git history if they were ever committed; if nothing in it \
             is secret, give the rule a `path_regex` that leaves it out",
        )
}

/// What is wrong with the file, if anything is.
fn message(file: &SecretFile) -> Option<String> {
    let name = &file.path.display;
    match file.state {
        FileState::Plaintext => Some(format!("{name} is not encrypted")),
        FileState::NothingEncrypted | FileState::MetadataOnly => Some(format!(
            "{name} went through sops, but not one of its values is encrypted"
        )),
        FileState::Partial => Some(match exposed(file).count() {
            0 => format!("{name} is only partly encrypted"),
            clear => format!(
                "{name} is only partly encrypted: {} in clear",
                count(clear, "value")
            ),
        }),
        FileState::Empty => Some(format!(
            "{name} is empty: nothing was ever encrypted into it"
        )),
        // A damaged file still shows what was never encrypted in it.
        FileState::Broken => match left_in_clear(file).count() {
            0 => None,
            clear => Some(format!(
                "{name} has {} in clear, besides being damaged",
                count(clear, "value")
            )),
        },
        FileState::Encrypted
        | FileState::OtherEncrypted
        | FileState::Missing
        | FileState::Unreadable => None,
    }
}

/// The places where something secret is readable.
fn exposed(file: &SecretFile) -> impl Iterator<Item = &Problem> {
    let problems = file.facts.iter().flat_map(|facts| &facts.problems);
    let is_content = |problem: &&Problem| {
        matches!(
            problem.code,
            Code::PlaintextValue
                | Code::TextAfterValue
                | Code::NothingEncrypted
                | Code::MetadataOnly
                | Code::PlaintextFile
                | Code::UnencryptedPrivateKey
                | Code::AgeIdentity
                | Code::NixSigningKey
        )
    };
    problems.filter(is_content)
}

/// The values that the file's own rule would have encrypted.
fn left_in_clear(file: &SecretFile) -> impl Iterator<Item = &Problem> {
    exposed(file).filter(|problem| problem.code == Code::PlaintextValue)
}

/// The keys of a file that is not encrypted at all.
fn clear_keys(file: &SecretFile) -> impl Iterator<Item = &KeyFacts> {
    let is_all_clear = matches!(
        file.state,
        FileState::Plaintext | FileState::MetadataOnly | FileState::NothingEncrypted
    );
    let facts = file.facts.iter().filter(move |_| is_all_clear);
    facts
        .flat_map(|facts| facts.keys.leaves().map(|(_, key)| key))
        .filter(|key| !key.value.is_empty())
}

/// Where the configuration names a file: place, manager, attribute and host.
type Use<'a> = (Option<Span>, &'static Manager, &'a str, &'a str);

/// Where the configuration names the file, sorted.
fn uses<'a>(cx: &ProjectContext<'a>, file: &SecretFile) -> Vec<Use<'a>> {
    let mut uses: Vec<_> = file
        .used_by
        .iter()
        .filter_map(|(host, secret)| {
            let host = cx.inventory.hosts.get(*host)?;
            let secret = host.secrets.get(*secret)?;
            let at = secret
                .file
                .at
                .or_else(|| secret.declared_at.first().copied());
            Some((
                at,
                secret.manager,
                secret.attribute.as_str(),
                host.attribute.as_str(),
            ))
        })
        .collect();
    uses.sort_unstable_by_key(|(at, manager, secret, host)| (*at, manager.name, *secret, *host));
    uses
}

fn diagnostic(
    cx: &ProjectContext<'_>,
    file: &SecretFile,
    message: String,
    uses: &[Use<'_>],
) -> Diagnostic {
    const SHOWN: usize = 4;
    let mut found = Diagnostic::new(&LINT, &file.path.display, message);
    found.hosts = uses
        .iter()
        .map(|(_, _, _, host)| (*host).to_owned())
        .collect();
    for key in clear_keys(file).take(SHOWN) {
        let at = place_in(file, key.key_span);
        found = match found.primary {
            None => found.primary(at, "in clear"),
            Some(_) => found.secondary(at, "in clear"),
        };
    }
    let has_keys = found.primary.is_some();
    for problem in exposed(file).take(SHOWN).filter(|_| !has_keys) {
        let at = file.id.and_then(|id| within(cx, id, file, problem));
        found = match found.primary {
            None => found.primary(at, problem.message.clone()),
            Some(_) => found.secondary(at, problem.message.clone()),
        };
    }
    if found.primary.is_none() && file.state != FileState::Empty {
        let at = file.id.map(|id| first_line(cx, id));
        found = found.primary(at, "not encrypted");
    }
    let mut places: Vec<Span> = uses.iter().filter_map(|(at, _, _, _)| *at).collect();
    places.dedup();
    for at in places.iter().take(SHOWN) {
        let of = uses.iter().filter(|(place, _, _, _)| place == &Some(*at));
        let mut names: Vec<&str> = of.map(|(_, _, attribute, _)| *attribute).collect();
        names.dedup();
        let text = match names.as_slice() {
            [one] => format!("`{one}` is taken from it here"),
            many => format!("{} are taken from it here", count(many.len(), "secret")),
        };
        found = match found.primary {
            None => found.primary(Some(*at), text),
            Some(_) => found.secondary(Some(*at), text),
        };
    }
    let manager = uses.first().map(|(_, manager, _, _)| *manager);
    match manager {
        Some(manager) => help(found.note(note(file, manager)), file, manager),
        None => found,
    }
}

/// The place of a problem; the first line where it concerns the whole file.
fn within(
    cx: &ProjectContext<'_>,
    id: inventory::FileId,
    file: &SecretFile,
    problem: &Problem,
) -> Option<Span> {
    if problem.span.start == problem.span.end {
        Some(first_line(cx, id))
    } else {
        place_in(file, problem.span)
    }
}

fn first_line(cx: &ProjectContext<'_>, id: inventory::FileId) -> Span {
    let source = cx.sources.get(id);
    let line = source
        .as_ref()
        .and_then(|source| source.text().lines().next().map(str::len));
    Span {
        file: id,
        start: 0,
        end: u32::try_from(line.unwrap_or(0)).unwrap_or(0),
    }
}

fn note(file: &SecretFile, manager: &Manager) -> String {
    match (file.state, manager.files.encryption) {
        (FileState::Empty, Encryption::Age) => "at run time age says \"Header is invalid\", and the secret is missing".to_owned(),
        (FileState::Empty, _) => "at run time sops finds no metadata in it, and no secret is installed".to_owned(),
        (FileState::Plaintext, Encryption::Age) => {
            "the file is copied to the world-readable Nix store as it is, then age refuses it at run time".to_owned()
        }
        (FileState::Plaintext, _) => {
            "the build does not notice: the file is copied to the world-readable Nix store as it is, and \
             activation fails with \"sops metadata not found\""
                .to_owned()
        }
        _ => "the values in clear are copied to the world-readable Nix store, and stay in the Git history".to_owned(),
    }
}

fn help(found: Diagnostic, file: &SecretFile, manager: &Manager) -> Diagnostic {
    let (name, edit) = (&file.path.display, manager.files.edit);
    match (file.state, manager.files.encryption) {
        (FileState::Empty, Encryption::Age) => found.help("write the secret", format!("rm {name} && {edit} {name}")),
        (FileState::Empty, _) => found.help("write the secrets", format!("rm {name} && {edit} {name}")),
        (_, Encryption::Age) => found.help(
            "encrypt it, and replace the secret: it is in the Git history if it was ever committed",
            format!("age -e -R recipients.txt -o {name}.new {name} && mv {name}.new {name}"),
        ),
        (FileState::Plaintext, _) => found.help(
            "encrypt it, and replace its secrets: they are in the Git history if they were ever committed",
            format!("sops encrypt --in-place {name}"),
        ),
        (FileState::Broken, _) => found.advice(
            "replace the secrets that stand there in clear, and write the file anew: as it is, sops cannot decrypt it",
        ),
        _ => found.help(
            "correct the creation rule in .sops.yaml (`encrypted_regex`, `unencrypted_suffix`, …), encrypt \
             the file again, and replace the values that were in clear",
            format!("sops decrypt --in-place {name} && sops encrypt --in-place {name}"),
        ),
    }
}
