//! How much is known of who reads the secrets of many projects.
//!
//!     cargo run --release -p mcp-lint-extract --example reader_share -- [-v] [--store STORE] [--nixpkgs PATH] DIRECTORY…
//!
//! Each directory is a project. STORE is as `NIX_STORE_DIR`: there the sources of inputs are. PATH is that of a nixpkgs.
//! A declaration counts once, with the best answer of all hosts that have it; a secret in templates has their readers.
//! `decided` are those of which a reader is decided, and those that nobody reads. `-v` lists the others.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use extract::{BuildOptions, InputOptions, build};
use inventory::{Answer, Host, Need, Secret, SecretKind};
use nix_syntax::source::Span;

/// How many causes are shown without `-v`.
const MOST: usize = 25;

/// Answers counted.
#[derive(Debug, Default, Clone)]
struct Count {
    answers: BTreeMap<&'static str, usize>,
}

impl Count {
    fn add(&mut self, answer: Answer) {
        *self.answers.entry(answer.name()).or_default() += 1;
    }

    fn extend(&mut self, other: &Self) {
        for (name, count) in &other.answers {
            *self.answers.entry(name).or_default() += count;
        }
    }

    fn of(&self, answer: Answer) -> usize {
        self.answers.get(answer.name()).copied().unwrap_or_default()
    }

    fn line(&self, title: &str) -> String {
        let all: usize = self.answers.values().sum();
        let decided = self.of(Answer::Decided) + self.of(Answer::Nobody);
        let tenths = (1000 * decided + all / 2)
            .checked_div(all)
            .unwrap_or_default();
        format!(
            "{title}: {decided} of {all} decided ({}.{} %): {} by readers, {} nobody; {} undecided, {} not found",
            tenths / 10,
            tenths % 10,
            self.of(Answer::Decided),
            self.of(Answer::Nobody),
            self.of(Answer::Undecided),
            self.of(Answer::NotFound)
        )
    }
}

#[derive(Debug, Default)]
struct Shares {
    declarations: Count,
    on_hosts: Count,
    /// By cause, the declarations that are not decided.
    causes: BTreeMap<String, usize>,
    /// The same of hosts x secrets.
    causes_on_hosts: BTreeMap<String, usize>,
    /// Those declarations, each with its cause.
    open: Vec<String>,
}

/// What would decide a declaration, and the line that says so.
struct Cause {
    words: String,
    at: Option<String>,
}

fn look(project: &Path, inputs: &InputOptions) -> Option<Shares> {
    let options = BuildOptions {
        paths: vec![project.to_owned()],
        inputs: inputs.clone(),
        ..BuildOptions::default()
    };
    let built = build(&options).ok()?;
    let inventory = &built.inventory;
    let mut shares = Shares::default();
    let mut best: BTreeMap<_, (Answer, Cause)> = BTreeMap::new();
    for host in inventory.hosts.iter().filter(|host| !host.is_module()) {
        for (index, secret) in host.secrets.iter().enumerate() {
            if secret.kind != SecretKind::Secret {
                continue;
            }
            let answer = secret.exposure.answer;
            shares.on_hosts.add(answer);
            let (words, at) = cause(host, index, secret);
            if is_open(answer) {
                *shares.causes_on_hosts.entry(words.clone()).or_default() += 1;
            }
            let at = at.and_then(|at| {
                let source = built.sources.get(at.file)?;
                let line = source.line_column(at.start).line;
                Some(format!("{}:{line}", source.path().display()))
            });
            let cause = Cause { words, at };
            let place = secret.declared_at.first();
            let place = place.map(|at| (at.file, at.start));
            let key = (secret.option_in_scope(), place);
            match best.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert((answer, cause));
                }
                Entry::Occupied(mut entry) if answer < entry.get().0 => {
                    entry.insert((answer, cause));
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    for ((key, _), (answer, cause)) in best {
        shares.declarations.add(answer);
        if is_open(answer) {
            let at = cause.at.as_deref().unwrap_or("-");
            shares.open.push(format!("{key}\t{}\t{at}", cause.words));
            *shares.causes.entry(cause.words).or_default() += 1;
        }
    }
    Some(shares)
}

fn is_open(answer: Answer) -> bool {
    matches!(answer, Answer::Undecided | Answer::NotFound)
}

/// Prints causes, the most frequent first.
fn print_causes(causes: BTreeMap<String, usize>, is_verbose: bool) {
    let mut causes: Vec<(String, usize)> = causes.into_iter().collect();
    causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let shown = if is_verbose { causes.len() } else { MOST };
    for (cause, count) in causes.iter().take(shown) {
        println!("{count:>6}  {cause}");
    }
}

/// What would decide a secret, in words that many have in common, and where it is written.
fn cause(host: &Host, index: usize, secret: &Secret) -> (String, Option<Span>) {
    if secret.exposure.answer == Answer::NotFound {
        let why = secret.exposure.may_be_read.as_ref();
        let words = why.map_or_else(|| "in templates".to_owned(), |why| why.reason.to_string());
        return (format!("not found: {words}"), why.and_then(|why| why.at));
    }
    let own = [index];
    let all = own.iter().chain(&secret.exposure.templates);
    let mut needs = all.flat_map(|index| {
        let readers = host.readers.iter();
        readers.filter(move |reader| reader.secret == Some(*index))
    });
    let need = needs.find_map(|reader| reader.needs.as_ref());
    match need {
        Some(Need::Input { name, .. }) => (format!("undecided: input {name}"), None),
        Some(Need::Reader { option }) => (format!("undecided: {option}"), None),
        Some(Need::Value(why)) => (format!("undecided: {}", why.reason), why.at),
        None => ("undecided: -".to_owned(), None),
    }
}

/// Takes the path that is given with a name.
fn take(arguments: &mut Vec<String>, name: &str) -> Option<PathBuf> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.remove(at);
    (at < arguments.len()).then(|| PathBuf::from(arguments.remove(at)))
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_verbose = arguments.iter().any(|argument| argument == "-v");
    arguments.retain(|argument| argument != "-v");
    let inputs = InputOptions {
        store: take(&mut arguments, "--store"),
        nixpkgs: take(&mut arguments, "--nixpkgs"),
        ..InputOptions::default()
    };
    if arguments.is_empty() {
        eprintln!("reader_share [-v] [--store STORE] [--nixpkgs PATH] DIRECTORY…");
        return ExitCode::FAILURE;
    }
    let mut all = Shares::default();
    let mut projects = 0;
    for project in arguments.iter().map(PathBuf::from) {
        let Some(shares) = look(&project, &inputs) else {
            eprintln!("{}: nothing to look at", project.display());
            continue;
        };
        if shares.declarations.answers.is_empty() {
            continue;
        }
        projects += 1;
        if is_verbose {
            println!(
                "{}",
                shares.declarations.line(&project.display().to_string())
            );
            for open in &shares.open {
                println!("\t{open}");
            }
        }
        all.declarations.extend(&shares.declarations);
        all.on_hosts.extend(&shares.on_hosts);
        for (cause, count) in shares.causes {
            *all.causes.entry(cause).or_default() += count;
        }
        for (cause, count) in shares.causes_on_hosts {
            *all.causes_on_hosts.entry(cause).or_default() += count;
        }
    }
    println!("{projects} projects with secrets on hosts");
    println!("{}", all.declarations.line("declarations"));
    print_causes(all.causes, is_verbose);
    println!("{}", all.on_hosts.line("hosts x secrets"));
    print_causes(all.causes_on_hosts, is_verbose);
    ExitCode::SUCCESS
}
