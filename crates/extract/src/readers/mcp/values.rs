//! The values that a module hands to an MCP server, as far as they have to do with secrets. Of a text that
//! may be a secret itself nothing but its length is kept.

use std::path::Path;

use nix_eval::Evaluator;
use nix_eval::value::{Entry, ExternalId, Hole, StringId, StringPart, Thunk, Value};
use nix_syntax::source::Span;
use secret_files::{plausible_secret, scan};

use super::command_line::CommandLine;
use super::script::{printed_by_commands, script_text};
use crate::host_view::HostView;
use crate::host_view::secret_paths::StandsFor;
use crate::managers::MANAGERS;
use crate::references::shell::ShellText;
use crate::repository::credential_text::{confidence_of, is_credential, without_scheme};
use crate::search::holes::{HOLE, with_holes};
use crate::search::narrow_span::{narrow_to_text, placeholders, selections};
use crate::values::{Options, is_users, items, unknown, written};
use inventory::mcp_modules::{FileSet, McpModule, Place, References, Syntax};
use inventory::model::{Form, Reason, Secret, ServerValue, Unknown, ValueKind};

/// How deep the values of a server are searched, in sets and lists: settings of clients have no more.
const MAX_DEPTH: usize = 8;

/// Finds the values of a server, which `names` lead to.
pub(super) fn values(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    module: &'static McpModule,
    user: Option<&str>,
    (names, entry): (&[String], Entry),
) -> Vec<ServerValue> {
    values_in(evaluator, view, (module, None), user, (names, entry))
}

/// The same for a server in a file that is written at a place.
pub(super) fn values_in(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    (module, file): (&'static McpModule, Option<Span>),
    user: Option<&str>,
    (names, entry): (&[String], Entry),
) -> Vec<ServerValue> {
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return Vec::new();
    };
    let mut search = Search {
        view,
        module,
        file,
        user,
        option: names.to_vec(),
        own: names.len(),
        flag: None,
        is_printed: false,
        command_line: CommandLine::of(evaluator, module, set),
        found: Vec::new(),
    };
    let at = written(evaluator, entry).at;
    for (name, entry) in (Options { set }).entries(evaluator) {
        search.entry(evaluator, &name, entry, at, 0);
    }
    search.found
}

struct Search<'a> {
    view: &'a HostView<'a>,
    module: &'static McpModule,
    /// The text of the file, whose values have no places of their own; `None` if it is no text.
    file: Option<Span>,
    user: Option<&'a str>,
    /// The names that lead to the value.
    option: Vec<String>,
    /// How many of them lead to the server.
    own: usize,
    /// The argument before: `--api-key`.
    flag: Option<String>,
    /// Whether the command of a password prints the file that follows.
    is_printed: bool,
    command_line: CommandLine,
    found: Vec<ServerValue>,
}

impl Search<'_> {
    fn entry(
        &mut self,
        evaluator: &mut Evaluator,
        name: &str,
        entry: Entry,
        above: Option<Span>,
        depth: usize,
    ) {
        if entry.maybe.is_some() {
            return;
        }
        self.option.push(name.to_owned());
        // Evaluating is what says which definition wins.
        let _ = evaluator.force(entry.value);
        let at = written(evaluator, entry).at.or(above);
        self.value(evaluator, entry.value, at, depth + 1);
        self.option.pop();
    }

    fn value(&mut self, evaluator: &mut Evaluator, thunk: Thunk, at: Option<Span>, depth: usize) {
        let below = self.option.get(self.own..).unwrap_or_default();
        let Some((place, key)) = self.module.place(below) else {
            return;
        };
        let key = key.to_owned();
        if depth > MAX_DEPTH {
            return;
        }
        match evaluator.force(thunk) {
            Ok(Value::String(id)) => {
                self.scripts(evaluator, id, at);
                let text = with_holes(evaluator.string_parts(id)).into_owned();
                self.text(evaluator, &text, place, &key, at);
            }
            Ok(Value::External(external)) if place == Place::Command => {
                self.script(evaluator, external, at);
            }
            Ok(Value::List(_)) => {
                self.flag = None;
                for (index, (item, maybe)) in items(evaluator, thunk).into_iter().enumerate() {
                    if maybe.is_some() {
                        self.flag = None;
                        continue;
                    }
                    let own = evaluator.origin_span(item).filter(|at| is_users(*at));
                    self.item(evaluator, item, (index, place), own.or(at), depth);
                }
                self.flag = None;
            }
            Ok(Value::Attrs(set)) => {
                let options = Options { set };
                if let Some(secret) = self.whole_secret(evaluator, options) {
                    self.add(place, &key, at, ValueKind::SecretSet { secret });
                } else if let Some((file, own)) = self.file(evaluator, options, place) {
                    self.add(place, &key, own.or(at), file);
                } else {
                    for (name, entry) in options.entries(evaluator) {
                        self.entry(evaluator, &name, entry, at, depth);
                    }
                }
            }
            Err(why) => {
                let why = unknown(evaluator, why);
                // Where evaluation fails, whatever it is of, there is no server.
                if is_of_a_secret(place, &key) || is_error(&why) {
                    self.add(place, &key, at, ValueKind::Unknown { why });
                }
            }
            _ => {}
        }
    }

    fn item(
        &mut self,
        evaluator: &mut Evaluator,
        item: Thunk,
        (index, place): (usize, Place),
        at: Option<Span>,
        depth: usize,
    ) {
        let value = evaluator.force(item);
        let Ok(Value::String(id)) = value else {
            self.flag = None;
            self.value(evaluator, item, at, depth + 1);
            return;
        };
        if index == 0 && place == Place::Argument {
            self.scripts(evaluator, id, at);
        }
        let text = with_holes(evaluator.string_parts(id)).into_owned();
        if place == Place::PasswordCommand && index == 0 {
            let key = self.option.last().cloned().unwrap_or_default();
            self.is_printed = prints_a_file(&text);
            let what = match self.secret_at(&text) {
                Some(secret) => ValueKind::RunsSecret { secret },
                None if self.is_printed => return,
                None => {
                    let program = text.rsplit('/').next().unwrap_or_default();
                    let shown = if is_secret_text(program) {
                        "…"
                    } else {
                        program
                    };
                    let why = format!("what the command {} prints", shown.replace(HOLE, "…"));
                    ValueKind::Unknown {
                        why: Unknown::because(why),
                    }
                }
            };
            self.add(place, &key, at, what);
            return;
        }
        let flag = match place {
            Place::PasswordCommand => self.option.last().cloned(),
            _ => self.flag.clone(),
        };
        let option = self.option.last().map_or("", String::as_str);
        if place == Place::Argument && self.command_line.is_shell_text(option, index) {
            self.shell_text(&text, at);
        } else {
            self.text(evaluator, &text, place, &flag.unwrap_or_default(), at);
        }
        self.flag = text
            .strip_prefix('-')
            .map(|rest| rest.trim_start_matches('-').to_owned());
    }

    /// The secret whose own set of options this is.
    fn whole_secret(&self, evaluator: &mut Evaluator, options: Options) -> Option<usize> {
        options.entry(evaluator, "mode")?;
        let path = options.text(evaluator, "path");
        self.secret_at(path.known()?)
    }

    /// `{ file = …; }`
    fn file(
        &self,
        evaluator: &mut Evaluator,
        options: Options,
        place: Place,
    ) -> Option<(ValueKind, Option<Span>)> {
        if !matches!(place, Place::Variable | Place::Header) {
            return None;
        }
        let _ = options.entry(evaluator, "file")?;
        let file = options.text(evaluator, "file");
        let (path, at) = (file.known().cloned(), file.at);
        let is_read = self.module.files == FileSet::Wrapped;
        if let Some(path) = path
            .as_deref()
            .filter(|_| is_read && place == Place::Variable)
            && let Some((_, _, secret)) = self.shell_texts(path).into_iter().next()
        {
            let what = ValueKind::ShellPath {
                secret,
                syntax: syntax_of_shell(path),
                is_whole: true,
                is_opened: true,
            };
            return Some((what, at));
        }
        let secret = path.as_deref().and_then(|path| self.secret_at(path));
        let path = path.filter(|path| !is_secret_text(path));
        Some((ValueKind::FileSet { secret, path }, at))
    }

    fn secret_at(&self, path: &str) -> Option<usize> {
        path.starts_with('/')
            .then(|| self.view.secret_at(path, self.user))?
    }

    /// What the scripts take from commands whose paths are in the text of a command.
    fn scripts(&mut self, evaluator: &mut Evaluator, text: StringId, at: Option<Span>) {
        for part in evaluator.string_parts(text).parts() {
            if let StringPart::Hole(Hole::External(external)) = part {
                self.script(evaluator, external, at);
            }
        }
    }

    fn script(&mut self, evaluator: &mut Evaluator, external: ExternalId, at: Option<Span>) {
        match script_text(evaluator, external) {
            Some(Ok(text)) => self.printed(&text, at),
            Some(Err(why)) => {
                let why = unknown(evaluator, why);
                if is_error(&why) {
                    self.add(Place::Command, "", at, ValueKind::Unknown { why });
                }
            }
            None => {}
        }
    }

    /// The credentials that a script takes from what commands print.
    fn printed(&mut self, script: &str, at: Option<Span>) {
        for (name, program) in printed_by_commands(script) {
            let why = Unknown::because(match program {
                Some(program) => format!("what the command {program} prints"),
                None => "what a command prints".to_owned(),
            });
            self.add(Place::Command, name, at, ValueKind::Unknown { why });
        }
    }

    /// What the text of a shell reads, which that starts.
    fn shell_text(&mut self, text: &str, at: Option<Span>) {
        let place = Place::Argument;
        self.printed(text, at);
        let shell = ShellText::new(text);
        for found in self.view.secret_texts.find(text).secrets {
            let StandsFor::Path(path) = &found.text.stands_for else {
                continue;
            };
            let secret = self.view.secret_at(path, self.user);
            let secret = secret.unwrap_or(found.text.secret);
            let form = shell.form(found.whole, found.text.text.len());
            let is_argument = matches!(form, Form::Argument { .. });
            self.add(
                place,
                "",
                at,
                ValueKind::InShell {
                    secret,
                    is_argument,
                },
            );
        }
        for reference in References::of(text) {
            let (syntax, name) = (reference.syntax, reference.name);
            if !syntax.is_of_shells() {
                let to = name.replace(HOLE, "…");
                let secret = self.secret_in(name);
                self.add(place, "", at, ValueKind::Reference { syntax, to, secret });
            } else if syntax.is_of_variables()
                && !text.contains(&format!("{name}="))
                && !is_secret_text(name)
            {
                let name = name.to_owned();
                self.add(place, "", at, ValueKind::ShellVariable { name });
            }
        }
    }

    fn text(
        &mut self,
        evaluator: &Evaluator,
        text: &str,
        place: Place,
        key: &str,
        at: Option<Span>,
    ) {
        let own = at;
        let at = at.or_else(|| self.place_in_file(evaluator, text));
        let mut marks = { MANAGERS.iter() }.filter_map(|manager| manager.templates.as_ref());
        if marks.any(|templates| text.contains(templates.mark)) {
            self.add(place, key, at, ValueKind::Placeholder);
            return;
        }
        let opens_file = match place {
            Place::EnvironmentFile => true,
            Place::PasswordCommand => self.is_printed,
            _ => false,
        };
        let mut ranges = Vec::new();
        for (start, length, secret) in self.shell_texts(text) {
            ranges.push(start..start + length);
            let before = text.get(..start).unwrap_or_default();
            let after = text.get(start + length..).unwrap_or_default();
            let is_opened = place == Place::Variable && is_opened(evaluator, key);
            let is_whole = (before.is_empty() || is_scheme(before)) && after.is_empty();
            let what = ValueKind::ShellPath {
                secret,
                syntax: syntax_of_shell(text.get(start..).unwrap_or_default()),
                is_whole: is_whole && !is_opened,
                is_opened: is_whole && place == Place::EnvironmentFile,
            };
            self.add(place, key, at, what);
        }
        let is_in = |ranges: &[std::ops::Range<usize>], start: usize| {
            ranges.iter().any(|range| range.contains(&start))
        };
        for reference in References::of(text) {
            if is_in(&ranges, reference.start) {
                continue;
            }
            let secret = self.secret_in(reference.name);
            let to = if is_secret_text(reference.name) {
                "…"
            } else {
                reference.name
            };
            ranges.push(reference.start..reference.start + reference.length);
            let what = ValueKind::Reference {
                syntax: reference.syntax,
                to: to.replace(HOLE, "…"),
                secret,
            };
            self.add(place, key, at, what);
        }
        let matches = self.view.secret_texts.find(text).secrets;
        let mut paths = Vec::new();
        for found in matches {
            let (known, start) = (found.text, found.whole);
            if let StandsFor::Path(path) = &known.stands_for
                && !is_in(&ranges, start)
            {
                let before = text.get(..start).unwrap_or_default();
                let after = text.get(start + known.text.len()..).unwrap_or_default();
                let secret = self.view.secret_at(path, self.user).unwrap_or(known.secret);
                let is_printed = place == Place::PasswordCommand
                    && before.trim_end().rsplit('/').next() == Some("cat");
                let is_opened = place == Place::Variable && is_opened(evaluator, key);
                let is_whole = (before.is_empty() || is_printed) && after.is_empty() && !is_opened;
                let after_scheme = is_scheme(before) && after.is_empty();
                let assigned = before.strip_suffix('=').filter(|_| after.is_empty());
                let name = assigned.map(|name| name.trim_start_matches('-').to_owned());
                // No shell expands it: the program may do so itself, whatever the name says.
                let is_tilde = place == Place::Argument && known.text.starts_with('~');
                let name = if is_tilde { Some(String::new()) } else { name };
                paths.push((
                    name,
                    ValueKind::SecretPath {
                        secret,
                        is_whole: is_whole || after_scheme || assigned.is_some(),
                    },
                ));
            }
        }
        let has_none = ranges.is_empty() && paths.is_empty();
        if has_none && text.contains(HOLE) && is_of_a_secret(place, key) {
            let why = Unknown::because("a part of its value is not known".to_owned());
            self.add(place, key, at, ValueKind::Unknown { why });
        }
        for (name, what) in paths {
            self.add(place, name.as_deref().unwrap_or(key), at, what);
        }
        if has_none && text.starts_with('/') && opens_file && !text.contains(HOLE) {
            let path = text.to_owned();
            self.add(place, key, at, ValueKind::OpensFile { path });
        } else if has_none {
            self.literal(evaluator, text, place, key, own);
        }
    }

    /// A text that is a credential, by its shape or by the name under which it stands.
    fn literal(
        &mut self,
        evaluator: &Evaluator,
        text: &str,
        place: Place,
        key: &str,
        at: Option<Span>,
    ) {
        let value = credential_in(text, place, key);
        let Some((name, value)) = value.filter(|(_, value)| !value.contains(HOLE)) else {
            return;
        };
        let what = ValueKind::Literal {
            length: value.chars().count(),
            confidence: confidence_of(&value),
        };
        // The place where the text itself is written, which nothing may show.
        let in_file = || self.exact_place(evaluator, &value);
        let at = match at {
            None => in_file().or_else(|| written_out(evaluator, &value, at)),
            Some(_) => written_out(evaluator, &value, at),
        };
        self.add(place, &name, at, what);
    }

    /// Where a value is written in the text of the file; its first line if it is not found.
    fn place_in_file(&self, evaluator: &Evaluator, text: &str) -> Option<Span> {
        let file = self.file?;
        let mut written = vec![text.to_owned()];
        for found in self.view.secret_texts.find(text).secrets {
            let secret = self.view.secrets.get(found.text.secret);
            let attribute = secret.map_or("", |secret| secret.attribute.as_str());
            written.extend(match &found.text.stands_for {
                StandsFor::Path(_) => selections(attribute, "path", &found.text.text),
                StandsFor::Placeholder => placeholders(attribute),
            });
        }
        narrow_to_text(evaluator, Some(file), &written, "")
    }

    /// Where exactly a text is in the text of the file; `None` if it is not.
    fn exact_place(&self, evaluator: &Evaluator, text: &str) -> Option<Span> {
        let file = self.file?;
        let source = evaluator.sources.workspace().sources().get(file.file)?;
        let whole = source.text().get(file.start as usize..file.end as usize)?;
        let start = file.start + u32::try_from(whole.find(text)?).ok()?;
        let end = start + u32::try_from(text.len()).ok()?;
        Some(Span { start, end, ..file })
    }

    /// The secrets whose paths a shell would have to expand: offset, length, secret.
    fn shell_texts(&self, text: &str) -> Vec<(usize, usize, usize)> {
        let is_shell = |(_, secret): &(usize, &Secret)| secret.path_is_shell_text;
        let secrets = self.view.secrets.iter().enumerate().filter(is_shell);
        secrets
            .filter_map(|(index, secret)| {
                let path = secret.path.known().filter(|path| path.len() > 1)?;
                // Not the beginning of another one.
                let is_end = |start: &usize| {
                    let after = text.get(start + path.len()..).unwrap_or_default();
                    !after.starts_with(|next: char| {
                        next.is_ascii_alphanumeric() || "-_.".contains(next)
                    })
                };
                let mut starts = text.match_indices(path.as_str()).map(|(start, _)| start);
                Some((starts.find(is_end)?, path.len(), index))
            })
            .collect()
    }

    /// The secret whose path a text holds.
    fn secret_in(&self, text: &str) -> Option<usize> {
        let matches = self.view.secret_texts.find(text).secrets;
        matches
            .into_iter()
            .find_map(|found| match &found.text.stands_for {
                StandsFor::Path(path) => self.view.secret_at(path, self.user),
                StandsFor::Placeholder => None,
            })
    }

    fn add(&mut self, place: Place, key: &str, at: Option<Span>, what: ValueKind) {
        let key = if is_secret_text(key) { "" } else { key };
        self.found.push(ServerValue {
            server: self
                .option
                .get(self.own.saturating_sub(1))
                .cloned()
                .unwrap_or_default(),
            option: self.option.clone(),
            place,
            key: key.to_owned(),
            what,
            at,
        });
    }
}

/// Whether a text may be a secret, so that nothing may show it.
pub(super) fn is_secret_text(text: &str) -> bool {
    let may_be = || {
        plausible_secret(text)
            && secret_files::looks_random(text)
            && !text.contains('/')
            && !is_name_of_a_credential(text)
    };
    !scan(text).is_empty() || may_be()
}

/// `CONTEXT7_API_KEY`: words in capitals, the last of which says that the value is a credential.
fn is_name_of_a_credential(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    text.contains('_') && text.split('_').all(is_word) && secret_files::is_credential_name(text)
}

/// Whether the value of that name is a credential.
fn is_of_a_secret(place: Place, key: &str) -> bool {
    let is_named =
        secret_files::is_credential_name(key) || key.eq_ignore_ascii_case("authorization");
    match place {
        Place::Variable | Place::Header | Place::Argument | Place::Setting => is_named,
        Place::PasswordCommand | Place::EnvironmentFile => true,
        _ => false,
    }
}

/// Whether evaluation certainly fails.
fn is_error(why: &Unknown) -> bool {
    matches!(why.reason, Reason::Error(_)) && !why.reason.is_no_definition()
}

/// Whether the program of a password's command prints a file, which is among the readers.
fn prints_a_file(program: &str) -> bool {
    program.rsplit('/').next() == Some("cat")
}

/// How a shell's text is written that begins a path.
fn syntax_of_shell(text: &str) -> Syntax {
    if text.starts_with("$(") {
        Syntax::Command
    } else {
        Syntax::Braced
    }
}

/// `Bearer `, `token `
fn is_scheme(text: &str) -> bool {
    let word = text.trim_end();
    word.len() < text.len()
        && matches!(
            word.to_ascii_lowercase().as_str(),
            "bearer" | "basic" | "token"
        )
}

/// The name and value of a credential in a text.
fn credential_in(text: &str, place: Place, key: &str) -> Option<(String, String)> {
    let named = |name: &str, value: &str| {
        let value = without_scheme(value);
        is_credential(name, value).then(|| (name.to_owned(), value.to_owned()))
    };
    match place {
        Place::Variable | Place::Header | Place::Setting => named(key, text),
        Place::Argument => {
            let assigned = text.split_once('=').or_else(|| text.split_once(": "));
            let assigned =
                assigned.and_then(|(name, value)| named(name.trim_start_matches('-'), value));
            let after_flag = || (!text.starts_with('-')).then(|| named(key, text))?;
            assigned.or_else(|| in_query(text)).or_else(after_flag)
        }
        Place::Url => in_query(text),
        // A command that prints what is written into it.
        Place::PasswordCommand => {
            (secret_files::looks_random(text) && !text.contains('/')).then(|| named(key, text))?
        }
        Place::Command | Place::EnvironmentFile => None,
    }
}

/// `?apiKey=…` of a URL.
fn in_query(text: &str) -> Option<(String, String)> {
    let (address, query) = text.split_once('?')?;
    if !address.contains("://") {
        return None;
    }
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        is_credential(name, value).then(|| (name.to_owned(), value.to_owned()))
    })
}

/// Whether something in the project opens the file that a variable names.
fn is_opened(evaluator: &Evaluator, name: &str) -> bool {
    let project = evaluator.sources.workspace();
    let (plain, braced) = (format!("${name}"), format!("${{{name}"));
    let files = project.parsed_files();
    let mut of_project = files
        .iter()
        .filter(|file| file.path.starts_with(project.project_root()));
    of_project.any(|file| {
        let source = project.sources().get(file.id);
        source.is_some_and(|it| it.text().contains(&plain) || it.text().contains(&braced))
    })
}

/// Where a text is written out: in the value itself, else in the file that hands it over, else anywhere in
/// the project.
pub(super) fn written_out(evaluator: &Evaluator, text: &str, at: Option<Span>) -> Option<Span> {
    use nix_syntax::hir::Expr;
    let project = evaluator.sources.workspace();
    let mut files = project.parsed_files();
    files.retain(|file| file.path.starts_with(project.project_root()));
    files.sort_by_key(|file| Some(file.id) != at.map(|at| at.file));
    files.iter().find_map(|file| {
        let of_text = |expr: &Expr| match expr {
            Expr::String(id) => file
                .hir
                .strings
                .get(id.0 as usize)
                .is_some_and(|known| known.contains(text)),
            _ => false,
        };
        let places = file.hir.exprs.iter().zip(file.hir.spans.iter());
        let mut found = places
            .filter(|(expr, _)| of_text(expr))
            .map(|(_, span)| span.in_file(file.id));
        let inside =
            |span: &Span| at.is_some_and(|at| span.start >= at.start && span.end <= at.end);
        let all: Vec<Span> = found.by_ref().collect();
        all.iter()
            .find(|span| inside(span))
            .or_else(|| all.first())
            .copied()
    })
}

/// Where a path of the project is written as a path, which is copied to the store; `None` if it is nowhere.
pub(super) fn path_literal(evaluator: &Evaluator, path: &str) -> Option<Span> {
    use nix_syntax::hir::Expr;
    let project = evaluator.sources.workspace();
    let path = Path::new(path);
    if !path.starts_with(project.project_root()) {
        return None;
    }
    let mut files = project.parsed_files();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.iter().find_map(|file| {
        let directory = file.path.parent()?;
        let is_it = |expr: &Expr| match expr {
            Expr::Path(id) => {
                let text = file.hir.strings.get(id.0 as usize);
                text.is_some_and(|text| nix_source::normalise(&directory.join(text)) == path)
            }
            _ => false,
        };
        let mut places = file.hir.exprs.iter().zip(file.hir.spans.iter());
        let found = places.find(|(expr, _)| is_it(expr));
        found.map(|(_, span)| span.in_file(file.id))
    })
}
