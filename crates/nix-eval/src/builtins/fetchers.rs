//! Fetchers and flakes: what they give is not on disk.

use std::rc::Rc;
use std::sync::Arc;

use flake_lock::{NarHash, Pin, SOURCE_NAME};

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Eval, External, ExternalKind, Origin, Thunk, Value, well_known};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("fetchClosure", 1, |e, a| {
        fetch(e, a, "builtins.fetchClosure")
    }),
    Builtin::new("fetchGit", 1, |e, a| fetch(e, a, "builtins.fetchGit")),
    Builtin::new("fetchMercurial", 1, |e, a| {
        fetch(e, a, "builtins.fetchMercurial")
    }),
    Builtin::new("fetchTarball", 1, |e, a| {
        fetch(e, a, "builtins.fetchTarball")
    }),
    Builtin::new("fetchTree", 1, |e, a| fetch(e, a, "builtins.fetchTree")),
    Builtin::new("fetchurl", 1, |e, a| fetch(e, a, "builtins.fetchurl")),
    Builtin::new("flakeRefToString", 1, |e, a| {
        fetch(e, a, "builtins.flakeRefToString")
    }),
    Builtin::new("getFlake", 1, |e, a| fetch(e, a, "builtins.getFlake")),
    Builtin::new("parseFlakeRef", 1, |e, a| {
        fetch(e, a, "builtins.parseFlakeRef")
    }),
];

/// What a flake would call a repository that is given by its parts; `None` of anything else.
fn repository(evaluator: &mut Evaluator, set: AttrsId) -> Option<Rc<str>> {
    let mut text = |name: &str| {
        let name = evaluator.symbol(name);
        let entry = evaluator.arena.attribute(set, name)?;
        evaluator.force_text(entry.value).ok()
    };
    let (scheme, owner, name) = (text("type")?, text("owner")?, text("repo")?);
    matches!(&*scheme, "github" | "gitlab" | "sourcehut")
        .then(|| Rc::from(format!("{scheme}:{owner}/{name}")))
}

/// The external of a call: with the URL where it is known, else with the argument.
fn fetch(evaluator: &mut Evaluator, args: &[Thunk], name: &str) -> Eval<Value> {
    let [argument] = arguments(args);
    let value = match evaluator.force(argument) {
        Ok(value) => Some(value),
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(_) => None,
    };
    let url = match value {
        Some(value @ Value::String(_)) => evaluator.expect_text(value).ok(),
        Some(Value::Attrs(set)) => match evaluator.arena.attribute(set, well_known::URL) {
            Some(entry) => match evaluator.force_text(entry.value) {
                Ok(url) => Some(url),
                Err(why) if evaluator.is_error(why) => return Err(why),
                Err(_) => None,
            },
            None => repository(evaluator, set),
        },
        Some(Value::Path(_) | Value::External(_)) | None => None,
        Some(other) => return Err(evaluator.type_error(other, "a set or a string")),
    };
    if let Some(Value::Attrs(set)) = value
        && let Some(pin) = pin(evaluator, set, url.as_deref(), name)
        && let Some(tree) = evaluator.pinned(&pin)
    {
        return Ok(match name {
            "builtins.fetchTarball" => tree,
            _ => {
                let path = evaluator.arena.ready(tree);
                let hash = evaluator.string_thunk(&pin.hash.to_string());
                let source = evaluator.set_of(&[("outPath", path), ("narHash", hash)]);
                Value::Attrs(source)
            }
        });
    }
    let is_of_references = matches!(name, "builtins.flakeRefToString" | "builtins.parseFlakeRef");
    let kind = if is_of_references {
        ExternalKind::Other
    } else {
        let known = url.as_deref().and_then(|url| evaluator.project_at(url));
        ExternalKind::Input {
            origin: Origin::Fetched,
            url,
            known,
        }
    };
    let root = evaluator.external_root(name, kind);
    let Value::External(function) = root else {
        return Ok(root);
    };
    // What a project that is known gives hangs on its URL alone.
    if matches!(
        evaluator.arena.external_data(function),
        External::Root {
            kind: ExternalKind::Input { known: Some(_), .. },
            ..
        }
    ) {
        return Ok(root);
    }
    Ok(Value::External(
        evaluator
            .arena
            .external(External::Apply { function, argument }),
    ))
}

/// The source that a call pins by the hash of its tree; `None` if it pins none, or another thing than a
/// tree.
fn pin(evaluator: &mut Evaluator, set: AttrsId, url: Option<&str>, name: &str) -> Option<Pin> {
    let of_hash = match name {
        "builtins.fetchTarball" => "sha256",
        "builtins.fetchTree" | "builtins.fetchGit" => "narHash",
        _ => return None,
    };
    let mut text = |name: &str| {
        let value = evaluator.argument(set, name).ok()??;
        evaluator.expect_text(value).ok()
    };
    let hash = NarHash::parse(&text(of_hash)?)?;
    let in_store = text("name");
    Some(Pin {
        name: Arc::from(in_store.as_deref().unwrap_or(SOURCE_NAME)),
        url: url.map(Arc::from),
        hash,
    })
}
