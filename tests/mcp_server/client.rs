//! An agent, as far as the protocol goes: one JSON message on each line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// A machine that does many things at once is slow; one that hangs never comes.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Agent {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    count: i64,
}

impl Agent {
    /// Starts the server for a project, and says hello.
    pub(crate) fn start(project: &Path, arguments: &[&str]) -> Self {
        let mut agent = Self::unannounced(project, arguments);
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = agent.request("initialize", hello);
        assert_eq!(answer["result"]["serverInfo"]["name"], "mcp-lint");
        agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    /// Starts the server and leaves the first message to the caller.
    pub(crate) fn unannounced(project: &Path, arguments: &[&str]) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mcp-lint"))
            .arg("mcp")
            .args(arguments)
            .current_dir(project)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = server.stdin.take();
        let output = BufReader::new(server.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                let line = line.unwrap();
                let message: Value = serde_json::from_str(&line)
                    .unwrap_or_else(|error| panic!("{error}: standard output has: {line}"));
                assert_eq!(message["jsonrpc"], "2.0", "{line}");
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
        }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.raw(format!("{message}\n").as_bytes());
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Sends a request, and gives its number.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.count += 1;
        let id = self.count;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The whole answer to a request.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.next();
        assert_eq!(answer["id"], id, "{answer:#}");
        answer
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("the server says nothing")
    }

    /// The result of a tool, whether or not it is an error.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let asked = json!({ "name": tool, "arguments": arguments });
        let mut answer = self.request("tools/call", asked);
        assert!(answer.get("error").is_none(), "{answer:#}");
        answer["result"].take()
    }

    /// What a tool gives.
    pub(crate) fn tool(&mut self, tool: &str, arguments: Value) -> Value {
        let mut result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{result:#}");
        result["structuredContent"].take()
    }

    /// What a tool says of a question that it cannot answer.
    pub(crate) fn refusal(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result:#}");
        assert!(result.get("structuredContent").is_none(), "{result:#}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Closes standard input, and waits for the end.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.input = None;
        self.server.wait().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
