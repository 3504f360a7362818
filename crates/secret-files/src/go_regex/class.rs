//! Character classes: `[…]`, `\d`, `\pL`, `[:alpha:]`.

use std::fmt::Write as _;

use super::translate::{Input, character_escape};

const UNCLOSED_CLASS: &str = "a character class is not closed";
const BAD_RANGE: &str = "a character range that Go refuses";

/// Everything after the opening bracket.
pub(super) fn translate(input: &mut Input<'_>, output: &mut String) -> Result<(), &'static str> {
    output.push('[');
    if input.take("^") {
        output.push('^');
    }
    let mut first = true;
    loop {
        match input.peek() {
            None => return Err(UNCLOSED_CLASS),
            Some(']') if !first => {
                input.next();
                output.push(']');
                return Ok(());
            }
            Some(_) => first = false,
        }
        if let Some(name) = posix(input)? {
            output.push_str(name);
            continue;
        }
        if input.starts_with("\\") {
            let mut ahead = Input::clone(input);
            ahead.next();
            if let Some(ranges) = escaped_class(&mut ahead)? {
                *input = ahead;
                output.push_str(&ranges);
                continue;
            }
        }
        let low = character(input)?;
        let mut high = low;
        let is_range = input.starts_with("-") && !input.starts_with("-]") && input.rest().len() > 1;
        if is_range {
            input.next();
            high = character(input)?;
            if high < low {
                return Err(BAD_RANGE);
            }
        }
        push_range(output, low, high);
    }
}

impl Clone for Input<'_> {
    fn clone(&self) -> Self {
        Self::at(self.rest())
    }
}

fn push_range(output: &mut String, low: char, high: char) {
    let _ = write!(output, "\\x{{{:X}}}", u32::from(low));
    if high != low {
        let _ = write!(output, "-\\x{{{:X}}}", u32::from(high));
    }
}

fn character(input: &mut Input<'_>) -> Result<char, &'static str> {
    if input.take("\\") {
        return character_escape(input);
    }
    input.next().ok_or(UNCLOSED_CLASS)
}

/// `[:alpha:]` inside of a class. A `[:` that is never closed is two literals.
fn posix(input: &mut Input<'_>) -> Result<Option<&'static str>, &'static str> {
    let Some((name, _)) = input
        .rest()
        .strip_prefix("[:")
        .and_then(|rest| rest.split_once(":]"))
    else {
        return Ok(None);
    };
    let known = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
        "space", "upper", "word", "xdigit",
    ];
    let class = known.iter().find_map(|known| {
        let positive = name == *known;
        let negative = name.strip_prefix('^') == Some(known);
        (positive || negative).then(|| ascii_class(known, negative))
    });
    let class = class.flatten().ok_or(BAD_RANGE)?;
    input.take_until(":]");
    Ok(Some(class))
}

/// The ASCII classes as bracket expressions, so that `regex` does not make them Unicode.
fn ascii_class(name: &str, negated: bool) -> Option<&'static str> {
    macro_rules! pick {
        ($($name:literal => $ranges:literal;)+) => {
            match (name, negated) {
                $(($name, false) => Some(concat!("[", $ranges, "]")),
                ($name, true) => Some(concat!("[^", $ranges, "]")),)+
                _ => None,
            }
        };
    }
    pick! {
        "alnum" => "0-9A-Za-z";
        "alpha" => "A-Za-z";
        "ascii" => "\\x00-\\x7F";
        "blank" => "\\t\\x20";
        "cntrl" => "\\x00-\\x1F\\x7F";
        "digit" => "0-9";
        "graph" => "\\x21-\\x7E";
        "lower" => "a-z";
        "print" => "\\x20-\\x7E";
        "punct" => "\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E";
        "space" => "\\t\\n\\v\\f\\r\\x20";
        "perl space" => "\\t\\n\\f\\r\\x20";
        "upper" => "A-Z";
        "word" => "0-9A-Za-z_";
        "xdigit" => "0-9A-Fa-f";
    }
}

/// `\d`, `\S`, `\pL`, `\p{Greek}` … after the backslash; `None` if it is another escape.
pub(super) fn escaped_class(input: &mut Input<'_>) -> Result<Option<String>, &'static str> {
    let perl = match input.peek() {
        Some('d') => ("digit", false),
        Some('D') => ("digit", true),
        Some('s') => ("perl space", false),
        Some('S') => ("perl space", true),
        Some('w') => ("word", false),
        Some('W') => ("word", true),
        Some('p' | 'P') => return unicode(input).map(Some),
        _ => return Ok(None),
    };
    input.next();
    Ok(ascii_class(perl.0, perl.1).map(str::to_owned))
}

fn unicode(input: &mut Input<'_>) -> Result<String, &'static str> {
    let mut negated = input.next() == Some('P');
    let name = if input.take("{") {
        input.take_until("}").ok_or(BAD_RANGE)?.to_owned()
    } else {
        input.next().ok_or(BAD_RANGE)?.to_string()
    };
    let name = match name.strip_prefix('^') {
        Some(rest) => {
            negated = !negated;
            rest.to_owned()
        }
        None => name,
    };
    let letter = if negated { 'P' } else { 'p' };
    match name.as_str() {
        "Any" => Ok(format!("\\{letter}{{any}}")),
        // Surrogates are no characters of a Rust string.
        "Cs" => Ok(if negated {
            "[\\x00-\\x{10FFFF}]"
        } else {
            "[^\\x00-\\x{10FFFF}]"
        }
        .to_owned()),
        "C" | "Cc" | "Cf" | "Co" | "L" | "Ll" | "Lm" | "Lo" | "Lt" | "Lu" | "M" | "Mc" | "Me"
        | "Mn" | "N" | "Nd" | "Nl" | "No" | "P" | "Pc" | "Pd" | "Pe" | "Pf" | "Pi" | "Po"
        | "Ps" | "S" | "Sc" | "Sk" | "Sm" | "So" | "Z" | "Zl" | "Zp" | "Zs" => {
            Ok(format!("\\{letter}{{{name}}}"))
        }
        script => {
            // `regex` also knows short and oddly cased names of scripts, Go does not.
            let is_full_name = script.starts_with(|first: char| first.is_ascii_uppercase())
                && script.bytes().any(|byte| byte.is_ascii_lowercase())
                && script
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
                && !script.starts_with("Is")
                && (script.len() > 4 || is_short_script(script));
            let class = format!("\\{letter}{{Script={script}}}");
            if is_full_name && compiles(&class) {
                Ok(class)
            } else {
                Err(BAD_RANGE)
            }
        }
    }
}

/// The scripts whose full name has four letters or fewer.
fn is_short_script(name: &str) -> bool {
    matches!(
        name,
        "Cham"
            | "Kawi"
            | "Lisu"
            | "Mro"
            | "Newa"
            | "Nko"
            | "Thai"
            | "Toto"
            | "Vai"
            | "Wancho"
            | "Yi"
    )
}

fn compiles(class: &str) -> bool {
    regex::Regex::new(class).is_ok()
}
