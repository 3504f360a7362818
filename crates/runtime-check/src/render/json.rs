//! For programs: the format of `docs/schemas/runtime.schema.json`.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::escape::{Escaped, is_inert};
use crate::finding::Severity;
use crate::report::Report;

#[derive(Serialize)]
struct Document<'r> {
    schema: u32,
    host: Option<&'r str>,
    checked_as: &'r str,
    exit_code: u8,
    secrets: Vec<Secret<'r>>,
    servers: Vec<Server<'r>>,
    findings: Vec<Finding<'r>>,
    not_checked: Vec<NotChecked<'r>>,
    notes: &'r [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Secret<'r> {
    name: &'r str,
    manager: &'static str,
    user: Option<&'r str>,
    path: String,
    real_path: Option<String>,
    owner: Option<&'r str>,
    group: Option<&'r str>,
    mode: Option<String>,
    length: Option<u64>,
    file_system: Option<&'r str>,
    content_checked: bool,
    readers: Vec<Reader<'r>>,
}

#[derive(Serialize)]
struct Reader<'r> {
    user: &'r str,
    via: &'r str,
    readable: &'static str,
    reason: Option<&'r str>,
}

#[derive(Serialize)]
struct Server<'r> {
    user: &'r str,
    name: &'r str,
    secret: Option<&'r str>,
    path: Option<String>,
    status: &'static str,
    detail: Option<&'r str>,
    help: Option<&'r str>,
}

#[derive(Serialize)]
struct Finding<'r> {
    check: &'static str,
    severity: &'static str,
    secret: Option<&'r str>,
    user: Option<&'r str>,
    path: String,
    message: &'r str,
    help: Option<&'r str>,
}

#[derive(Serialize)]
struct NotChecked<'r> {
    what: &'r str,
    why: &'r str,
}

#[derive(Serialize)]
struct Summary {
    secrets: usize,
    readers: usize,
    servers: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    not_checked: usize,
}

/// The report as JSON with a line break at the end.
///
/// Names and paths are as they are, for programs; what a terminal would act on is written as
/// `\u…`, so that showing the text does no harm. A path that is not UTF-8 is escaped.
#[must_use]
pub fn json(report: &Report) -> String {
    let document = document(report);
    let mut bytes = Vec::new();
    let formatter = Inert(PrettyFormatter::with_indent(b"  "));
    let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
    // Writing to memory does not fail, and no map here has a key that is not a string.
    if document.serialize(&mut serializer).is_err() {
        return String::new();
    }
    bytes.push(b'\n');
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text(path: &Path) -> String {
    path.to_str()
        .map_or_else(|| Escaped::path(path).to_string(), str::to_owned)
}

fn document(report: &Report) -> Document<'_> {
    let secrets = report.secrets.iter().map(|secret| Secret {
        name: &secret.name,
        manager: secret.manager,
        user: secret.user.as_deref(),
        path: text(&secret.path),
        real_path: secret.real_path.as_deref().map(text),
        owner: secret.owner.as_deref(),
        group: secret.group.as_deref(),
        mode: secret.mode.map(|mode| format!("{mode:04o}")),
        length: secret.length,
        file_system: secret.file_system.as_deref(),
        content_checked: secret.content_checked,
        readers: secret
            .readers
            .iter()
            .map(|reader| Reader {
                user: &reader.user,
                via: reader.via.as_deref().unwrap_or_default(),
                readable: reader.readable.name(),
                reason: reader.reason.as_deref(),
            })
            .collect(),
    });
    let servers = report.servers.iter().map(|server| Server {
        user: &server.user,
        name: &server.name,
        secret: server.secret.as_deref(),
        path: server.path.as_deref().map(text),
        status: server.status.name(),
        detail: server.detail.as_deref(),
        help: server.help.as_deref(),
    });
    let findings = report.findings.iter().map(|finding| Finding {
        check: finding.check.name(),
        severity: finding.severity.name(),
        secret: finding.secret.as_deref(),
        user: finding.user.as_deref(),
        path: text(&finding.path),
        message: &finding.message,
        help: finding.help.as_deref(),
    });
    let not_checked = report.not_checked.iter().map(|missed| NotChecked {
        what: &missed.what,
        why: &missed.why,
    });
    Document {
        schema: 1,
        host: report.host.as_deref(),
        checked_as: &report.checked_as,
        exit_code: report.exit_code(),
        secrets: secrets.collect(),
        servers: servers.collect(),
        findings: findings.collect(),
        not_checked: not_checked.collect(),
        notes: &report.notes,
        summary: Summary {
            secrets: report.secrets.len(),
            readers: report
                .secrets
                .iter()
                .map(|secret| secret.readers.len())
                .sum(),
            servers: report.servers.len(),
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
            not_checked: report.not_checked.len(),
        },
    }
}

/// Writes strings so that no terminal acts on them; everything else as the pretty formatter does.
struct Inert<'i>(PrettyFormatter<'i>);

impl Formatter for Inert<'_> {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if is_inert(character) {
                write!(writer, "{character}")?;
            } else {
                let mut units = [0_u16; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
