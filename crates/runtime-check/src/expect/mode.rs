//! Modes as configurations write them.

/// Permission bits from `0400` (sops-nix, agenix) or `u=r,g=r` (agenix, by chmod on mode 0400).
pub(crate) fn parse(mode: &str) -> Option<u32> {
    if !mode.is_empty() && mode.bytes().all(|b| b.is_ascii_digit()) {
        let bits = u32::from_str_radix(mode, 8).ok()?;
        return (bits <= 0o7777).then_some(bits);
    }
    symbolic(mode)
}

/// chmod(1)'s symbolic form without `X`, `s`, `t`. agenix writes files with umask `u=r,g=,o=`.
fn symbolic(mode: &str) -> Option<u32> {
    let mut bits = 0o400_u32;
    for clause in mode.split(',') {
        let at = clause.find(['=', '+', '-'])?;
        let (who, rest) = clause.split_at_checked(at)?;
        let mut rest = rest.chars();
        let operator = rest.next()?;
        let mut mask = 0_u32;
        for class in who.chars() {
            mask |= match class {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        if who.is_empty() {
            mask = 0o777;
        }
        let mut permissions = 0_u32;
        for permission in rest {
            permissions |= match permission {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                _ => return None,
            };
        }
        bits = match operator {
            '=' => (bits & !mask) | (permissions & mask),
            '+' => bits | (permissions & mask),
            _ => bits & !(permissions & mask),
        };
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn octal_and_symbolic() {
        for (text, bits) in [
            ("0400", Some(0o400)),
            ("440", Some(0o440)),
            ("u=r,g=r", Some(0o440)),
            ("u=rw", Some(0o600)),
            ("a+r", Some(0o444)),
            ("u=rwx,g-r,o=", Some(0o700)),
            ("0800", None),
            ("77777", None),
            ("", None),
            ("x", None),
            ("rw-r--r--", None),
        ] {
            assert_eq!(parse(text), bits, "{text}");
        }
    }
}
