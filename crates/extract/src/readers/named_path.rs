//! What the commands of a text do with a path that they name: open it, make it, link to it, or only name it.

use std::cell::OnceCell;

use crate::host_view::file_change::Changed;
use crate::readers::commands::{Asked, asks_to_read, program_of};
use crate::readers::comments::Comments;
use crate::search::managed_paths::is_whole;

/// Programs that make whatever they are given.
const MAKES_ALL: [&str; 5] = ["mkdir", "mkfifo", "tee", "touch", "truncate"];

/// Programs that make the last of the files that they are given.
const MAKES_LAST: [&str; 5] = ["cp", "install", "ln", "mv", "rsync"];

/// Programs that open none of the files that they are given: they need no right to read them.
const ONLY_NAMES: [&str; 21] = [
    "[",
    "[[",
    "basename",
    "chgrp",
    "chmod",
    "chown",
    "dirname",
    "echo",
    "find",
    "inotifywait",
    "logger",
    "ls",
    "printf",
    "readlink",
    "realpath",
    "rm",
    "setfacl",
    "stat",
    "test",
    "unlink",
    "wait4path",
];

/// Options after which a program is told where to write.
const OUTPUT_OPTIONS: [&str; 6] = [
    " -o",
    " of=",
    " --out",
    " --output",
    " --out=",
    " --output=",
];

/// How much of a line before a path is read, in bytes: no command is longer, and a line may name
/// thousands of paths.
const MAX_LINE: usize = 4 << 10;

/// A path in a text, by where the text has it: nothing here searches the whole text, of which each of many
/// paths asks.
pub(super) struct Named<'a> {
    text: &'a str,
    path: &'a str,
    /// The offsets, in bytes, of the path where it is in no comment, ascending and without overlaps.
    places: Vec<usize>,
    /// Whether comments alone have it.
    is_in_comments: bool,
    does: OnceCell<Does<'a>>,
}

/// What the commands that name a path do with it.
pub(super) struct Does<'a> {
    /// [`Named::changed`].
    pub(super) changed: Option<(&'a str, Changed)>,
    /// [`Named::is_only_named`].
    pub(super) is_only_named: bool,
    /// [`Named::opens_no_file_in_it`].
    pub(super) opens_no_file_in_it: bool,
    /// [`Named::is_made`].
    pub(super) is_made: bool,
    /// [`Named::is_mounted`].
    pub(super) is_mounted: bool,
    /// [`Named::is_linked`].
    pub(super) is_linked: bool,
    /// [`Named::is_asked_for`].
    pub(super) is_asked_for: bool,
}

impl<'a> Named<'a> {
    /// That path at those offsets of a text that has these comments.
    pub(super) fn at(
        text: &'a str,
        comments: &Comments,
        path: &'a str,
        mut places: Vec<usize>,
    ) -> Self {
        let mut end = 0;
        places.retain(|at| {
            let is_apart = *at >= end;
            if is_apart {
                end = at + path.len();
            }
            is_apart
        });
        let all = places.len();
        places.retain(|at| !comments.have(*at));
        Self {
            text,
            path,
            is_in_comments: places.is_empty() && all > 0,
            places,
            does: OnceCell::new(),
        }
    }

    /// The same, wherever the text has it.
    #[cfg(test)]
    fn find(text: &'a str, path: &'a str) -> Self {
        let places = text.match_indices(path).map(|(at, _)| at).collect();
        Self::at(text, &Comments::of(text), path, places)
    }

    /// What the commands do, looked through once however many secrets the path stands for.
    pub(super) fn does(&self) -> &Does<'a> {
        self.does.get_or_init(|| Does {
            changed: self.changed(),
            is_only_named: self.is_only_named(),
            opens_no_file_in_it: self.opens_no_file_in_it(),
            is_made: self.is_made(),
            is_mounted: self.is_mounted(),
            is_linked: self.is_linked(),
            is_asked_for: self.is_asked_for(),
        })
    }

    /// The offset, in bytes, of the first place.
    pub(super) fn first(&self) -> Option<usize> {
        self.places.first().copied()
    }

    fn before(&self, at: usize) -> &'a str {
        self.text.get(..at).unwrap_or_default()
    }

    /// The text before the first place, in its line.
    pub(super) fn line_before_first(&self) -> &'a str {
        line_before(self.before(self.first().unwrap_or_default()))
    }

    /// The words of the command that names the path, before it, for each place where the text does.
    fn commands(&self) -> impl Iterator<Item = Vec<&'a str>> {
        let places = self.places.iter().copied();
        let places = places.filter(|at| is_whole(self.text, *at, self.path.len()));
        places.map(|at| {
            let before = self.before(at);
            let line = line_before(before);
            let command = command_of(line);
            // The first word of a command that is longer than what is read of it may be half of one.
            let earlier = before.get(..before.len() - line.len()).unwrap_or_default();
            let is_cut =
                command.len() == line.len() && !earlier.is_empty() && !earlier.ends_with('\n');
            let mut words = command.split_whitespace();
            let first = words.next().map(|word| if is_cut { "" } else { word });
            first.into_iter().chain(words).collect()
        })
    }

    /// Whether every command that names the path does no more than that: it opens no file.
    fn is_only_named(&self) -> bool {
        let names = |words: Vec<&str>| {
            let program = program_of(&words);
            let is_such = program.is_some_and(|program| ONLY_NAMES.contains(&program));
            // The pattern of `find`, whose own name may be an interpolation.
            let word = words.last().map(|word| word.trim_matches(['"', '\'']));
            let is_redirected = word.is_some_and(|word| word.ends_with(['<', '>']));
            is_such && !is_redirected || matches!(word, Some("-path" | "-wholename"))
        };
        let mut commands = self.commands().peekable();
        self.is_in_comments || commands.peek().is_some() && commands.all(names)
    }

    /// What a command that names the path changes of the file: the program, and what of it.
    fn changed(&self) -> Option<(&'a str, Changed)> {
        self.commands().find_map(|words| {
            let mut programs = words.iter().filter_map(|word| word.rsplit('/').next());
            // `sudo chown …`, `${pkgs.coreutils}/bin/chown …`, `find … -exec chmod …`
            programs.find_map(|program| Some((program, Changed::by_program(program)?)))
        })
    }

    /// Whether every command that names the path, a directory's, opens no file in it.
    fn opens_no_file_in_it(&self) -> bool {
        let opens_none = |words: Vec<&str>| {
            let program = words.first().and_then(|word| word.rsplit('/').next());
            matches!(
                program,
                Some("[" | "[[" | "cd" | "mkdir" | "mount" | "test")
            )
        };
        let mut commands = self.commands().peekable();
        commands.peek().is_some() && commands.all(opens_none)
    }

    /// Whether a command of the text makes the file or directory at the path: `> PATH`, `mkdir PATH`, `cp x PATH`.
    fn is_made(&self) -> bool {
        let places = self.places.iter().copied();
        let mut places = places.filter(|at| is_whole(self.text, *at, self.path.len()));
        places.any(|at| {
            let line = line_before(self.before(at));
            let line = line.trim_end_matches(['"', '\'']).trim_end();
            if line.ends_with('>') || OUTPUT_OPTIONS.iter().any(|option| line.ends_with(option)) {
                return true;
            }
            let command = line.rsplit([';', '|', '&', '(', '`', '{']).next();
            let mut words = command.unwrap_or_default().split_whitespace();
            let program = words.find_map(|word| {
                let word = word.trim_matches(['"', '\'']);
                let program = word.rsplit('/').next()?;
                let makes_all = MAKES_ALL.contains(&program);
                (makes_all || MAKES_LAST.contains(&program)).then_some(makes_all)
            });
            match program {
                Some(true) => true,
                Some(false) => {
                    let is_operand = |word: &str| !word.starts_with('-') || word == "-d";
                    words.any(is_operand) && self.is_last_word(at)
                }
                None => false,
            }
        })
    }

    /// Whether the path at that place is the last word of its command.
    fn is_last_word(&self, at: usize) -> bool {
        let rest = self.text.get(at + self.path.len()..).unwrap_or_default();
        let rest = rest.trim_start_matches(['"', '\'']);
        let rest = rest.trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with(['\n', ';', '|', '&', ')', '}', '#'])
    }

    /// Whether each command that names the path mounts it in a container: `-v PATH:INSIDE`, `--volume=PATH:INSIDE`.
    fn is_mounted(&self) -> bool {
        let is_volume = |at: &usize| {
            let before = self
                .before(*at)
                .trim_end_matches(['"', '\'', '=', '\\', ' ', '\n']);
            let flag = before.split_whitespace().next_back();
            let after = self.text.get(at + self.path.len()..).unwrap_or_default();
            matches!(flag, Some("-v" | "--volume")) && after.starts_with(':')
        };
        !self.places.is_empty() && self.places.iter().all(is_volume)
    }

    /// The word after the path in the command that names it first.
    pub(super) fn next_word(&self) -> Option<&'a str> {
        let rest = self.text.get(self.places.first()? + self.path.len()..)?;
        let line = rest.lines().next()?.trim_start_matches(['"', '\'']);
        let is_apart = line.starts_with(char::is_whitespace);
        let word = line.split_whitespace().next().filter(|_| is_apart)?;
        let word = word.trim_matches(['"', '\'', ';']);
        (!word.starts_with('-')).then_some(word)
    }

    /// Whether each command that names the path makes a link to it: `ln -s`, `cp -s`.
    fn is_linked(&self) -> bool {
        let links = |words: Vec<&str>| {
            let mut words = words.into_iter();
            let program = words.find_map(|word| {
                let program = word.rsplit('/').next();
                program.filter(|it| matches!(*it, "ln" | "cp"))
            });
            match program {
                Some("cp") => words.any(|word| matches!(word, "-s" | "--symbolic-link")),
                program => program.is_some(),
            }
        };
        let mut commands = self.commands().peekable();
        commands.peek().is_some() && commands.all(links)
    }

    /// Whether a test asks whether the file at the path can be read: `[ -r PATH ]`.
    fn is_asked_for(&self) -> bool {
        self.places.iter().any(|at| asks_to_read(self.before(*at)))
    }

    /// Whether the script asks whether the file in a variable can be read that may hold the path.
    pub(super) fn is_asked_for_in_a_variable(&self, asked: &Asked) -> bool {
        let mut places = self.places.iter();
        !asked.is_empty() && places.any(|at| asked.may_be_for(line_before(self.before(*at))))
    }
}

/// The command in which a line ends.
fn command_of(line: &str) -> &str {
    // `&&` and `||` within `[[ … ]]` part no commands.
    let test = line.rfind("[[ ").and_then(|at| line.get(at..));
    let goes_on = |test: &&str| !["]]", "$(", "<(", "`"].iter().any(|end| test.contains(end));
    let command = test.filter(goes_on);
    command.unwrap_or_else(|| {
        let mut commands = line.rsplit([';', '|', '&', '(', '`', '{']);
        commands.next().unwrap_or_default()
    })
}

/// The end of a text from the beginning of its last line on; a line that ends in a backslash goes on. Of a
/// line that is longer than [`MAX_LINE`] the end.
fn line_before(text: &str) -> &str {
    let from = text.len().saturating_sub(MAX_LINE);
    let text = (from..text.len()).find_map(|at| text.get(at..));
    let text = text.unwrap_or_default();
    let mut breaks = text.rmatch_indices('\n').map(|(at, _)| at);
    let start = breaks.find(|at| {
        let line = text.get(..*at).unwrap_or_default();
        !line.ends_with('\\')
    });
    start.and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_opens_nothing() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        assert!(named(
            "import os\n    # not /run/secrets/x, which is root's\nKEY = 1"
        ));
        assert!(named("a();\n// see /run/secrets/x"));
        assert!(!named("# the key\nKEY = open(\"/run/secrets/x\")"));
        assert!(!named(
            "# /run/secrets/x\nKEY = open(\"/run/secrets/x\")\n# /run/secrets/x"
        ));
        assert!(!named("#!/bin/sh\nexec app /run/secrets/x # the key"));
    }

    #[test]
    fn only_the_end_of_a_long_line_is_read() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        let long = "ä".repeat(MAX_LINE);
        assert!(line_before(&long).len() <= MAX_LINE);
        assert_eq!(line_before("a\nb \\\nc"), "b \\\nc");
        let text = format!("{}; rm /run/secrets/x", "a ".repeat(MAX_LINE));
        assert!(named(&text));
        // What is left of a word that was cut is no program.
        let text = format!(
            "{}rm{}/run/secrets/x",
            "ä".repeat(9),
            " ".repeat(MAX_LINE - 2)
        );
        assert!(!named(&text));
    }

    #[test]
    fn a_command_that_links_to_a_path_does_not_open_it() {
        let linked = |text: &str| Named::find(text, "/run/secrets/x").is_linked();
        assert!(linked("mkdir y; ln -sf /run/secrets/x y"));
        assert!(linked("/bin/ln \\\n  --symbolic \\\n  /run/secrets/x y"));
        assert!(linked("cp -s /run/secrets/x y && ln -s /run/secrets/x z"));
        assert!(!linked("cp /run/secrets/x y"));
        assert!(!linked("ln -s /run/secrets/x y; cat /run/secrets/x"));
        assert!(!linked("ln -s a b\ncat /run/secrets/x"));
        assert!(!linked("ln -s a b && cat /run/secrets/x"));
        assert!(!linked("/run/secrets/x"));
    }

    #[test]
    fn a_command_that_makes_a_file() {
        let made = |text: &str| Named::find(text, "/run/secrets/x").is_made();
        for text in [
            "sops -d a | grep -v b > /run/secrets/x\nchmod 400 /run/secrets/x",
            ": > \"/run/secrets/x\"",
            "printf '%s' \"$K\" >>\"/run/secrets/x\"",
            "/bin/mkdir -p /run/secrets/x",
            "echo a | sudo tee -a /run/secrets/x >/dev/null",
            "install -m 0400 /dev/stdin /run/secrets/x",
            "cp \"$src\" /run/secrets/x && true",
            "ln -sfn /persist/x /run/secrets/x",
            "age -d -o /run/secrets/x a.age",
            "dd if=/dev/zero of=/run/secrets/x",
            "curl --output '/run/secrets/x' https://example.org",
        ] {
            assert!(made(text), "{text}");
        }
        for text in [
            "cat /run/secrets/x > /etc/y",
            "cp /run/secrets/x /etc/y",
            "ln -s /run/secrets/x",
            "chmod 400 /run/secrets/x",
            "app --token-file /run/secrets/x",
            "test -f /run/secrets/x",
            "install -m 0400 /run/secrets/x /etc/y",
            "cat < /run/secrets/x",
        ] {
            assert!(!made(text), "{text}");
        }
    }

    #[test]
    fn a_volume_is_opened_inside_the_container() {
        let mounted = |text: &str| Named::find(text, "/run/secrets/x").is_mounted();
        assert!(mounted(
            "docker run \\\n  --volume /run/secrets/x:/run/x:ro \\\n  image"
        ));
        assert!(mounted("podman run -v \"/run/secrets/x:/x\" image"));
        assert!(mounted("podman run --volume=/run/secrets/x:/x image"));
        assert!(!mounted("grep -v /run/secrets/x"));
        assert!(!mounted(
            "docker run -v /run/secrets/x:/x i; cat /run/secrets/x"
        ));
        assert!(!mounted("docker run --env-file /run/secrets/x i"));
    }

    #[test]
    fn a_command_that_only_names_a_path_does_not_open_it() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        assert!(named("/bin/wait4path /run/secrets/x; rm -f /run/secrets/x"));
        assert!(named(
            "chown a:b \"/run/secrets/x\" || true\nchmod 0400 /run/secrets/x"
        ));
        assert!(!named("chown a /run/secrets/x; cat /run/secrets/x"));
        assert!(named("echo \"no /run/secrets/x\" >&2"));
        assert!(named(" \\\n  /run -type f ! -path /run/secrets/x"));
        assert!(!named("echo $(cat /run/secrets/x)"));
        assert!(!named("echo x; cat /run/secrets/x"));
        assert!(!named("echo made > /run/secrets/x"));
        assert!(!named("printf '%s' \"$K\" >\"/run/secrets/x\""));
        assert!(!named("/run/secrets/x"));
    }

    #[test]
    fn places_that_overlap_are_one() {
        let text = "a/a/a/a /a/a";
        let known = Named::at(text, &Comments::of(text), "/a/a", vec![1, 3, 8]);
        assert_eq!(known.places, Named::find(text, "/a/a").places);
    }

    #[test]
    fn a_script_looks_whether_it_can_read() {
        let asks = |text: &str| Named::find(text, "/run/secrets/x").is_asked_for();
        assert!(asks("test -r /run/secrets/x && cat it"));
        assert!(asks("if [ ! -r \"/run/secrets/x\" ]; then exit; fi"));
        assert!(asks(
            "[[ -f /run/secrets/x && -r /run/secrets/x ]] && cat it"
        ));
        assert!(asks("[ -e /run/secrets/x -a -r /run/secrets/x ]"));
        assert!(!asks("jq -r . /run/secrets/x"));
        assert!(!asks("jq -r /run/secrets/x; cp -r /run/secrets/x y"));
        assert!(!asks("[[ -d y ]] && cp -r /run/secrets/x y"));
        assert!(!asks("test -d y; rm -r /run/secrets/x"));
    }

    #[test]
    fn a_script_looks_whether_it_can_read_a_variable() {
        let asks = |text: &str| {
            Named::find(text, "/run/secrets/x").is_asked_for_in_a_variable(&Asked::of(text))
        };
        for text in [
            "f=/run/secrets/x; if [ -r \"$f\" ]; then cat \"$f\"; fi",
            "local f=\"/run/secrets/x\"\ntest -r $f && cat $f",
            "for f in a /run/secrets/x; do [[ -r \"${f}\" ]] && cat $f; done",
            "for f in \\\n  /run/secrets/x \\\n  b; do [[ -f $f && -r $f ]] || exit; done",
            "f=\"${K:-/run/secrets/x}\"; [ ! -r \"$f\" ] && exit",
            "A=/run/secrets/x\nB=\"$A\"\n[ -r \"$B\" ] && cat $B",
            "all=(\n  /run/secrets/x\n)\nfor f in \"${all[@]}\"; do test -r \"$f\" && cat $f; done",
            "load() {\n  [ -r \"$1\" ] && cat \"$1\"\n}\nload /run/secrets/x",
            "load() {\n  f=\"$1\"\n  [ ! -r \"$f\" ] && return\n  cat \"$f\"\n}\nfor s in \"/run/secrets/x\"; do\n  if load \"$s\"; then break; fi\ndone",
            "load() {\n  local f=$2\n  [ -r \"$f\" ] && cat \"$f\"\n}\nload a /run/secrets/x",
        ] {
            assert!(asks(text), "{text}");
        }
        for text in [
            "f=/run/secrets/x; [ -f \"$f\" ] && cat \"$f\"",
            "rm -r \"$STATE\"; cat /run/secrets/x",
            "cat /run/secrets/x | jq -r \"$Q\"",
            "[ -r \"$other\" ] && echo; cat /run/secrets/x",
            "f=/run/secrets/x; g=y; [ -r \"$g\" ]; cat $f",
        ] {
            assert!(!asks(text), "{text}");
        }
    }

    #[test]
    fn a_comment_may_follow_a_command() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        assert!(named("systemctl start b # reads /run/secrets/x"));
        assert!(named("#cat /run/secrets/x"));
        assert!(!named("#include \"/run/secrets/x\""));
        assert!(!named("#!/run/secrets/x"));
        assert!(!named("a 'it #1 # no' \" # /run/secrets/x\""));
        assert!(!named("curl host#a /run/secrets/x"));
    }

    #[test]
    fn a_test_opens_nothing() {
        let named = |text: &str| Named::find(text, "/run/secrets/x").is_only_named();
        for text in [
            "test -e /run/secrets/x || echo missing",
            "if [ -e \"/run/secrets/x\" ]; then echo; fi",
            "while [ ! -e /run/secrets/x ]; do sleep 1; done",
            "until test -s /run/secrets/x; do sleep 1; done",
            "[[ -s /run/secrets/x ]] && echo ok",
            "[[ -f a && -s /run/secrets/x ]] && echo ok",
            "if ! /bin/test -f /run/secrets/x; then exit 1; fi",
            "-/bin/test -e /run/secrets/x",
            "/bin/sh -c 'test -e /run/secrets/x'",
            "x=$(readlink -f /run/secrets/x)",
            "install -d $(dirname /run/secrets/x)",
            "d=\"$(basename \"/run/secrets/x\")\"",
            "time LC_ALL=C realpath /run/secrets/x",
            "logger \"see /run/secrets/x\"",
        ] {
            assert!(named(text), "{text}");
        }
        for text in [
            "test -e /run/secrets/x && cat /run/secrets/x",
            "[ -n \"$(cat /run/secrets/x)\" ]",
            "[ \"$(< /run/secrets/x)\" = a ]",
            "test -f y < /run/secrets/x",
            "for f in /run/secrets/x; do cat $f; done",
            "[ -f y ] && app /run/secrets/x",
        ] {
            assert!(!named(text), "{text}");
        }
    }
}
