//! Versions and names of packages.

use std::cmp::Ordering;

use crate::eval::{Builtin, Evaluator, KnownStart, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("compareVersions", 2, compare_versions),
    Builtin::new("parseDrvName", 1, parse_drv_name),
    Builtin::new("splitVersion", 1, split_version),
];

/// The components of a version: runs of digits and runs of other characters, between dots and
/// dashes.
struct Components<'a>(&'a str);

impl<'a> Iterator for Components<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches(['.', '-']);
        let first = rest.chars().next()?;
        let ends = |c: char| matches!(c, '.' | '-') || c.is_ascii_digit() != first.is_ascii_digit();
        let (component, rest) = rest.split_at_checked(rest.find(ends).unwrap_or(rest.len()))?;
        self.0 = rest;
        Some(component)
    }
}

/// How two versions compare: numbers as numbers, `pre` before everything, words before numbers.
fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (Components(left), Components(right));
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        if component_before(a, b) {
            return Ordering::Less;
        }
        if component_before(b, a) {
            return Ordering::Greater;
        }
    }
}

fn component_before(a: &str, b: &str) -> bool {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i32>().ok()).flatten()
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a < b,
        (None, Some(_)) if a.is_empty() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => a < b,
    }
}

/// `compareVersions a b`: -1, 0 or 1.
fn compare_versions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [left, right] = arguments(args);
    let known = evaluator.force_string(left)?;
    let known = evaluator.known_start(known);
    let other = evaluator.force_string(right)?;
    let other = evaluator.known_start(other);
    let order = match unlike(&known, &other) {
        Some(order) => order,
        None => compare(&evaluator.force_text(left)?, &evaluator.force_text(right)?),
    };
    Ok(Value::Int(match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

/// How two versions compare by the components that are known of both; `None` if these are alike.
fn unlike(left: &KnownStart, right: &KnownStart) -> Option<Ordering> {
    // What follows may belong to the last component.
    let whole = |start: &KnownStart| {
        let end = start.text.rfind(['.', '-']).unwrap_or(0);
        let end = if start.is_whole {
            start.text.len()
        } else {
            end
        };
        start.text.get(..end).unwrap_or_default().to_owned()
    };
    let (left, right) = (whole(left), whole(right));
    let mut both = Components(&left).zip(Components(&right));
    both.find_map(
        |(a, b)| match (component_before(a, b), component_before(b, a)) {
            (true, _) => Some(Ordering::Less),
            (_, true) => Some(Ordering::Greater),
            _ => None,
        },
    )
}

/// `splitVersion version`
fn split_version(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [version] = arguments(args);
    let version = evaluator.force_text(version)?;
    let mut items = Vec::new();
    for component in Components(&version) {
        items.push(evaluator.string_thunk(component));
    }
    Ok(evaluator.list(&items))
}

/// `parseDrvName name`: the version begins after the first dash that no letter follows.
fn parse_drv_name(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let text = evaluator.force_text(name)?;
    let bytes = text.as_bytes();
    let dash = (0..bytes.len()).find(|at| {
        let next = bytes.get(at + 1);
        bytes.get(*at) == Some(&b'-') && next.is_some_and(|next| !next.is_ascii_alphabetic())
    });
    let (name, version) = match dash.and_then(|at| text.split_at_checked(at)) {
        Some((name, version)) => (name, version.get(1..).unwrap_or_default()),
        None => (&*text, ""),
    };
    let name = evaluator.string_thunk(name);
    let version = evaluator.string_thunk(version);
    Ok(Value::Attrs(
        evaluator.set_of(&[("name", name), ("version", version)]),
    ))
}
