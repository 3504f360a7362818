//! `lib.sources`. A filtered source stays the path that it was filtered from: what a project reads
//! of it is there.

use super::support::text_argument;
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Eval, ExternalKind, Thunk, Value, well_known};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "sources",
    functions: &[
        Builtin::new("cleanSource", 1, clean),
        Builtin::new("cleanSourceFilter", 2, clean_filter),
        Builtin::new("cleanSourceWith", 1, clean_with),
        Builtin::new("commitIdFromGitRepo", 1, git_state),
        Builtin::new("pathIsGitRepo", 1, git_state),
        Builtin::new("shortRev", 1, short_revision),
        Builtin::new("sourceByRegex", 2, filtered),
        Builtin::new("sourceFilesBySuffices", 2, filtered),
        Builtin::new("trace", 1, traced),
        Builtin::new("urlToName", 1, url_to_name),
    ],
    aliases: &["filterSource"],
    exported: Exported::Except(&["shortRev", "trace", "urlToName"]),
    ..Namespace::EMPTY
};

/// `lib.sourceTypes`: data of nixpkgs.
pub(super) const TYPES: Namespace = Namespace {
    name: "sourceTypes",
    constants: &[
        Constant {
            name: "fromSource",
            make: |evaluator| source_type(evaluator, "fromSource"),
        },
        Constant {
            name: "binaryNativeCode",
            make: |evaluator| source_type(evaluator, "binaryNativeCode"),
        },
        Constant {
            name: "binaryBytecode",
            make: |evaluator| source_type(evaluator, "binaryBytecode"),
        },
        Constant {
            name: "binaryFirmware",
            make: |evaluator| source_type(evaluator, "binaryFirmware"),
        },
    ],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

fn source_type(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    Ok(evaluator.external_root(&format!("lib.sourceTypes.{name}"), ExternalKind::Other))
}

/// The path behind a source, filtered or not.
fn origin(evaluator: &mut Evaluator, source: Thunk) -> Eval<Thunk> {
    if let Value::Attrs(set) = evaluator.force(source)? {
        let name = evaluator.symbol("origSrc");
        if let Some(entry) = evaluator.arena.attribute(set, name) {
            return Ok(entry.value);
        }
    }
    Ok(source)
}

/// A source as `cleanSourceWith` gives it.
pub(super) fn source(
    evaluator: &mut Evaluator,
    source: Thunk,
    filter: Option<Thunk>,
    name: Option<Thunk>,
) -> Eval<Value> {
    let origin = origin(evaluator, source)?;
    let yes = evaluator.arena.ready(Value::Bool(true));
    let name = match name {
        Some(name) => name,
        None => evaluator.string_thunk("source"),
    };
    let mut builder = AttrsBuilder::new();
    for (attribute, value) in [
        ("_isLibCleanSourceWith", yes),
        ("origSrc", origin),
        ("name", name),
    ] {
        let attribute = evaluator.symbol(attribute);
        builder.insert(attribute, value);
    }
    if let Some(filter) = filter {
        let attribute = evaluator.symbol("filter");
        builder.insert(attribute, filter);
    }
    builder.insert(well_known::OUT_PATH, origin);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

static CLEAN_FILTER: Builtin = Builtin::new("cleanSourceFilter", 2, clean_filter);

/// `cleanSource src`
fn clean(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [src] = arguments(args);
    let filter = super::support::function_thunk(evaluator, &CLEAN_FILTER, &[]);
    source(evaluator, src, Some(filter), None)
}

/// `cleanSourceWith { filter; src; name; }`
fn clean_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let src = super::support::required(evaluator, options, "src")?;
    let filter = super::support::option(evaluator, options, "filter")?;
    let name = super::support::option(evaluator, options, "name")?;
    source(evaluator, src, filter, name)
}

/// `sourceByRegex src regexes` and its kind.
fn filtered(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [src, _patterns] = arguments(args);
    source(evaluator, src, None, None)
}

fn traced(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [src] = arguments(args);
    source(evaluator, src, None, None)
}

/// `cleanSourceFilter name type`: everything but version control, backups, objects and results.
fn clean_filter(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, kind] = arguments(args);
    let path = evaluator.force(path)?;
    let path = evaluator.coerce(path, crate::eval::Coercion::ToString)?;
    let path = evaluator.expect_text(path)?;
    let kind = evaluator.force_text(kind)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let version_control = matches!(name, ".git")
        || (&*kind == "directory"
            && matches!(name, ".svn" | "CVS" | ".hg" | ".jj" | ".pijul" | "_darcs"));
    let swap = name
        .strip_prefix('.')
        .and_then(|rest| rest.rsplit_once(".sw"))
        .is_some_and(|(_, end)| {
            end.len() == 1 && end.bytes().all(|byte| byte.is_ascii_lowercase())
        });
    let temporary = name.ends_with('~') || swap;
    let object = name.ends_with(".o") || name.ends_with(".so");
    let result = &*kind == "symlink" && name.starts_with("result");
    let unknown = &*kind == "unknown";
    Ok(Value::Bool(
        !(version_control || temporary || object || result || unknown),
    ))
}

/// What only the state of a git repository shows.
fn git_state(evaluator: &mut Evaluator, _: &[Thunk]) -> Eval<Value> {
    Err(evaluator.undetermined("the state of a git repository"))
}

// Names of sources

/// `shortRev revision`: seven digits of a hash; of a tag what begins with its first digit.
fn short_revision(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [revision] = arguments(args);
    let text = text_argument(evaluator, revision)?;
    Ok(evaluator.string(&shortened(&text)))
}

fn shortened(revision: &str) -> String {
    let name = revision.rsplit('/').next().unwrap_or_default();
    let is_hash = name.len() >= 7
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hash {
        return name.chars().take(7).collect();
    }
    match name.find(|character: char| character.is_ascii_digit()) {
        Some(at) => name.get(at..).unwrap_or(name).to_owned(),
        None => name.to_owned(),
    }
}

/// The last part of a URL's path without what says that it is an archive or a repository.
fn base_name(url: &str) -> &str {
    let path = url.trim_end_matches('/');
    let name = path.rsplit(['/', ':']).next().unwrap_or_default();
    [
        ".git", ".tar.gz", ".tar.xz", ".tar.bz2", ".tgz", ".tar", ".zip",
    ]
    .iter()
    .find_map(|suffix| name.strip_suffix(suffix))
    .unwrap_or(name)
}

/// `urlToName url`
fn url_to_name(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [url] = arguments(args);
    let url = text_argument(evaluator, url)?;
    Ok(evaluator.string(base_name(&url)))
}
