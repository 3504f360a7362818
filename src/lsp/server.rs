//! The main thread: documents, projects, messages.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};

use extract::flake_above;
use gen_lsp_types::{
    Diagnostic, DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    PublishDiagnosticsParams,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::analyse::{self, Job, Outcome, Snapshot};
use super::capabilities::{self, Client};
use super::documents::Documents;
use super::requests::{Answers, View};
use super::transport::{self, Incoming};
use super::{diagnostics, uri};
use crate::cli::CheckArguments;
use crate::display::escape;

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
    for event in incoming {
        match event {
            Event::InputEnded => return Ok(End::Abrupt),
            Event::Analysed(outcome) => server.analysed(*outcome)?,
            Event::Incoming(Incoming::Malformed(code, why)) => {
                transport::write_error(&mut server.output, code, &why)?;
            }
            Event::Incoming(Incoming::Message(Message::Request(request))) => {
                server.request(request)?;
            }
            Event::Incoming(Incoming::Message(Message::Notification(notification))) => {
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
            // The only request that this server makes needs no answer.
            Event::Incoming(Incoming::Message(Message::Response(_))) => {}
        }
    }
    Ok(End::Abrupt)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Stopped,
}

/// A project that is analysed.
#[derive(Debug, Default)]
struct Project {
    /// The state that is being analysed, or was last.
    number: u64,
    cancelled: Arc<AtomicBool>,
    snapshot: Option<Snapshot>,
    /// The files that show findings.
    shown: BTreeSet<PathBuf>,
    /// Why it could not be analysed, as told last.
    told: Option<String>,
}

struct Server<W> {
    output: W,
    jobs: Sender<Job>,
    state: State,
    client: Client,
    documents: Documents,
    folders: Vec<PathBuf>,
    /// By directory; by file where it belongs to none.
    projects: BTreeMap<PathBuf, Project>,
    number: u64,
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
            number: 0,
        }
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
                for project in self.projects.values() {
                    project.cancelled.store(true, Ordering::Relaxed);
                }
                Ok(Value::Null)
            }
            (State::Running, method) => self.answer(method, params),
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

    fn answer(&self, method: &str, parameters: Value) -> Answer {
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
            "textDocument/hover" => value(answers.hover(&read(parameters)?)),
            "textDocument/definition" => value(answers.definition(&read(parameters)?)),
            "textDocument/references" => value(answers.references(&read(parameters)?)),
            "textDocument/completion" => value(answers.completion(&read(parameters)?)),
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
                self.analyse_where(|_, _| true);
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
            self.projects.entry(folder).or_default();
        }
        self.analyse_where(|_, _| true);
        Ok(())
    }

    fn opened(&mut self, parameters: DidOpenTextDocumentParams) -> io::Result<()> {
        let document = parameters.text_document;
        let Some(path) = uri::to_path(&document.uri) else {
            return Ok(());
        };
        self.documents
            .open(path.clone(), document.text, document.version);
        if path.extension().is_some_and(|extension| extension == "nix") {
            self.projects.entry(self.project_of(&path)).or_default();
        }
        self.analyse_projects_of(&path);
        Ok(())
    }

    fn changed(&mut self, parameters: DidChangeTextDocumentParams) -> io::Result<()> {
        let document = parameters.text_document;
        let Some(path) = uri::to_path(&document.text_document_identifier.uri) else {
            return Ok(());
        };
        let (changes, encoding) = (&parameters.content_changes, self.client.encoding);
        if self
            .documents
            .change(&path, document.version, changes, encoding)
        {
            self.analyse_projects_of(&path);
        }
        Ok(())
    }

    fn saved(&mut self, parameters: DidSaveTextDocumentParams) -> io::Result<()> {
        if let Some(path) = uri::to_path(&parameters.text_document.uri) {
            self.analyse_projects_of(&path);
        }
        Ok(())
    }

    fn closed(&mut self, parameters: DidCloseTextDocumentParams) -> io::Result<()> {
        let Some(path) = uri::to_path(&parameters.text_document.uri) else {
            return Ok(());
        };
        if self.documents.close(&path) {
            self.analyse_projects_of(&path);
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
            self.projects.entry(path.clone()).or_default();
            self.analyse(&path);
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

    /// Analyses the projects that a file belongs to.
    fn analyse_projects_of(&mut self, path: &Path) {
        self.analyse_where(|directory, project| {
            let reads = |snapshot: &Snapshot| snapshot.file(path).is_some();
            path.starts_with(directory) || project.snapshot.as_ref().is_some_and(reads)
        });
    }

    fn analyse_where(&mut self, wanted: impl Fn(&Path, &Project) -> bool) {
        let projects = self.projects.iter();
        let wanted: Vec<PathBuf> = projects
            .filter(|(path, project)| wanted(path, project))
            .map(|(path, _)| path.clone())
            .collect();
        for path in wanted {
            self.analyse(&path);
        }
    }

    /// Has the newest state of a project analysed, in place of an older one.
    fn analyse(&mut self, path: &Path) {
        let Some(project) = self.projects.get_mut(path) else {
            return;
        };
        project.cancelled.store(true, Ordering::Relaxed);
        self.number += 1;
        project.number = self.number;
        project.cancelled = Arc::default();
        let job = Job {
            project: path.to_owned(),
            number: self.number,
            texts: self.documents.texts(),
            cancelled: Arc::clone(&project.cancelled),
        };
        // Without the other thread there are no analyses, and answers from the last one.
        let _ = self.jobs.send(job);
    }

    /// An analysis has finished: its findings replace those of the one before.
    fn analysed(&mut self, outcome: Outcome) -> io::Result<()> {
        let Some(project) = self.projects.get_mut(&outcome.project) else {
            return Ok(());
        };
        if project.number != outcome.number {
            return Ok(());
        }
        let snapshot = match outcome.result {
            Ok(snapshot) => snapshot,
            Err(why) => {
                let is_news = project.told.as_ref() != Some(&why);
                project.told = Some(why.clone());
                return if is_news {
                    self.log(&escape(&why))
                } else {
                    Ok(())
                };
            }
        };
        let view = View::new(&self.documents, &self.client);
        let mut files = diagnostics::by_file(&view, &snapshot);
        // For what is open, that there is nothing is news as well: it is so for this version.
        let open = self.documents.paths();
        for path in open.filter(|path| snapshot.file(path).is_some()) {
            files.entry(path.to_owned()).or_default();
        }
        project.snapshot = Some(snapshot);
        project.told = None;
        let shown: BTreeSet<PathBuf> = files.keys().cloned().collect();
        for path in std::mem::replace(&mut project.shown, shown) {
            files.entry(path).or_default();
        }
        for (path, found) in files {
            self.publish(&path, found)?;
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
        for path in unused {
            if let Some(project) = self.projects.remove(&path) {
                project.cancelled.store(true, Ordering::Relaxed);
                for file in project.shown {
                    self.publish(&file, Vec::new())?;
                }
            }
        }
        Ok(())
    }

    fn publish(&mut self, path: &Path, diagnostics: Vec<Diagnostic>) -> io::Result<()> {
        let parameters = PublishDiagnosticsParams {
            uri: uri::of_path(path),
            version: self.documents.get(path).map(|document| document.version),
            diagnostics,
        };
        self.notify("textDocument/publishDiagnostics", &parameters)
    }

    /// Logs a warning in the editor.
    fn log(&mut self, message: &str) -> io::Result<()> {
        const WARNING: i32 = 2;
        let parameters = json!({ "type": WARNING, "message": message });
        self.notify("window/logMessage", &parameters)
    }

    fn notify(&mut self, method: &str, parameters: &impl Serialize) -> io::Result<()> {
        let params = serde_json::to_value(parameters).map_err(io::Error::other)?;
        let notification = Notification {
            method: method.to_owned(),
            params,
        };
        transport::write(&mut self.output, &Message::Notification(notification))
    }
}

/// The parameters of a request.
fn read<P: DeserializeOwned>(parameters: Value) -> Result<P, (ErrorCode, String)> {
    serde_json::from_value(parameters)
        .map_err(|error| (ErrorCode::InvalidParams, escape(&error.to_string())))
}

fn value(answer: impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
