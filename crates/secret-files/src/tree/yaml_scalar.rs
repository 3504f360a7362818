//! What Go's yaml.v3 makes of a scalar.

use super::ScalarClass;

/// The class of a plain (unquoted, untagged) scalar, and whether it is a merge key.
pub(super) fn plain(text: &str) -> (ScalarClass, bool) {
    let class = match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarClass::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarClass::Bool,
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => ScalarClass::Float,
        "<<" => return (ScalarClass::String, true),
        _ if text.starts_with(|first: char| {
            first.is_ascii_digit() || matches!(first, '+' | '-' | '.')
        }) =>
        {
            number_or_time(text)
        }
        _ => ScalarClass::String,
    };
    (class, false)
}

/// The class that a tag of the YAML core schema asks for; `None` leaves it to the text.
pub(super) fn tagged(suffix: &str) -> Option<ScalarClass> {
    match suffix {
        "str" | "binary" => Some(ScalarClass::String),
        "int" => Some(ScalarClass::Integer),
        "float" => Some(ScalarClass::Float),
        "bool" => Some(ScalarClass::Bool),
        "null" => Some(ScalarClass::Null),
        "timestamp" => Some(ScalarClass::Timestamp),
        _ => None,
    }
}

fn number_or_time(text: &str) -> ScalarClass {
    if is_timestamp(text) {
        return ScalarClass::Timestamp;
    }
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    if is_integer(&plain) {
        ScalarClass::Integer
    } else if is_float(&plain) {
        ScalarClass::Float
    } else {
        ScalarClass::String
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match digits.get(..2) {
        Some("0x" | "0X") => (digits.get(2..).unwrap_or_default(), 16),
        Some("0o" | "0O") => (digits.get(2..).unwrap_or_default(), 8),
        Some("0b" | "0B") => (digits.get(2..).unwrap_or_default(), 2),
        _ => (digits, 10),
    };
    // More than 64 bits make it a float in Go.
    !digits.is_empty()
        && digits.chars().all(|digit| digit.is_digit(radix))
        && u64::from_str_radix(digits.trim_start_matches('0'), radix)
            .map_or(digits.trim_matches('0').is_empty(), |_| true)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        ),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
}

/// `2006-1-2`, or that with a time after `T`, `t` or a blank.
fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else {
        return false;
    };
    if !year.bytes().all(|byte| byte.is_ascii_digit()) || !rest.starts_with('-') {
        return false;
    }
    let (date, time) = match rest.find(['T', 't', ' ']) {
        Some(place) => (
            rest.get(1..place).unwrap_or_default(),
            rest.get(place + 1..),
        ),
        None => (rest.get(1..).unwrap_or_default(), None),
    };
    let Some((month, day)) = date.split_once('-') else {
        return false;
    };
    let in_range = |part: &str, from: u32, to: u32| {
        (1..=2).contains(&part.len())
            && part
                .parse::<u32>()
                .is_ok_and(|number| (from..=to).contains(&number))
    };
    if !in_range(month, 1, 12) || !in_range(day, 1, 31) {
        return false;
    }
    let Some(time) = time else { return true };
    let clock = time
        .split(['.', 'Z', '+', '-', ' '])
        .next()
        .unwrap_or_default();
    let parts: Vec<&str> = clock.split(':').collect();
    matches!(parts.as_slice(), [h, m, s] if in_range(h, 0, 23) && in_range(m, 0, 59) && in_range(s, 0, 59))
}

#[cfg(test)]
mod tests {
    use super::{ScalarClass, plain};

    #[test]
    fn classes_are_those_of_yaml_v3() {
        for (text, class) in [
            ("", ScalarClass::Null),
            ("yes", ScalarClass::String),
            ("True", ScalarClass::Bool),
            ("0o17", ScalarClass::Integer),
            ("1_000", ScalarClass::Integer),
            ("0", ScalarClass::Integer),
            ("-0x1F", ScalarClass::Integer),
            ("99999999999999999999", ScalarClass::Float),
            ("1e3", ScalarClass::Float),
            ("1.", ScalarClass::Float),
            (".5", ScalarClass::Float),
            ("-", ScalarClass::String),
            ("1.2.3", ScalarClass::String),
            ("192.168.0.1", ScalarClass::String),
            ("2026-11-23", ScalarClass::Timestamp),
            ("2026-11-23T12:42:31Z", ScalarClass::Timestamp),
            ("2026-99-23", ScalarClass::String),
            ("hunter2", ScalarClass::String),
        ] {
            assert_eq!(plain(text).0, class, "{text}");
        }
    }
}
