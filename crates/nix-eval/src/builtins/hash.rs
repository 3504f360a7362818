//! Hashes.

use sha2::Digest;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Eval, StringData, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("convertHash", 1, convert_hash),
    Builtin::new("hashFile", 2, hash_file),
    Builtin::new("hashString", 2, hash_string),
    Builtin::new("placeholder", 1, placeholder),
];

/// A hash algorithm that Nix knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// How many bytes a hash has.
    const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => md5::Md5::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }
}

/// The digits of Nix's base 32.
const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Nix's base 32: the number that the bytes are with the first as the lowest, highest digit first.
fn to_nix32(bytes: &[u8]) -> String {
    let digits = (bytes.len() * 8).div_ceil(5);
    let bit = |at: usize| {
        bytes
            .get(at / 8)
            .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    };
    (0..digits)
        .rev()
        .map(|digit| {
            let value: usize = (0..5).map(|n| usize::from(bit(digit * 5 + n)) << n).sum();
            NIX32.get(value).map_or('0', |c| char::from(*c))
        })
        .collect()
}

fn from_nix32(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0u8; size];
    for (digit, c) in text.bytes().rev().enumerate() {
        let value = NIX32.iter().position(|other| *other == c)?;
        for n in 0..5 {
            if value >> n & 1 == 1 {
                let at = digit * 5 + n;
                *bytes.get_mut(at / 8)? |= 1 << (at % 8);
            }
        }
    }
    Some(bytes)
}

impl Evaluator {
    fn algorithm(&mut self, thunk: Thunk) -> Eval<Algorithm> {
        let name = self.force_text(thunk)?;
        match Algorithm::named(&name) {
            Some(algorithm) => Ok(algorithm),
            None => Err(self.error(format!("unknown hash algorithm '{name}'"))),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// `hashString algorithm text`
fn hash_string(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [algorithm, text] = arguments(args);
    let algorithm = evaluator.algorithm(algorithm)?;
    let string = evaluator.force_string(text)?;
    match evaluator.arena.string_parts(string).clone() {
        StringData::Text(text) => Ok(evaluator.string(&hex(&algorithm.hash(text.as_bytes())))),
        StringData::Parts(parts) => {
            let why = evaluator.first_unknown(&parts);
            Ok(evaluator.unknown_string(why, crate::value::ContextId::default()))
        }
    }
}

/// `hashFile algorithm path`
fn hash_file(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [algorithm, path] = arguments(args);
    let algorithm = evaluator.algorithm(algorithm)?;
    let (path, _) = evaluator.force_path(path)?;
    let bytes = evaluator.read_path(path)?;
    Ok(evaluator.string(&hex(&algorithm.hash(&bytes))))
}

/// `placeholder output`: what stands for an output's path in a derivation.
fn placeholder(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [output] = arguments(args);
    let output = evaluator.force_text(output)?;
    let hash = Algorithm::Sha256.hash(format!("nix-output:{output}").as_bytes());
    Ok(evaluator.string(&format!("/{}", to_nix32(&hash))))
}

/// `convertHash { hash; hashAlgo ? …; toHashFormat; }`
fn convert_hash(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let hash = required(evaluator, set, "hash")?;
    let algorithm = match evaluator.argument(set, "hashAlgo")? {
        None => None,
        Some(value) => {
            let thunk = evaluator.arena.ready(value);
            Some(evaluator.algorithm(thunk)?)
        }
    };
    let format = required(evaluator, set, "toHashFormat")?;
    let (algorithm, bytes) = match parse_hash(&hash, algorithm) {
        Ok(parsed) => parsed,
        Err(message) => return Err(evaluator.error(message)),
    };
    let text = match &*format {
        "base16" => hex(&bytes),
        "nix32" | "base32" => to_nix32(&bytes),
        "base64" => data_encoding::BASE64.encode(&bytes),
        "sri" => format!(
            "{}-{}",
            algorithm.name(),
            data_encoding::BASE64.encode(&bytes)
        ),
        _ => {
            return Err(evaluator.error(format!(
                "unknown hash format '{format}', expect 'base16', 'base32', 'base64', or 'sri'"
            )));
        }
    };
    Ok(evaluator.string(&text))
}

fn required(evaluator: &mut Evaluator, set: AttrsId, name: &str) -> Eval<std::rc::Rc<str>> {
    let symbol = evaluator.symbol(name);
    let value = evaluator.select_attribute(set, symbol)?;
    evaluator.expect_text(value)
}

/// The algorithm and bytes of a hash in any format, with or without its algorithm before it.
fn parse_hash(text: &str, given: Option<Algorithm>) -> Result<(Algorithm, Vec<u8>), String> {
    let (named, is_sri, digits) = match (text.split_once(':'), text.split_once('-')) {
        (Some((name, digits)), _) => (Some(name), false, digits),
        (None, Some((name, digits))) => (Some(name), true, digits),
        (None, None) => (None, false, text),
    };
    let algorithm = match (named, given) {
        (Some(name), given) => {
            let named =
                Algorithm::named(name).ok_or_else(|| format!("unknown hash algorithm '{name}'"))?;
            if given.is_some_and(|given| given != named) {
                return Err(format!(
                    "hash '{text}' should have type '{}'",
                    given.map_or("", Algorithm::name)
                ));
            }
            named
        }
        (None, Some(given)) => given,
        (None, None) => {
            return Err(format!(
                "hash '{text}' does not include a type, nor is the type otherwise known from context"
            ));
        }
    };
    let size = algorithm.size();
    let base64 = || data_encoding::BASE64.decode(digits.as_bytes()).ok();
    let bytes = if is_sri {
        base64()
    } else if digits.len() == size * 2 {
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(digits.as_bytes())
            .ok()
    } else if digits.len() == (size * 8).div_ceil(5) {
        from_nix32(digits, size)
    } else {
        base64()
    };
    match bytes {
        Some(bytes) if bytes.len() == size => Ok((algorithm, bytes)),
        _ => Err(format!(
            "hash '{text}' has wrong length for hash algorithm '{}'",
            algorithm.name()
        )),
    }
}
