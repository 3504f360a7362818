//! The main thread: documents, projects, messages.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

use extract::flake_above;
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::analyse::{self, Job, Outcome, Snapshot};
use super::capabilities::{self, Client};
use super::documents::Documents;
use super::progress::Progress;
use super::project::Project;
use super::publish::Shown;
use super::requests::Answers;
use super::transport::{self, Incoming};
use super::uri;
use super::view::View;
use crate::cli::check::CheckArguments;
use crate::display::{Known, escape};

/// The syntax of what is typed is told no more often than this.
const BETWEEN_GLANCES: Duration = Duration::from_millis(100);
/// So long an editor may keep the server from everything else with messages.
const LONGEST_BURST: Duration = Duration::from_millis(50);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The editor said `shutdown`, then `exit`.
    Orderly,
    /// The editor went away.
    Abrupt,
}

/// What the main thread waits for.
#[derive(Debug)]
enum Event {
    Incoming(Incoming),
    InputEnded,
    Analysed(Box<Outcome>),
}

/// Serves one editor over standard input and output.
///
/// # Errors
///
/// If standard output cannot be written.
pub(crate) fn serve(arguments: CheckArguments) -> io::Result<End> {
    let (events, incoming) = mpsc::channel();
    let (jobs, work) = mpsc::channel();
    let analysed = events.clone();
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(message)) = transport::read(&mut input) {
            if events.send(Event::Incoming(message)).is_err() {
                return;
            }
        }
        // The main thread may have ended already.
        let _ = events.send(Event::InputEnded);
    });
    std::thread::spawn(move || {
        analyse::work(&work, &arguments, |outcome| {
            analysed.send(Event::Analysed(Box::new(outcome))).is_ok()
        });
    });
    let mut server = Server::new(io::stdout().lock(), jobs);
    loop {
        match next(&incoming, &mut server)? {
            None | Some(Event::InputEnded) => return Ok(End::Abrupt),
            Some(Event::Analysed(outcome)) => server.analysed(*outcome)?,
            Some(Event::Incoming(Incoming::Malformed(code, why))) => {
                transport::write_error(&mut server.output, code, &why)?;
            }
            Some(Event::Incoming(Incoming::Message(Message::Request(request)))) => {
                server.request(request)?;
            }
            Some(Event::Incoming(Incoming::Message(Message::Notification(notification)))) => {
                if notification.method == "exit" {
                    let is_orderly = server.state == State::Stopped;
                    return Ok(if is_orderly {
                        End::Orderly
                    } else {
                        End::Abrupt
                    });
                }
                server.notification(notification)?;
            }
            Some(Event::Incoming(Incoming::Message(Message::Response(response)))) => {
                server.progress.answered(&response);
            }
        }
    }
}

/// What comes next; `None` if nothing can. What is due is done while nothing does.
fn next<W: Write>(events: &Receiver<Event>, server: &mut Server<W>) -> io::Result<Option<Event>> {
    loop {
        if server.looked_at.elapsed() < LONGEST_BURST {
            match events.try_recv() {
                Ok(event) => return Ok(Some(event)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {}
            }
        }
        let next = server.do_what_is_due()?;
        let wait = next.map(|next| next.saturating_duration_since(Instant::now()));
        let event = match wait {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(wait) => events.recv_timeout(wait),
        };
        match event {
            Ok(event) => return Ok(Some(event)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Stopped,
}

pub(super) struct Server<W> {
    output: W,
    jobs: Sender<Job>,
    state: State,
    pub(super) client: Client,
    pub(super) documents: Documents,
    folders: Vec<PathBuf>,
    /// By directory; by file where it belongs to none.
    pub(super) projects: BTreeMap<PathBuf, Project>,
    /// What the editor shows of each file.
    pub(super) shown: BTreeMap<PathBuf, Shown>,
    /// What changed since its syntax was told, and when that may be done again.
    glances: (BTreeSet<PathBuf>, Instant),
    progress: Progress,
    looked_at: Instant,
}

type Answer = Result<Value, (ErrorCode, String)>;

impl<W: Write> Server<W> {
    fn new(output: W, jobs: Sender<Job>) -> Self {
        Self {
            output,
            jobs,
            state: State::Waiting,
            client: Client::default(),
            documents: Documents::default(),
            folders: Vec::new(),
            projects: BTreeMap::new(),
            shown: BTreeMap::new(),
            glances: (BTreeSet::new(), Instant::now()),
            progress: Progress::default(),
            looked_at: Instant::now(),
        }
    }

    /// What time or a change has made due; gives when there is more, unless something happens before.
    fn do_what_is_due(&mut self) -> io::Result<Option<Instant>> {
        let now = Instant::now();
        self.looked_at = now;
        self.parse(now);
        let is_idle = self.projects.values().all(|it| it.running.is_none());
        let mut due: Vec<(Instant, PathBuf)> = { self.projects.iter() }
            .filter_map(|(directory, project)| Some((project.pace.due()?, directory.clone())))
            .collect();
        due.sort();
        if is_idle
            && self.state == State::Running
            && let Some((at, directory)) = due.first()
            && *at <= now
            && let Some(project) = self.projects.get_mut(directory)
        {
            let job = project.start(directory, self.documents.texts(), now);
            // Without the other thread there are no analyses, and answers from the last one.
            let _ = self.jobs.send(job);
        }
        let running = self.projects.values().find_map(|it| it.running.as_ref());
        let began = running.map(|running| running.began);
        for message in self.progress.messages(self.client.progress, began, now) {
            transport::write(&mut self.output, &message)?;
        }
        let (waiting, next) = &mut self.glances;
        if !waiting.is_empty() && *next <= now {
            let files = std::mem::take(waiting);
            *next = now + BETWEEN_GLANCES;
            self.publish(Some(&files))?;
        }
        let analysis = due.first().map(|(at, _)| *at);
        let glance = (!self.glances.0.is_empty()).then_some(self.glances.1);
        let next = [analysis.filter(|_| began.is_none()), glance];
        Ok(next
            .into_iter()
            .flatten()
            .chain(self.progress.due(began))
            .min())
    }

    /// Parses what was typed, and sees whether an analysis would see it.
    fn parse(&mut self, now: Instant) {
        let changed = self.documents.parse();
        if changed.is_empty() {
            return;
        }
        for (directory, project) in &mut self.projects {
            project.changed(directory, &self.documents, now);
        }
        self.glances.0.extend(changed);
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let refused = |why: &str| Err((ErrorCode::InvalidRequest, why.to_owned()));
        let answer = match (self.state, method.as_str()) {
            (State::Waiting, "initialize") => Ok(self.initialize(&params)),
            (State::Waiting, _) => Err((
                ErrorCode::ServerNotInitialized,
                "the first request must be `initialize`".to_owned(),
            )),
            (State::Stopped, _) => refused("the server was shut down"),
            (State::Running, "initialize") => refused("the server is initialized already"),
            (State::Running, "shutdown") => {
                self.state = State::Stopped;
                self.projects.values().for_each(Project::cancel);
                Ok(Value::Null)
            }
            (State::Running, method) => {
                let mut answer = self.answer(method, params);
                if let Ok(answer) = &mut answer
                    && SHOWN.contains(&method)
                {
                    let projects = self.projects.values();
                    for snapshot in projects.filter_map(|project| project.snapshot.as_ref()) {
                        conceal(answer, &snapshot.known);
                    }
                }
                answer
            }
        };
        let response = match answer {
            Ok(result) => Response {
                id,
                response_result: Ok(result),
            },
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        transport::write(&mut self.output, &Message::Response(response))
    }

    fn answer(&mut self, method: &str, parameters: Value) -> Answer {
        self.parse(Instant::now());
        let mut open = self.documents.iter();
        let is_settled = open.all(|(_, document)| document.is_sound())
            && self.projects.values().all(Project::is_settled);
        let mut snapshots: Vec<(&PathBuf, &Snapshot)> = self
            .projects
            .iter()
            .filter_map(|(path, project)| Some((path, project.snapshot.as_ref()?)))
            .collect();
        snapshots.sort_by_key(|(path, _)| std::cmp::Reverse(path.as_os_str().len()));
        let answers = Answers {
            view: View::new(&self.documents, &self.client),
            snapshots: snapshots.into_iter().map(|(_, found)| found).collect(),
        };
        match method {
            "textDocument/diagnostic" => value(self.document_report(&read(parameters)?)),
            "workspace/diagnostic" => value(self.workspace_report(&read(parameters)?)),
            "textDocument/hover" => value(answers.hover(&read(parameters)?)),
            "textDocument/definition" => value(answers.definition(&read(parameters)?)),
            "textDocument/references" => value(answers.references(&read(parameters)?)),
            "textDocument/completion" => value(answers.completion(&read(parameters)?)),
            "textDocument/inlayHint" => value(answers.hints(&read(parameters)?)),
            "textDocument/codeLens" => value(answers.lenses(&read(parameters)?)),
            "textDocument/prepareRename" | "textDocument/rename" if !is_settled => {
                let why = "the project is not analysed as it is now: try again in a moment";
                Err(failed(why.to_owned()))
            }
            "textDocument/prepareRename" => {
                value(answers.prepare_rename(&read(parameters)?).map_err(failed)?)
            }
            "textDocument/rename" => value(answers.rename(&read(parameters)?).map_err(failed)?),
            "workspace/symbol" => value(answers.symbols(&read(parameters)?)),
            "textDocument/codeAction" => value(answers.code_actions(&read(parameters)?)),
            _ => {
                let why = format!("there is no method `{}`", escape(method));
                Err((ErrorCode::MethodNotFound, why))
            }
        }
    }

    fn initialize(&mut self, parameters: &Value) -> Value {
        self.state = State::Running;
        self.client = Client::new(parameters);
        self.folders = capabilities::folders(parameters);
        serde_json::to_value(capabilities::server(&self.client)).unwrap_or_default()
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        if self.state != State::Running {
            return Ok(());
        }
        let Notification { method, params } = notification;
        let is_understood = match method.as_str() {
            "initialized" => self.initialized().map(|()| true),
            "textDocument/didOpen" => self.with(params, Self::opened),
            "textDocument/didChange" => self.with(params, Self::changed),
            "textDocument/didSave" => self.with(params, Self::saved),
            "textDocument/didClose" => self.with(params, Self::closed),
            "workspace/didChangeWorkspaceFolders" => self.with(params, Self::folders_changed),
            "workspace/didChangeWatchedFiles" => {
                self.force_where(|_, _| true);
                Ok(true)
            }
            _ => Ok(true),
        };
        if !is_understood? {
            let method = escape(&method);
            self.log(&format!(
                "`{method}` came with parameters that it does not have"
            ))?;
        }
        Ok(())
    }

    /// `false` if the parameters are not those of the notification.
    fn with<P: DeserializeOwned>(
        &mut self,
        parameters: Value,
        handle: impl FnOnce(&mut Self, P) -> io::Result<()>,
    ) -> io::Result<bool> {
        match serde_json::from_value(parameters) {
            Ok(parameters) => handle(self, parameters).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn initialized(&mut self) -> io::Result<()> {
        if self.client.watches_files {
            let glob = "**/*.{nix,lock,yaml,yml,json,env,ini,age,toml}";
            let registration = json!({ "registrations": [{
                "id": "files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": [{ "globPattern": glob }] },
            }] });
            let request = Request {
                id: RequestId::from("watch".to_owned()),
                method: "client/registerCapability".to_owned(),
                params: registration,
            };
            transport::write(&mut self.output, &Message::Request(request))?;
        }
        for folder in self.folders.clone() {
            self.add_project(folder);
        }
        Ok(())
    }

    /// A project that is not known yet waits for its first analysis.
    fn add_project(&mut self, directory: PathBuf) {
        let project = self.projects.entry(directory);
        project.or_insert_with(|| Project::new(Instant::now()));
    }

    fn opened(&mut self, parameters: DidOpenTextDocumentParams) -> io::Result<()> {
        let document = parameters.text_document;
        let Some(path) = uri::to_path(&document.uri) else {
            return Ok(());
        };
        self.documents
            .open(path.clone(), document.text, document.version);
        if path.extension().is_some_and(|extension| extension == "nix") {
            self.add_project(self.project_of(&path));
        }
        if let Some(document) = self.documents.get(&path) {
            for (directory, project) in &mut self.projects {
                project.opened(directory, &path, document);
            }
        }
        Ok(())
    }

    fn changed(&mut self, parameters: DidChangeTextDocumentParams) -> io::Result<()> {
        let document = parameters.text_document;
        let Some(path) = uri::to_path(&document.text_document_identifier.uri) else {
            return Ok(());
        };
        let (changes, encoding) = (&parameters.content_changes, self.client.encoding);
        self.documents
            .change(&path, document.version, changes, encoding);
        Ok(())
    }

    /// What else lies on the disk may have changed with it: not every editor watches files.
    fn saved(&mut self, parameters: DidSaveTextDocumentParams) -> io::Result<()> {
        if let Some(path) = uri::to_path(&parameters.text_document.uri) {
            self.force_where(|directory, project| project.concerns(directory, &path));
        }
        Ok(())
    }

    fn closed(&mut self, parameters: DidCloseTextDocumentParams) -> io::Result<()> {
        let Some(path) = uri::to_path(&parameters.text_document.uri) else {
            return Ok(());
        };
        self.parse(Instant::now());
        if let Some(document) = self.documents.close(&path) {
            for (directory, project) in &mut self.projects {
                project.closed(directory, &path, &document, Instant::now());
            }
            self.glances.0.insert(path);
        }
        self.leave_unused()
    }

    fn folders_changed(&mut self, parameters: DidChangeWorkspaceFoldersParams) -> io::Result<()> {
        for folder in &parameters.event.removed {
            let removed = uri::to_path(&folder.uri);
            self.folders.retain(|known| Some(known) != removed.as_ref());
        }
        for folder in &parameters.event.added {
            let Some(path) = uri::to_path(&folder.uri) else {
                continue;
            };
            self.add_project(path.clone());
            self.folders.push(path);
        }
        self.leave_unused()
    }

    /// The project that a Nix file belongs to: the nearest flake, else the folder that the editor has
    /// open, else the file alone.
    fn project_of(&self, file: &Path) -> PathBuf {
        if let Some(flake) = file.parent().and_then(flake_above) {
            return flake.to_owned();
        }
        let folders = self
            .folders
            .iter()
            .filter(|folder| file.starts_with(folder));
        folders
            .max_by_key(|folder| folder.as_os_str().len())
            .cloned()
            .unwrap_or_else(|| file.to_owned())
    }

    /// Something else than the open texts may have changed in these projects.
    fn force_where(&mut self, wanted: impl Fn(&Path, &Project) -> bool) {
        let now = Instant::now();
        for (directory, project) in &mut self.projects {
            if wanted(directory, project) {
                project.force(now);
            }
        }
    }

    /// An analysis has ended: its findings replace those of the one before.
    fn analysed(&mut self, outcome: Outcome) -> io::Result<()> {
        self.parse(Instant::now());
        let Some(project) = self.projects.get_mut(&outcome.project) else {
            return Ok(());
        };
        let is_cancelled = outcome.result.is_none();
        let (snapshot, why) = match outcome.result {
            Some(Ok(snapshot)) => (Some(snapshot), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        let is_news = why.is_some() && project.told != why;
        let is_found = snapshot.is_some();
        if !is_cancelled {
            project.told.clone_from(&why);
        }
        project.ended(snapshot, is_cancelled, outcome.cost, Instant::now());
        project.settle(&outcome.project, &self.documents);
        if let Some(why) = why.filter(|_| is_news) {
            return self.log(&escape(&why));
        }
        if is_found {
            self.publish(None)?;
            self.refresh()?;
        }
        Ok(())
    }

    /// Forgets projects that neither an open folder nor an open file belongs to.
    fn leave_unused(&mut self) -> io::Result<()> {
        let is_used = |path: &PathBuf| {
            let of_folder = self.folders.contains(path);
            of_folder || self.documents.paths().any(|file| file.starts_with(path))
        };
        let projects = self.projects.keys();
        let unused: Vec<PathBuf> = projects.filter(|path| !is_used(path)).cloned().collect();
        let is_less = !unused.is_empty();
        for path in unused {
            if let Some(project) = self.projects.remove(&path) {
                project.cancel();
            }
        }
        if is_less {
            self.publish(None)?;
        }
        Ok(())
    }

    /// Asks the editor to ask again for what depends on the last analysis.
    fn refresh(&mut self) -> io::Result<()> {
        for method in self.client.refreshed.clone() {
            let request = Request {
                id: RequestId::from(method.clone()),
                method,
                params: Value::Null,
            };
            transport::write(&mut self.output, &Message::Request(request))?;
        }
        Ok(())
    }

    /// Logs a warning in the editor.
    fn log(&mut self, message: &str) -> io::Result<()> {
        const WARNING: i32 = 2;
        let parameters = json!({ "type": WARNING, "message": message });
        self.notify("window/logMessage", &parameters)
    }

    pub(super) fn notify(&mut self, method: &str, parameters: &impl Serialize) -> io::Result<()> {
        let params = serde_json::to_value(parameters).map_err(io::Error::other)?;
        let notification = Notification {
            method: method.to_owned(),
            params,
        };
        transport::write(&mut self.output, &Message::Notification(notification))
    }
}

/// Requests whose answers are texts for people, in which a value of the evaluation may be.
const SHOWN: [&str; 5] = [
    "textDocument/hover",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/completion",
    "workspace/symbol",
];

/// Covers known credentials in every text of an answer.
fn conceal(answer: &mut Value, known: &Known) {
    match answer {
        Value::String(text) => known.conceal(text),
        Value::Array(items) => items.iter_mut().for_each(|item| conceal(item, known)),
        Value::Object(fields) => fields.values_mut().for_each(|field| conceal(field, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The parameters of a request.
fn read<P: DeserializeOwned>(parameters: Value) -> Result<P, (ErrorCode, String)> {
    serde_json::from_value(parameters)
        .map_err(|error| (ErrorCode::InvalidParams, escape(&error.to_string())))
}

/// What cannot be done, in words that people see.
const fn failed(why: String) -> (ErrorCode, String) {
    (ErrorCode::RequestFailed, why)
}

fn value(answer: impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
