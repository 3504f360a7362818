//! What the editor can, and what this server can.

use std::path::PathBuf;

use gen_lsp_types::{
    CodeActionKind, CodeActionOptions, CodeLensOptions, CompletionOptions, DiagnosticOptions,
    InitializeResult, PositionEncodingKind, RenameOptions, SaveOptions, ServerCapabilities,
    ServerInfo, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
    WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use serde_json::Value;

use super::position::Encoding;
use super::uri;

/// What the editor can, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    pub(crate) encoding: Encoding,
    /// Hover texts in Markdown.
    pub(crate) markdown: bool,
    /// Further places of a diagnostic.
    pub(crate) related_information: bool,
    /// Code actions that carry their edits.
    pub(crate) code_actions: bool,
    /// Can be asked to tell of changed files.
    pub(crate) watches_files: bool,
    /// Links from a finding to the page of its lint.
    pub(crate) code_descriptions: bool,
    /// Hints within lines; without them there are lines between lines.
    pub(crate) hints: bool,
    /// Shows the progress of what takes long.
    pub(crate) progress: bool,
    /// Asks for findings by itself, and again when it is told to: they are not sent then.
    pub(crate) pulls: bool,
    /// What it asks for again when it is told to, as the methods that tell it.
    pub(crate) refreshed: Vec<String>,
}

impl Client {
    /// From the parameters of `initialize`. They are read piece by piece: a part that is malformed
    /// costs that part only.
    pub(crate) fn new(parameters: &Value) -> Self {
        let capability = |path: &str| parameters.pointer(&format!("/capabilities/{path}"));
        let is_on = |path: &str| capability(path).and_then(Value::as_bool) == Some(true);
        let texts = |path| {
            let list = capability(path).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str)
        };
        let mut encodings = texts("general/positionEncodings").filter_map(|name| match name {
            "utf-8" => Some(Encoding::Utf8),
            "utf-16" => Some(Encoding::Utf16),
            "utf-32" => Some(Encoding::Utf32),
            _ => None,
        });
        let pulls = capability("textDocument/diagnostic").is_some()
            && is_on("workspace/diagnostics/refreshSupport");
        let refreshed = [
            ("diagnostics", "diagnostic", pulls),
            ("inlayHint", "inlayHint", true),
            ("codeLens", "codeLens", true),
        ];
        let refreshed = { refreshed.into_iter() }
            .filter(|(name, _, is_used)| {
                *is_used && is_on(&format!("workspace/{name}/refreshSupport"))
            })
            .map(|(_, method, _)| format!("workspace/{method}/refresh"));
        Self {
            encoding: encodings.next().unwrap_or_default(),
            markdown: texts("textDocument/hover/contentFormat").any(|format| format == "markdown"),
            related_information: is_on("textDocument/publishDiagnostics/relatedInformation"),
            code_actions: capability("textDocument/codeAction/codeActionLiteralSupport").is_some(),
            watches_files: is_on("workspace/didChangeWatchedFiles/dynamicRegistration"),
            code_descriptions: is_on("textDocument/publishDiagnostics/codeDescriptionSupport"),
            hints: capability("textDocument/inlayHint").is_some(),
            progress: is_on("window/workDoneProgress"),
            pulls,
            refreshed: refreshed.collect(),
        }
    }
}

/// The directories that the editor has open.
pub(crate) fn folders(parameters: &Value) -> Vec<PathBuf> {
    let uri_of = |value: &Value| uri::to_path(&Uri(value.as_str()?.to_owned()));
    let folders = parameters
        .get("workspaceFolders")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut folders: Vec<PathBuf> = folders
        .filter_map(|folder| uri_of(folder.get("uri")?))
        .collect();
    if folders.is_empty() {
        folders.extend(parameters.get("rootUri").and_then(uri_of));
    }
    folders.sort();
    folders.dedup();
    folders
}

/// What this server can.
pub(crate) fn server(client: &Client) -> InitializeResult {
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QuickFix]),
        ..CodeActionOptions::default()
    };
    let completion = CompletionOptions {
        trigger_characters: Some(vec![".".to_owned(), "\"".to_owned()]),
        ..CompletionOptions::default()
    };
    let diagnostics = DiagnosticOptions {
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..DiagnosticOptions::default()
    };
    let rename = RenameOptions {
        prepare_provider: Some(true),
        ..RenameOptions::default()
    };
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(SaveOptions::default().into()),
        ..TextDocumentSyncOptions::default()
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(true.into()),
    };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(match client.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 => PositionEncodingKind::UTF16,
                Encoding::Utf32 => PositionEncodingKind::UTF32,
            }),
            text_document_sync: Some(sync.into()),
            completion_provider: Some(completion),
            hover_provider: Some(true.into()),
            definition_provider: Some(true.into()),
            references_provider: Some(true.into()),
            inlay_hint_provider: client.hints.then(|| true.into()),
            code_lens_provider: (!client.hints).then(CodeLensOptions::default),
            workspace_symbol_provider: Some(true.into()),
            rename_provider: Some(rename.into()),
            diagnostic_provider: client.pulls.then(|| diagnostics.into()),
            code_action_provider: client.code_actions.then(|| actions.into()),
            workspace: Some(WorkspaceOptions {
                workspace_folders: Some(folders),
                ..WorkspaceOptions::default()
            }),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: "mcp-lint".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}
