//! What the protocol asks for, answered.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    JsonObject, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use super::pages;
use super::project::{Cancelled, Project};
use super::tools::{self, Answer, Entry, TOOLS};
use crate::display::{escape, escape_lines};

const INSTRUCTIONS: &str = "\
Who reads each secret of this Nix project at run time, can they, can anybody else, and is what lies in the \
repository really encrypted. The project is evaluated anew whenever one of its files changes. Ask `who_reads` \
about one secret, `inventory` for all, `check` for what is wrong, `explain` for a lint, and `diff` before you \
edit. `not determined` means unknown, never no. No tool writes anything or returns the value of a secret.";

/// A server for one agent.
#[derive(Clone)]
pub(super) struct Server {
    project: Arc<Project>,
    /// Evaluations use all processors: one at a time.
    turn: Arc<Semaphore>,
}

impl Server {
    pub(super) fn new(project: Project) -> Self {
        Self {
            project: Arc::new(project),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Runs a tool on a thread of its own; `None` once nobody waits for the answer.
    async fn run(
        &self,
        tool: &'static Entry,
        arguments: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Option<Result<Answer, JoinError>> {
        let turn = match tool.evaluates {
            true => Some(context.ct.run_until_cancelled(self.turn.acquire()).await?),
            false => None,
        };
        let cancelled = Cancelled::default();
        let work = {
            let (project, cancelled) = (Arc::clone(&self.project), Arc::clone(&cancelled));
            spawn_blocking(move || tool.run(&project, arguments, &cancelled))
        };
        let answer = context.ct.run_until_cancelled(work).await;
        if answer.is_none() {
            cancelled.store(true, Ordering::Relaxed);
        }
        drop(turn);
        answer
    }
}

fn failed(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(escape_lines(why))])
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        let about =
            Implementation::new("mcp-lint", env!("MCP_LINT_VERSION")).with_title("mcp-lint");
        ServerConfig::new(capabilities)
            .with_server_info(about)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = TOOLS.iter().map(|entry| (entry.tool)()).collect();
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tools::find(&request.name) else {
            let why = format!("there is no tool `{}`", escape(&request.name));
            return Err(ErrorData::invalid_params(why, None));
        };
        let arguments = request.arguments.unwrap_or_default();
        let result = match self.run(tool, arguments, &context).await {
            Some(Ok(Ok(answer))) => CallToolResult::structured(answer),
            Some(Ok(Err(why))) => failed(&why),
            Some(Err(_)) => failed("mcp-lint has a defect: the analysis stopped"),
            // The SDK drops what comes after a cancellation.
            None => failed("cancelled"),
        };
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let (part, next) = pages::list(cursor.as_deref())
            .ok_or_else(|| ErrorData::invalid_params("no list gave this cursor", None))?;
        let mut result = ListResourcesResult::with_all_items(part);
        result.next_cursor = next;
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(vec![
            pages::template(),
        ]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let page = pages::read(&request.uri).ok_or_else(|| {
            ErrorData::resource_not_found(
                format!("there is no page {}", escape(&request.uri)),
                None,
            )
        })?;
        Ok(ReadResourceResult::new(vec![page]).into())
    }
}
