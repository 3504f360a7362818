//! `builtins.readFile config.sops.secrets.x.path` and the like: the evaluator itself opens the file
//! of a secret, so that its content ends up in the Nix store.
//!
//! Evaluation never gets that far without the file, so these are found in the files that were
//! parsed, by their form.

use nix_eval::Workspace;
use nix_source::ParsedFile;
use nix_syntax::hir::{AttrName, Expr, ExprId, File, Part, Run, SelectionId};
use nix_syntax::source::Span;

use crate::managers::MANAGERS;
use crate::search::managed_paths::SYSTEM;
use inventory::model::{
    ContentUse, Fact, Host, Inventory, Moment, Readable, Reader, ReaderOrigin, Secret, Unknown,
    Verdict, Via, sort_readers,
};

/// Functions that read a file while Nix evaluates.
const READING: [&str; 7] = [
    "readFile",
    "fileContents",
    "importJSON",
    "importTOML",
    "import",
    "scopedImport",
    "readFileType",
];

/// What such a call opens.
enum Opened {
    /// `config.sops.secrets.x.path`: the option and the attribute.
    Secret(&'static str, String),
    /// A path that is written out.
    Path(String),
}

/// One call.
struct Call {
    at: Span,
    function: &'static str,
    opened: Opened,
}

/// Adds these readers to the hosts that declare the secrets.
pub(crate) fn evaluation(inventory: &mut Inventory, project: &Workspace) {
    let mut calls = Vec::new();
    for file in project.parsed_files() {
        if file.path.starts_with(project.project_root()) {
            find(&file, &mut calls);
        }
    }
    calls.sort_by_key(|call| call.at);
    for host in &mut inventory.hosts {
        let readers: Vec<Reader> = calls.iter().filter_map(|call| reader(host, call)).collect();
        host.readers.extend(readers);
        sort_readers(&mut host.readers);
    }
}

fn find(file: &ParsedFile, calls: &mut Vec<Call>) {
    for (expr, span) in file.hir.exprs.iter().zip(&file.hir.spans) {
        let Expr::Apply { function, argument } = expr else {
            continue;
        };
        let Some(function) = function_name(&file.hir, *function) else {
            continue;
        };
        if let Some(opened) = opened(&file.hir, *argument) {
            let at = span.in_file(file.id);
            calls.push(Call {
                at,
                function,
                opened,
            });
        }
    }
}

/// The name of a reading function: `builtins.readFile`, `lib.fileContents`, `import`.
fn function_name(file: &File, function: ExprId) -> Option<&'static str> {
    let name = match file.exprs.get(function.0 as usize)? {
        Expr::Global(name) | Expr::Dynamic { name, .. } => file.names.get(name.0 as usize)?,
        Expr::Select(selection) => *names(file, *selection)?.last()?,
        _ => return None,
    };
    READING.into_iter().find(|reading| *reading == name)
}

fn opened(file: &File, argument: ExprId) -> Option<Opened> {
    match file.exprs.get(argument.0 as usize)? {
        Expr::Select(selection) => option(&names(file, *selection)?),
        Expr::String(text) | Expr::Path(text) => path(file.strings.get(text.0 as usize)?),
        Expr::Interpolation(run) => match parts(file, *run) {
            [Part::Expr(inner)] => opened(file, *inner),
            _ => None,
        },
        _ => None,
    }
}

fn parts(file: &File, run: Run) -> &[Part] {
    file.parts.get(run.range()).unwrap_or_default()
}

/// The names of a selection, where all of them are written out.
fn names(file: &File, selection: SelectionId) -> Option<Vec<&str>> {
    let selection = file.selections.get(selection.0 as usize)?;
    let path = file.attr_names.get(selection.path.range())?;
    path.iter()
        .map(|(name, _)| match name {
            AttrName::Static(name) => file.names.get(name.0 as usize),
            AttrName::Dynamic(_) => None,
        })
        .collect()
}

/// `config.sops.secrets.x.path` by the names after `config`.
fn option(names: &[&str]) -> Option<Opened> {
    let [before @ .., attribute, "path"] = names else {
        return None;
    };
    let mut options = MANAGERS.iter().flat_map(|it| it.declaring_options());
    let option = options.find(|option| {
        let parts: Vec<&str> = option.split('.').collect();
        before.ends_with(&parts)
    })?;
    Some(Opened::Secret(option, (*attribute).to_owned()))
}

fn path(text: &str) -> Option<Opened> {
    let is_managed = SYSTEM
        .iter()
        .any(|directory| text.starts_with(directory.as_str()) && text.len() > directory.len());
    is_managed.then(|| Opened::Path(text.to_owned()))
}

fn reader(host: &Host, call: &Call) -> Option<Reader> {
    let secret = host.secrets.iter().position(|secret| match &call.opened {
        Opened::Secret(option, attribute) => is_declared_by(secret, option, attribute),
        Opened::Path(path) => secret.path.known() == Some(path),
    });
    let path = match (&call.opened, secret) {
        (Opened::Path(path), _) => Fact::default_value(path.clone()),
        (Opened::Secret(..), Some(index)) => host.secrets.get(index)?.path.clone(),
        (Opened::Secret(..), None) => return None,
    };
    let reason = "the evaluation of whoever builds the configuration".to_owned();
    let nobody = || Unknown {
        reason: reason.as_str().into(),
        at: None,
    };
    Some(Reader {
        secret,
        path,
        user: Fact::unknown(nobody()),
        groups: Fact::unknown(nobody()),
        dynamic_user: false,
        via: Via::Evaluation {
            function: call.function,
        },
        content: ContentUse::Value,
        moment: Moment::Evaluation,
        at: Some(call.at),
        verdict: Verdict {
            readable: Readable::Unknown,
            reason: "read while Nix evaluates".to_owned(),
        },
        certain: true,
        from: ReaderOrigin::Mechanism,
        needs: None,
        makes: false,
        may_be_another: false,
        container: None,
    })
}

fn is_declared_by(secret: &Secret, option: &str, attribute: &str) -> bool {
    secret.attribute == attribute && secret.declaring_option() == option
}
