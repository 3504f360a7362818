//! What the classes of a content mean for those who read it.

use super::{Details, JudgeContext, fix, shown};
use crate::checks::Check;
use crate::expect::{Secret, Use};
use crate::finding::Severity;
use crate::observe::content::{Content, Ending, PasswordHash};
use crate::observe::formats;
use crate::report::ServerStatus;

/// Judges a content for all its uses. Gives the reason if no server can use it.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    content: &Content,
    uses: &[Use],
) -> Option<(ServerStatus, String)> {
    let mut judge = Judge {
        context,
        secret,
        problem: None,
    };
    if content.length == 0 {
        judge.unusable(Check::Empty, ServerStatus::Empty, "is empty (0 bytes)");
        return judge.problem;
    }
    if content.only_blanks {
        let what = format!("holds nothing but blanks ({})", bytes(content.length));
        judge.unusable(Check::OnlyBlanks, ServerStatus::Empty, &what);
        return judge.problem;
    }
    if let Some(ciphertext) = content.ciphertext {
        let what = format!(
            "is still encrypted: {}, {}",
            ciphertext.phrase(),
            bytes(content.length)
        );
        judge.unusable(Check::StillEncrypted, ServerStatus::Unusable, &what);
        return judge.problem;
    }
    if content.sops_placeholder {
        let what = "holds a sops placeholder that was not replaced";
        judge.unusable(Check::UnresolvedPlaceholder, ServerStatus::Unusable, what);
    }
    if content.placeholder_word {
        let what = format!(
            "holds a placeholder, not a secret ({})",
            bytes(content.length)
        );
        judge.unusable(Check::PlaceholderWord, ServerStatus::Unusable, &what);
        return judge.problem;
    }
    judge.shape(content);
    for usage in uses {
        judge.usage(content, *usage);
    }
    judge.format(content, uses);
    judge.problem
}

/// `40 bytes`
pub(crate) fn bytes(length: u64) -> String {
    if length == 1 {
        "1 byte".to_owned()
    } else {
        format!("{length} bytes")
    }
}

struct Judge<'j, 'a> {
    context: &'j mut JudgeContext<'a>,
    secret: &'j Secret,
    problem: Option<(ServerStatus, String)>,
}

impl Judge<'_, '_> {
    fn add(&mut self, check: Check, what: &str, severity: Option<Severity>) {
        let message = format!("{} {what}", shown(&self.secret.path));
        let details = Details {
            secret: Some(&self.secret.name),
            help: Some(fix::edit(self.secret)),
            severity,
            ..Details::default()
        };
        self.context.add(check, &self.secret.path, message, details);
    }

    fn unusable(&mut self, check: Check, status: ServerStatus, what: &str) {
        self.add(check, what, None);
        self.problem
            .get_or_insert_with(|| (status, what.to_owned()));
    }

    fn shape(&mut self, content: &Content) {
        if content.examined < content.length {
            let what = format!(
                "is {} long: only the first {} were looked at",
                bytes(content.length),
                bytes(content.examined)
            );
            self.add(Check::ExaminedInPart, &what, None);
        }
        if content.byte_order_mark {
            self.add(
                Check::ByteOrderMark,
                "begins with a UTF-8 byte order mark",
                None,
            );
        }
        // The checks of lines and blanks are about values of one line; a key or a binary file is none.
        if !content.one_line {
            return;
        }
        if content.nul {
            self.add(Check::NulByte, "holds a NUL byte", None);
        }
        if content.carriage_return {
            self.add(
                Check::CarriageReturn,
                "has Windows line ends or a carriage return",
                None,
            );
        }
        if content.blanks_around {
            self.add(
                Check::BlanksAround,
                "has blanks before or after its value",
                None,
            );
        }
        match content.ending {
            Ending::Newline | Ending::CarriageReturnNewline => {
                self.add(Check::TrailingNewline, "ends in a line break", None);
            }
            Ending::Several => {
                self.add(Check::TrailingNewline, "ends in several line breaks", None)
            }
            Ending::None => {}
        }
    }

    fn usage(&mut self, content: &Content, usage: Use) {
        match usage {
            Use::EnvironmentFile if !content.assignments => {
                self.add(
                    Check::AssignmentExpected,
                    "is read as an environment file, but not all its lines are NAME=value",
                    None,
                );
            }
            Use::Variable if content.one_assignment => {
                self.add(
                    Check::AssignmentInValue,
                    "holds NAME=value, but is read as the plain value",
                    None,
                );
            }
            Use::PasswordHash if content.one_assignment => {
                self.add(
                    Check::AssignmentInValue,
                    "holds NAME=value, but is read as a password hash",
                    None,
                );
            }
            Use::PasswordHash => match content.password_hash {
                None => self.add(
                    Check::PasswordHash,
                    "is read as a password hash and is none (mkpasswd makes one)",
                    None,
                ),
                Some(PasswordHash::Weak) => {
                    self.add(
                        Check::WeakPasswordHash,
                        "is an MD5 or DES password hash",
                        None,
                    );
                }
                Some(PasswordHash::Strong | PasswordHash::Locked) => {}
            },
            _ => {}
        }
    }

    /// Only for a value that is one token: an environment file has its own shape.
    fn format(&mut self, content: &Content, uses: &[Use]) {
        let name = self.secret.path.file_name().and_then(|name| name.to_str());
        let provider = name
            .and_then(formats::provider_of_name)
            .or_else(|| formats::provider_of_name(&self.secret.name));
        let plain = content.one_line && !content.one_assignment;
        let Some(provider) = provider.filter(|_| plain && !uses.contains(&Use::EnvironmentFile))
        else {
            return;
        };
        let found = content.format.as_deref().and_then(formats::by_id);
        let near = content.begins_like.as_deref().and_then(formats::by_id);
        let length = bytes(content.length);
        let what = match (found, near) {
            (Some(format), _) if format.provider == provider => return,
            (Some(format), _) => format!(
                "is called like a {provider} token and has the form of one of {} (`{}…`, {length})",
                format.provider, format.prefix
            ),
            (None, Some(format)) if format.provider == provider => format!(
                "begins like a {provider} token (`{}…`), but its length or characters do not fit ({length})",
                format.prefix
            ),
            _ => format!(
                "is called like a {provider} token, but does not begin with {} ({length})",
                formats::prefixes_of(provider)
            ),
        };
        self.add(Check::ProviderFormat, &what, None);
    }
}
