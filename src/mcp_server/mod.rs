//! The server for agents: the Model Context Protocol over standard input and output, by its official SDK.
//!
//! It only reads, and only the project that it was started for. One evaluation runs at a time, on a thread
//! of its own, so that the protocol is answered meanwhile. Every answer passes [`present`], which covers
//! credentials and makes the text inert, and [`paging`], which keeps it short.

mod handler;
mod lines;
mod pages;
mod paging;
mod present;
mod project;
mod tools;

use std::io;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use tokio::io::{stdin, stdout};
use tokio::runtime::Builder;

use crate::cli::check::CheckArguments;
use crate::exit::Failure;

use handler::Server;
use project::Project;

/// How long answers may take to be written when nothing more is asked.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Serves one agent until it closes standard input.
///
/// # Errors
///
/// If the path is not there, or what the agent sends is not the protocol from the first message on.
pub(crate) fn serve(arguments: CheckArguments) -> Result<(), Failure> {
    let project = Project::open(arguments)?;
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let served = runtime.block_on(async {
        let (streams, written) = lines::between(stdin(), stdout());
        let served = match Server::new(project).serve(streams).await {
            Ok(running) => running.waiting().await.map(drop).map_err(io::Error::other),
            // A client that only looks whether the program starts.
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(io::Error::other(error.to_string())),
        };
        // A client may close its end before it has read everything, or never.
        let _ = tokio::time::timeout(LAST_WORDS, written).await;
        served
    });
    // A read of standard input, or an evaluation that nobody waits for, cannot be ended.
    runtime.shutdown_background();
    served?;
    Ok(())
}
