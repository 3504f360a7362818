//! How a text refers to an environment variable, a file or a command.

/// A way to write a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// `$NAME`
    Dollar,
    /// `${NAME}`
    Braced,
    /// `${NAME:-default}`
    BracedDefault,
    /// `${env:NAME}`
    BracedEnv,
    /// `${input:NAME}`
    Input,
    /// `{env:NAME}`
    Env,
    /// `{file:PATH}`
    File,
    /// `${file:PATH}`
    BracedFile,
    /// `$(COMMAND)`
    Command,
    /// A command between backquotes.
    Backquotes,
    /// `!COMMAND`, as a whole text.
    Bang,
    /// `os.environ/NAME`, as a whole text.
    OsEnviron,
    /// `env.NAME`, as a whole text.
    EnvDot,
}

impl Syntax {
    /// The syntax, with `NAME`, `PATH` or `COMMAND`.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Dollar => "$NAME",
            Self::Braced => "${NAME}",
            Self::BracedDefault => "${NAME:-default}",
            Self::BracedEnv => "${env:NAME}",
            Self::Input => "${input:NAME}",
            Self::Env => "{env:NAME}",
            Self::File => "{file:PATH}",
            Self::BracedFile => "${file:PATH}",
            Self::Command => "$(COMMAND)",
            Self::Backquotes => "`COMMAND`",
            Self::Bang => "!COMMAND",
            Self::OsEnviron => "os.environ/NAME",
            Self::EnvDot => "env.NAME",
        }
    }

    /// A reference to this variable, file or command.
    #[must_use]
    pub fn write(self, to: &str) -> String {
        let shown = self.shown();
        let of = ["NAME", "PATH", "COMMAND"]
            .into_iter()
            .find(|it| shown.contains(it));
        of.map_or_else(String::new, |of| shown.replacen(of, to, 1))
    }

    /// Whether it names a variable of the environment.
    #[must_use]
    pub const fn is_of_variables(self) -> bool {
        !matches!(
            self,
            Self::File
                | Self::BracedFile
                | Self::Command
                | Self::Backquotes
                | Self::Bang
                | Self::Input
        )
    }

    /// Whether it runs a command.
    #[must_use]
    pub const fn is_of_commands(self) -> bool {
        matches!(self, Self::Command | Self::Backquotes)
    }

    /// Whether a shell expands it.
    #[must_use]
    pub const fn is_of_shells(self) -> bool {
        matches!(
            self,
            Self::Dollar | Self::Braced | Self::BracedDefault | Self::Command | Self::Backquotes
        )
    }
}

/// A reference in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariableReference<'a> {
    /// How it is written.
    pub syntax: Syntax,
    /// The variable, path or command.
    pub name: &'a str,
    /// Its offset, in bytes.
    pub start: usize,
    /// Its length, in bytes.
    pub length: usize,
}

/// The references in a text, in their order.
#[derive(Debug, Clone)]
pub struct References<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> References<'a> {
    /// Those in this text.
    #[must_use]
    pub const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for References<'a> {
    type Item = VariableReference<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == 0
            && let Some((syntax, name)) = whole(self.text)
        {
            self.at = self.text.len();
            return Some(VariableReference {
                syntax,
                name,
                start: 0,
                length: self.text.len(),
            });
        }
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + rest.find(['$', '{', '`'])?;
            let rest = self.text.get(start..)?;
            if let Some((syntax, name, length)) = at_start(rest) {
                self.at = start + length;
                return Some(VariableReference {
                    syntax,
                    name,
                    start,
                    length,
                });
            }
            self.at = start + 1;
        }
    }
}

/// A text that is a reference as a whole.
fn whole(text: &str) -> Option<(Syntax, &str)> {
    if let Some(command) = text.strip_prefix('!') {
        let begins = command
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric() || "/~".contains(c));
        return (begins && command.contains(' ')).then_some((Syntax::Bang, command));
    }
    let of = |prefix, syntax| {
        let name: &str = text.strip_prefix(prefix)?;
        is_name(name).then_some((syntax, name))
    };
    of("os.environ/", Syntax::OsEnviron).or_else(|| {
        of("env.", Syntax::EnvDot).filter(|(_, name)| name.bytes().all(|b| !b.is_ascii_lowercase()))
    })
}

fn at_start(text: &str) -> Option<(Syntax, &str, usize)> {
    let closed = |prefix: &str, end: char| {
        let inner = text.strip_prefix(prefix)?;
        let inner = inner.get(..inner.find(end)?)?;
        Some((inner, prefix.len() + inner.len() + end.len_utf8()))
    };
    if let Some((name, length)) = closed("{env:", '}') {
        return Some((Syntax::Env, name, length));
    }
    if text.starts_with("{file:") {
        let (path, length) = file(text)?;
        return Some((Syntax::File, path, length));
    }
    if let Some((inner, length)) = closed("`", '`') {
        // A pair of them marks up code as well: a command has a word and what it is given.
        return inner.trim().contains(char::is_whitespace).then_some((
            Syntax::Backquotes,
            inner,
            length,
        ));
    }
    if text.starts_with("$(") {
        let length = command(text)?;
        return Some((Syntax::Command, text.get(2..length - 1)?, length));
    }
    if let Some((inner, length)) = closed("${", '}') {
        if let Some(name) = inner.strip_prefix("env:") {
            return Some((Syntax::BracedEnv, name, length));
        }
        if let Some(path) = inner.strip_prefix("file:") {
            return Some((Syntax::BracedFile, path, length));
        }
        if let Some(name) = inner.strip_prefix("input:") {
            return Some((Syntax::Input, name, length));
        }
        if let Some((name, _)) = inner.split_once(":-") {
            return is_name(name).then_some((Syntax::BracedDefault, name, length));
        }
        return is_name(inner).then_some((Syntax::Braced, inner, length));
    }
    let name = text.strip_prefix('$')?;
    let end = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(name.len());
    let name = name.get(..end)?;
    is_name(name).then_some((Syntax::Dollar, name, 1 + end))
}

/// `{file:PATH}`, where the path may hold `${…}`.
fn file(text: &str) -> Option<(&str, usize)> {
    const PREFIX: usize = "{file:".len();
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return Some((text.get(PREFIX..at)?, at + 1)),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The length of `$(…)`, with the parentheses in it.
fn command(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a shell can have a variable of that name.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let begins = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    begins && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Syntax, &str)> {
        References::of(text)
            .map(|it| (it.syntax, it.name))
            .collect()
    }

    #[test]
    fn every_syntax_is_told_from_the_others() {
        let text =
            "$A ${B} ${C:-d} ${env:D} ${input:e} {env:F} {file:/g} ${file:/i} $(cat $(h)) `cat /j`";
        let expected = [
            (Syntax::Dollar, "A"),
            (Syntax::Braced, "B"),
            (Syntax::BracedDefault, "C"),
            (Syntax::BracedEnv, "D"),
            (Syntax::Input, "e"),
            (Syntax::Env, "F"),
            (Syntax::File, "/g"),
            (Syntax::BracedFile, "/i"),
            (Syntax::Command, "cat $(h)"),
            (Syntax::Backquotes, "cat /j"),
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("!cat /run/x"), [(Syntax::Bang, "cat /run/x")]);
        assert_eq!(found("os.environ/KEY"), [(Syntax::OsEnviron, "KEY")]);
        assert_eq!(found("env.KEY"), [(Syntax::EnvDot, "KEY")]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "",
            "$",
            "$1",
            "${}",
            "{x}",
            "{ env: A }",
            "cost $5",
            "!important",
            "env.example.org",
            "$(",
            "{file:",
            "`x`",
            "`",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_path_may_hold_a_variable() {
        assert_eq!(
            found("{file:${XDG_RUNTIME_DIR}/agenix/x}"),
            [(Syntax::File, "${XDG_RUNTIME_DIR}/agenix/x")]
        );
    }
}
