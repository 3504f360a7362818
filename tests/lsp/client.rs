//! An editor, as far as the protocol goes.

use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// A machine that does many things at once is slow; one that hangs never comes.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    count: i32,
    /// Notifications that came while an answer was awaited.
    pub(crate) notifications: Vec<Value>,
}

impl Client {
    /// Starts the server and leaves the first message to the caller.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
            .arg("lsp")
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = server.stdin.take().unwrap();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            server,
            input,
            messages,
            count: 0,
            notifications: Vec::new(),
        }
    }

    /// Starts the server for a folder, as an editor that can everything.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let mut client = Self::start();
        let answer = client.request("initialize", initialize(folder, &["utf-16"]));
        assert_eq!(
            answer["result"]["capabilities"]["positionEncoding"],
            "utf-16"
        );
        client.notify("initialized", json!({}));
        client
    }

    /// Starts the server for a folder, as an editor with these capabilities.
    pub(crate) fn with_capabilities(folder: &Path, capabilities: &Value) -> Self {
        let mut client = Self::start();
        let mut parameters = initialize(folder, &["utf-16"]);
        parameters["capabilities"] = capabilities.clone();
        client.request("initialize", parameters);
        client.notify("initialized", json!({}));
        client
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        let method = method.to_owned();
        self.send(&Message::Notification(Notification { method, params }));
    }

    fn send(&mut self, message: &Message) {
        message.write(&mut self.input).unwrap();
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).unwrap();
        self.input.flush().unwrap();
    }

    /// The whole answer to a request.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.count += 1;
        let method = method.to_owned();
        let id = RequestId::from(self.count);
        self.send(&Message::Request(Request { id, method, params }));
        loop {
            let message = self.next();
            if message["id"] == self.count && message.get("method").is_none() {
                return message;
            }
            self.notifications.push(message);
        }
    }

    /// What a request gives.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.request(method, params);
        assert!(answer.get("error").is_none(), "{answer:#}");
        answer["result"].take()
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("the server says nothing")
    }

    /// The diagnostics of the next analysis that says something of this file.
    pub(crate) fn diagnostics(&mut self, file: &Path) -> Vec<Value> {
        self.published(file, |_| true)
    }

    /// The first diagnostics of this file from now on that are as wanted.
    pub(crate) fn published(
        &mut self,
        file: &Path,
        wanted: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let uri = uri(file);
        let mut earlier = std::mem::take(&mut self.notifications).into_iter();
        loop {
            let message = earlier.next().unwrap_or_else(|| self.next());
            let is_of_file = message["params"]["uri"] == uri.as_str();
            if message["method"] == "textDocument/publishDiagnostics" && is_of_file {
                let found = message["params"]["diagnostics"].as_array().unwrap().clone();
                if wanted(&found) {
                    self.notifications.extend(earlier);
                    return found;
                }
            }
        }
    }

    pub(crate) fn open(&mut self, file: &Path, text: &str) {
        let document = json!({ "uri": uri(file), "languageId": "nix", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn change(&mut self, file: &Path, version: i32, changes: Value) {
        let document = json!({ "uri": uri(file), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// Says goodbye; gives the exit code.
    pub(crate) fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        self.code()
    }

    /// Waits for the end of the server.
    pub(crate) fn code(self) -> i32 {
        let Self {
            mut server, input, ..
        } = self;
        drop(input);
        server.wait().unwrap().code().unwrap()
    }
}

/// A message as it is, also one without an id.
fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().unwrap(),
            None => break,
        }
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(output, &mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}

/// The parameters of an editor that has a folder open.
pub(crate) fn initialize(folder: &Path, encodings: &[&str]) -> Value {
    json!({
        "processId": null,
        "rootUri": null,
        "workspaceFolders": [{ "uri": uri(folder), "name": "project" }],
        "capabilities": {
            "general": { "positionEncodings": encodings },
            "textDocument": {
                "hover": { "contentFormat": ["markdown"] },
                "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
                "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true },
            },
        },
    })
}

/// The URI of a file whose path has nothing odd in it.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap())
}

/// The parameters of a request about a place.
pub(crate) fn at(file: &Path, (line, character): (u32, u32)) -> Value {
    json!({
        "textDocument": { "uri": uri(file) },
        "position": { "line": line, "character": character },
    })
}

/// Where some text is, in UTF-16 code units, `within` characters after its start.
pub(crate) fn place(text: &str, wanted: &str, within: usize) -> (u32, u32) {
    let offset = text.find(wanted).unwrap_or_else(|| panic!("no {wanted}")) + within;
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}
