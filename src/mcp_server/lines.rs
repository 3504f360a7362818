//! The messages between the standard streams and the SDK, line by line. The SDK drops what is no JSON, what
//! is too long and what has no line feed at its end; a client that sends such would wait without an end, so
//! it is answered here, as JSON-RPC says.

use std::io;

use serde::de::IgnoredAny;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, DuplexStream, Stdin, Stdout,
    duplex,
};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

/// The longest message that is read, in bytes: an overlay of the largest file that is parsed, escaped.
const MAX_LINE: usize = 8 << 20;

/// The room between the streams and the SDK, in bytes.
const ROOM: usize = 1 << 16;

/// How many lines wait to be written.
const LINES: usize = 16;

/// The SDK's side of the standard streams, and the task that ends once everything is written.
pub(super) fn between(
    input: Stdin,
    output: Stdout,
) -> ((DuplexStream, DuplexStream), JoinHandle<io::Result<()>>) {
    let (to_server, of_client) = duplex(ROOM);
    let (of_server, from_server) = duplex(ROOM);
    let (lines, waiting) = channel(LINES);
    tokio::spawn(incoming(input, to_server, lines.clone()));
    tokio::spawn(outgoing(from_server, lines));
    let written = tokio::spawn(write(waiting, output));
    ((of_client, of_server), written)
}

/// Gives the SDK every line that is JSON, and answers the others.
async fn incoming(input: Stdin, mut server: DuplexStream, answers: Sender<Vec<u8>>) {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    while let Ok(Some(is_long)) = read_line(&mut input, &mut line).await {
        let wrong = if is_long {
            Some((-32600, "the message is too long"))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            let read: Result<IgnoredAny, _> = serde_json::from_slice(&line);
            read.is_err().then_some((-32700, "Parse error"))
        };
        let passed_on = match wrong {
            Some((code, message)) => {
                let error = serde_json::json!({ "code": code, "message": message });
                let answer = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error });
                let mut answer = answer.to_string().into_bytes();
                answer.push(b'\n');
                answers.send(answer).await.is_ok()
            }
            None => {
                line.push(b'\n');
                server.write_all(&line).await.is_ok()
            }
        };
        if !passed_on {
            return;
        }
    }
}

/// Passes on what the SDK writes. An answer to something without an id has `null` for it.
async fn outgoing(server: DuplexStream, lines: Sender<Vec<u8>>) {
    const WITHOUT_ID: &[u8] = b"{\"jsonrpc\":\"2.0\",\"error\":";
    const WITH_NULL: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":";
    let mut server = BufReader::new(server);
    loop {
        let mut line = Vec::new();
        match server.read_until(b'\n', &mut line).await {
            Ok(1..) => {}
            _ => return,
        }
        if let Some(error) = line.strip_prefix(WITHOUT_ID)
            && !has_id(&line)
        {
            line = [WITH_NULL, error].concat();
        }
        if lines.send(line).await.is_err() {
            return;
        }
    }
}

fn has_id(line: &[u8]) -> bool {
    let message: Result<serde_json::Value, _> = serde_json::from_slice(line);
    message.is_ok_and(|message| message.get("id").is_some())
}

/// Writes lines as they come.
async fn write(mut lines: Receiver<Vec<u8>>, mut output: Stdout) -> io::Result<()> {
    while let Some(line) = lines.recv().await {
        output.write_all(&line).await?;
        output.flush().await?;
    }
    Ok(())
}

/// Reads a line without its line feed, and whether it has more than [`MAX_LINE`] bytes, which are not kept;
/// `None` at the end.
async fn read_line(
    input: &mut BufReader<impl AsyncRead + Unpin>,
    line: &mut Vec<u8>,
) -> io::Result<Option<bool>> {
    line.clear();
    let mut is_long = false;
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() {
            return Ok((is_long || !line.is_empty()).then_some(is_long));
        }
        let feed = available.iter().position(|byte| *byte == b'\n');
        let piece = available.get(..feed.unwrap_or(available.len()));
        let piece = piece.unwrap_or_default();
        is_long |= line.len() + piece.len() > MAX_LINE;
        if !is_long {
            line.extend_from_slice(piece);
        }
        let used = piece.len() + usize::from(feed.is_some());
        input.consume(used);
        if feed.is_some() {
            return Ok(Some(is_long));
        }
    }
}
