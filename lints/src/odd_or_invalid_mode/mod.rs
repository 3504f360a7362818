//! `odd-or-invalid-mode`: a mode that the manager refuses, or that means something odd.

use inventory::{Capability, Principal, Secret, SecretKind};

use crate::edits::replace;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "odd-or-invalid-mode",
    group: Group::Access,
    severity: Severity::Warning,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a mode that the manager refuses, or that means something odd",
    page: include_str!("page.md"),
    check: Check::Secrets(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let Some(written) = secret.mode.known() else {
            continue;
        };
        if secret.manager.has(Capability::RequiresOctalModes) && !is_octal(written) {
            out.push(refused(secret, written));
        } else if let Some(mode) = secret.effective_mode.known().copied() {
            out.extend(odd(secret, written, mode));
        }
    }
}

/// What Go's `ParseUint(mode, 8, 16)` accepts.
fn is_octal(mode: &str) -> bool {
    !mode.is_empty() && u16::from_str_radix(mode, 8).is_ok() && !mode.starts_with('+')
}

fn refused(secret: &Secret, written: &str) -> Diagnostic {
    let meant = meant(written);
    let manager = secret.manager.name;
    let found = at_mode(
        secret,
        format!(
            "`{}` has a mode that {manager} refuses: {written}",
            secret.attribute
        ),
        "not octal digits",
    )
    .severity(Severity::Error)
    .note(format!(
        "the build fails: {manager} accepts octal digits only"
    ));
    match meant {
        Some(mode) => found
            .help("", format!("{}.mode = \"{mode:04o}\";", secret.option))
            .fix(rewrite(secret, mode, mode == 0o400)),
        None => found.help(
            "let only its owner read it",
            format!("{}.mode = \"0400\";", secret.option),
        ),
    }
}

/// What a mode in another notation means: `u=r,g=r`, `r--r-----`, `0o400`.
fn meant(written: &str) -> Option<u32> {
    if let Some(digits) = written.strip_prefix("0o") {
        return u32::from_str_radix(digits, 8)
            .ok()
            .filter(|mode| *mode <= 0o777);
    }
    if written.len() == 9 && written.chars().all(|letter| "rwx-".contains(letter)) {
        return Some(
            written
                .chars()
                .fold(0, |mode, letter| (mode << 1) | u32::from(letter != '-')),
        );
    }
    written.split(',').try_fold(0, |mode, clause| {
        let (who, what) = clause.split_once('=')?;
        let bits = what.chars().try_fold(0, |bits, letter| match letter {
            'r' => Some(bits | 4),
            'w' => Some(bits | 2),
            'x' => Some(bits | 1),
            _ => None,
        })?;
        let shifts: &[u32] = match who {
            "u" => &[6],
            "g" => &[3],
            "o" => &[0],
            "ug" | "gu" => &[6, 3],
            "a" | "" | "ugo" => &[6, 3, 0],
            _ => return None,
        };
        Some(
            shifts
                .iter()
                .fold(mode, |mode, shift| mode | (bits << shift)),
        )
    })
}

fn odd(secret: &Secret, written: &str, mode: u32) -> Option<Diagnostic> {
    let name = &secret.attribute;
    let special = u32::from_str_radix(written, 8).is_ok_and(|mode| mode & !0o777 != 0);
    if special {
        let what = match secret.kind {
            SecretKind::Secret if secret.manager.umask.is_some() => {
                format!("{} drops the first digit", secret.manager.name)
            }
            _ => "the first digit is for programs and directories".to_owned(),
        };
        let found = at_mode(
            secret,
            format!("`{name}` has an odd mode: {written}"),
            &what,
        );
        let plain = mode & 0o644;
        return Some(
            found
                .help("", format!("{}.mode = \"{plain:04o}\";", secret.option))
                .fix(rewrite(secret, plain, false)),
        );
    }
    if mode & 0o111 != 0 && mode & 0o007 == 0 {
        let is_written_by_group = mode & 0o020 != 0;
        let plain = mode & 0o644;
        let found = at_mode(
            secret,
            format!("`{name}` is installed as executable: mode {mode:04o}"),
            "nobody runs a secret",
        );
        let found = if is_written_by_group {
            found.note("reading needs no execute permission, and with this mode all of the group may replace the secret")
        } else {
            found
                .severity(Severity::Info)
                .note("reading needs no execute permission: it is only pointless")
        };
        return Some(
            found
                .help("", format!("{}.mode = \"{plain:04o}\";", secret.option))
                .fix(rewrite(secret, plain, !is_written_by_group)),
        );
    }
    let owner = secret
        .effective_owner
        .known()
        .filter(|owner| !Principal::is_root(owner))?;
    if mode & 0o400 == 0 && mode != 0 {
        let found = at_mode(
            secret,
            format!("{owner} owns `{name}`, but cannot read it: mode {mode:04o}"),
            "the digit for the owner has no read permission",
        );
        let wanted = mode | 0o400;
        return Some(
            found
                .note("the kernel looks at the owner's digit alone, whatever the group may do")
                .help("", format!("{}.mode = \"{wanted:04o}\";", secret.option))
                .fix(rewrite(secret, wanted, true)),
        );
    }
    None
}

fn at_mode(secret: &Secret, message: String, text: &str) -> Diagnostic {
    let at = secret
        .mode
        .at
        .or_else(|| secret.declared_at.first().copied());
    Diagnostic::new(&LINT, &secret.option, message).primary(at, text)
}

fn rewrite(secret: &Secret, mode: u32, safe: bool) -> Option<Fix> {
    let edit = replace(secret.mode.at, format!("\"{mode:04o}\""))?;
    Some(Fix {
        title: format!("set the mode to {mode:04o}"),
        safe,
        edits: vec![edit],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_digits_only() {
        for accepted in ["0400", "400", "0", "00400"] {
            assert!(is_octal(accepted), "{accepted}");
        }
        for refused in ["", "u=r", "0o400", "r--------", "0480", "+400", "-400"] {
            assert!(!is_octal(refused), "{refused}");
        }
    }

    #[test]
    fn other_notations_are_understood() {
        assert_eq!(meant("u=r,g=r"), Some(0o440));
        assert_eq!(meant("r--r-----"), Some(0o440));
        assert_eq!(meant("0o600"), Some(0o600));
        assert_eq!(meant("0480"), None);
    }
}
