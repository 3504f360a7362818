//! Colours. Everything is written with ANSI styles; the stream takes them out where they are not
//! wanted.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::{GeneralWriteResult, WriteStyle};

/// Yes, fine, there.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// No, not there.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Needs a look.
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();
/// A heading.
pub(crate) const STRONG: Style = Style::new().bold();
/// Less important.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A writer for codespan-reporting.
pub(crate) struct Styled<'a>(pub(crate) &'a mut dyn Write);

impl Write for Styled<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The colour of a severity.
const fn colour(severity: Severity) -> Style {
    match severity {
        Severity::Bug | Severity::Error => BAD,
        Severity::Warning => CAUTION,
        Severity::Note => GOOD,
        Severity::Help => AnsiColor::Cyan.on_default(),
    }
}

const BORDER: Style = AnsiColor::Blue.on_default();

impl Styled<'_> {
    fn set(&mut self, style: Style) -> GeneralWriteResult {
        write!(self.0, "{style}")
    }
}

impl WriteStyle for Styled<'_> {
    fn set_header(&mut self, severity: Severity) -> GeneralWriteResult {
        self.set(colour(severity).bold())
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.reset()?;
        self.set(STRONG)
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> GeneralWriteResult {
        self.set(match style {
            LabelStyle::Primary => colour(severity),
            LabelStyle::Secondary => BORDER,
        })
    }

    fn reset(&mut self) -> GeneralWriteResult {
        write!(self.0, "{}", anstyle::Reset)
    }
}
