//! What the editor shows while an analysis takes long.

use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::json;

/// A shorter analysis is nothing to wait for.
const LONG: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Hidden,
    /// The editor was asked for a place to show it.
    Asked,
    /// It may be shown.
    Granted,
    Shown,
}

/// The progress of the running analysis. Each has a token of its own.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: State,
    count: u32,
}

impl Progress {
    fn token(&self) -> String {
        format!("analysis-{}", self.count)
    }

    /// When the running analysis has taken long, if it is not shown yet.
    pub(crate) fn due(&self, began: Option<Instant>) -> Option<Instant> {
        (self.state == State::Hidden).then_some(began? + LONG)
    }

    /// The editor answered a request of this server.
    pub(crate) fn answered(&mut self, response: &Response) {
        let is_ours = response.id == RequestId::from(self.token());
        if self.state == State::Asked && is_ours && response.response_result.is_ok() {
            self.state = State::Granted;
        }
    }

    /// What to send to an editor that shows progress; `began` is when the running analysis did.
    pub(crate) fn messages(
        &mut self,
        is_wanted: bool,
        began: Option<Instant>,
        now: Instant,
    ) -> Vec<Message> {
        if !is_wanted {
            self.state = State::Asked;
            return Vec::new();
        }
        match (self.state, began) {
            (State::Hidden, Some(began)) if now.duration_since(began) >= LONG => {
                self.state = State::Asked;
                self.count += 1;
                let request = Request {
                    id: RequestId::from(self.token()),
                    method: "window/workDoneProgress/create".to_owned(),
                    params: json!({ "token": self.token() }),
                };
                vec![Message::Request(request)]
            }
            (State::Granted, Some(_)) => {
                self.state = State::Shown;
                let value = json!({ "kind": "begin", "title": "mcp-lint", "message": "evaluating the configurations" });
                vec![self.notification(&value)]
            }
            (State::Shown, None) => {
                self.state = State::Hidden;
                vec![self.notification(&json!({ "kind": "end" }))]
            }
            (_, None) => {
                self.state = State::Hidden;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn notification(&self, value: &serde_json::Value) -> Message {
        Message::Notification(Notification {
            method: "$/progress".to_owned(),
            params: json!({ "token": self.token(), "value": value }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_analysis_is_shown_from_beginning_to_end() {
        let start = Instant::now();
        let mut progress = Progress::default();
        let mut sent = |began: Option<Instant>, now, answer: bool| {
            if answer {
                progress.answered(&Response {
                    id: RequestId::from(progress.token()),
                    response_result: Ok(serde_json::Value::Null),
                });
            }
            let messages = progress.messages(true, began, now);
            serde_json::to_string(&messages).unwrap()
        };
        let running = Some(start);
        assert_eq!(sent(running, start + LONG / 2, false), "[]");
        assert_eq!(sent(None, start + LONG / 2, false), "[]", "it was short");
        assert!(sent(running, start + LONG, false).contains("workDoneProgress/create"));
        assert_eq!(
            sent(running, start + LONG, false),
            "[]",
            "not before the answer"
        );
        assert!(sent(running, start + LONG, true).contains("begin"));
        assert_eq!(sent(running, start + LONG * 2, false), "[]");
        assert!(sent(None, start + LONG * 3, false).contains("end"));
        assert_eq!(sent(None, start + LONG * 3, false), "[]");
        let mut unasked = Progress::default();
        assert!(unasked.messages(false, running, start + LONG).is_empty());
        assert_eq!(unasked.due(running), None);
    }
}
