//! `lib.derivations`, and what `lib` knows of fetchers.

use super::support::{option, required};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, Slot, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "derivations",
    functions: &[Builtin::new("lazyDerivation", 1, lazy_derivation)],
    aliases: &["addDrvOutputDependencies", "unsafeDiscardOutputDependency"],
    ..Namespace::EMPTY
};

pub(super) const FETCHERS: Namespace = Namespace {
    name: "fetchers",
    constants: &[Constant {
        name: "proxyImpureEnvVars",
        make: proxy_variables,
    }],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

/// `lazyDerivation { derivation; meta; passthru; outputs; }`: a derivation that is only looked at
/// when something of it is needed.
fn lazy_derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let derivation = required(evaluator, options, "derivation")?;
    let mut builder = AttrsBuilder::new();
    let of_derivation = |evaluator: &mut Evaluator, builder: &mut AttrsBuilder, name: &str| {
        let name = evaluator.symbol(name);
        let value = evaluator.arena.thunk(Slot::Select {
            base: derivation,
            name,
        });
        builder.insert(name, value);
    };
    for name in ["outPath", "outputName", "drvPath", "name", "system", "meta"] {
        of_derivation(evaluator, &mut builder, name);
    }
    let outputs = match option(evaluator, options, "outputs")? {
        Some(outputs) => outputs,
        None => {
            let out = evaluator.string_thunk("out");
            let outputs = evaluator.list(&[out]);
            evaluator.arena.ready(outputs)
        }
    };
    for output in evaluator.force_exact_list(outputs)? {
        let output = evaluator.force_text(output)?;
        of_derivation(evaluator, &mut builder, &output);
    }
    let kind = evaluator.string_thunk("derivation");
    for (name, value) in [("type", kind), ("outputs", outputs)] {
        let name = evaluator.symbol(name);
        builder.insert(name, value);
    }
    if let Some(meta) = option(evaluator, options, "meta")? {
        let name = evaluator.symbol("meta");
        builder.insert(name, meta);
    }
    let set = Value::Attrs(evaluator.arena.attrs(builder));
    match option(evaluator, options, "passthru")? {
        Some(passthru) => {
            let passthru = evaluator.force(passthru);
            evaluator.update(Ok(set), passthru)
        }
        None => Ok(set),
    }
}

fn proxy_variables(evaluator: &mut Evaluator) -> Eval<Value> {
    const NAMES: [&str; 11] = [
        "http_proxy",
        "https_proxy",
        "ftp_proxy",
        "all_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "FTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "NIX_SSL_CERT_FILE",
    ];
    let names: Vec<Thunk> = NAMES
        .iter()
        .map(|name| evaluator.string_thunk(name))
        .collect();
    Ok(evaluator.list(&names))
}
