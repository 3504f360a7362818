//! `lib.network`

use super::support::{function_set, text_argument, throw};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "network",
    constants: &[Constant {
        name: "ipv6",
        make: |evaluator| Ok(function_set(evaluator, IPV6)),
    }],
    exported: Exported::Only(&[]),
    ..Namespace::EMPTY
};

const IPV6: &[Builtin] = &[
    Builtin::new("fromString", 1, from_string),
    Builtin::new("mkEUI64Suffix", 1, eui64_suffix),
];

/// `lib.mkEUI64Suffix`
pub(super) static EUI64_SUFFIX: Builtin = Builtin::new("mkEUI64Suffix", 1, eui64_suffix);

/// `fromString "2001:db8::1/64"`: `{ address; prefixLength; }` with all eight groups.
fn from_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    let text = text_argument(evaluator, text)?;
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (&*text, None),
    };
    let Some(groups) = groups(address) else {
        return Err(throw(
            evaluator,
            format!("{address} is not a valid IPv6 address"),
        ));
    };
    let prefix: i64 = match prefix {
        None => 128,
        Some(prefix) => match prefix.parse() {
            Ok(length @ 1..=128) => length,
            _ => {
                let message =
                    format!("{text} IPv6 subnet should be in range [1;128], got {prefix}");
                return Err(throw(evaluator, message));
            }
        },
    };
    let groups: Vec<String> = groups.iter().map(|group| format!("{group:x}")).collect();
    let address = evaluator.string_thunk(&groups.join(":"));
    let prefix = evaluator.arena.ready(Value::Int(prefix));
    Ok(Value::Attrs(
        evaluator.set_of(&[("address", address), ("prefixLength", prefix)]),
    ))
}

/// The eight groups of an address; an IPv4 tail is not one.
fn groups(address: &str) -> Option<[u16; 8]> {
    if address.contains('.') {
        return None;
    }
    let address: std::net::Ipv6Addr = address.parse().ok()?;
    Some(address.segments())
}

/// `mkEUI64Suffix mac`: the last 64 bits of an address made of a MAC address.
fn eui64_suffix(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [mac] = arguments(args);
    let text = text_argument(evaluator, mac)?;
    let bytes: Option<Vec<u8>> = text
        .split(':')
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    let Some([a, b, c, d, e, f]) = bytes.as_deref() else {
        return Err(throw(
            evaluator,
            format!("\"{text}\" is not a valid MAC address"),
        ));
    };
    // The second lowest bit of the first byte says: made by software.
    let pairs = [(a ^ 2, *b), (*c, 0xff), (0xfe, *d), (*e, *f)];
    let groups: Vec<String> = pairs
        .iter()
        .map(|(high, low)| format!("{:x}", u16::from_be_bytes([*high, *low])))
        .collect();
    Ok(evaluator.string(&groups.join(":")))
}
