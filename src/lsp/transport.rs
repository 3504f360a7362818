//! Messages over standard input and output, bounded: whatever comes in, the server goes on.

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// A larger message is skipped, in bytes.
const LARGEST: u64 = 64 << 20;
/// A longer header line is cut, in bytes.
const LONGEST_HEADER: u64 = 4096;
/// More lines than this, counting the pieces of long ones, are no header.
const MOST_HEADERS: usize = 32;
/// A message that claims more than this is none, and not waited for, in bytes.
const ABSURD: u64 = 1 << 30;

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// Something else, and what is wrong with it.
    Malformed(ErrorCode, String),
}

/// Reads the next message; nothing at the end of the input.
///
/// # Errors
///
/// If reading fails.
pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length: Option<u64> = None;
    let mut is_first = true;
    let mut lines = 0;
    loop {
        lines += 1;
        if lines > MOST_HEADERS {
            let why = "a header without an end".to_owned();
            return Ok(Some(Incoming::Malformed(ErrorCode::ParseError, why)));
        }
        let mut line = Vec::new();
        input.take(LONGEST_HEADER).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            if is_first {
                continue;
            }
            break;
        }
        is_first = false;
        let header = String::from_utf8_lossy(line);
        if let Some((name, value)) = header.split_once(':')
            && name.trim().eq_ignore_ascii_case("Content-Length")
        {
            length = value.trim().parse().ok();
        }
    }
    let Some(length) = length else {
        let why = "a header without Content-Length".to_owned();
        return Ok(Some(Incoming::Malformed(ErrorCode::ParseError, why)));
    };
    if length > LARGEST {
        if length <= ABSURD {
            io::copy(&mut input.take(length), &mut io::sink())?;
        }
        let why = format!("a message of more than {} MiB", LARGEST >> 20);
        return Ok(Some(Incoming::Malformed(ErrorCode::InvalidRequest, why)));
    }
    let mut body = Vec::new();
    if input.take(length).read_to_end(&mut body)? as u64 != length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(message),
        // What the text was stays out of the answer: it can hold a secret.
        Err(error) => match serde_json::from_slice::<Value>(&body) {
            Ok(_) => Incoming::Malformed(
                ErrorCode::InvalidRequest,
                "neither a request nor a notification".to_owned(),
            ),
            Err(_) => Incoming::Malformed(
                ErrorCode::ParseError,
                format!("no JSON (line {}, column {})", error.line(), error.column()),
            ),
        },
    }))
}

/// Writes a message.
///
/// # Errors
///
/// If writing fails.
pub(crate) fn write(output: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(output)
}

/// Answers what was no message: without an id, since none is known.
///
/// # Errors
///
/// If writing fails.
pub(crate) fn write_error(output: &mut impl Write, code: ErrorCode, why: &str) -> io::Result<()> {
    let body = json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": code as i32, "message": why },
    })
    .to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &str) -> Vec<String> {
        let mut input = input.as_bytes();
        let mut found = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(Message::Notification(notification)) => notification.method,
                Incoming::Message(Message::Response(_)) => "response".to_owned(),
                Incoming::Malformed(_, why) => why,
            });
        }
        found
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_is_read() {
        let good = framed(r#"{"jsonrpc": "2.0", "method": "good"}"#);
        for (bad, why) in [
            (framed("{"), "no JSON (line 1, column 1)"),
            (framed("[1, 2]"), "neither a request nor a notification"),
            (framed(&"[".repeat(100_000)), "no JSON"),
            (framed(r#"{"id": {}, "method": 4}"#), "neither"),
            (
                "Content-Type: x\r\n\r\n".to_owned(),
                "without Content-Length",
            ),
            (
                "Content-Length: -1\r\n\r\n".to_owned(),
                "without Content-Length",
            ),
        ] {
            let found = all(&format!("{bad}{good}"));
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(found[0].contains(why), "{found:?}");
            assert_eq!(found[1], "good");
        }
    }

    #[test]
    fn a_frame_without_an_end_holds_nothing_up() {
        let good = framed(r#"{"jsonrpc": "2.0", "method": "good"}"#);
        let long = "Content-Length: 18446744073709551615\r\n\r\n";
        let found = all(&format!("{long}{good}"));
        assert_eq!(found, ["a message of more than 64 MiB", "good"]);
        let headers = "x: y\r\n".repeat(1_000_000);
        let found = all(&format!("{headers}\r\n{good}"));
        assert!(found.iter().any(|found| found == "good"));
        assert!(found[0].contains("without an end"), "{}", found[0]);
    }

    #[test]
    fn lengths_that_lie_end_the_input_without_filling_memory() {
        assert_eq!(all("Content-Length: 10\r\n\r\n{}"), [""; 0]);
        let huge = all("Content-Length: 18446744073709551615\r\n\r\n{}");
        assert_eq!(huge, ["a message of more than 64 MiB"]);
        assert_eq!(all(&"x".repeat(100_000)), [""; 0]);
    }
}
