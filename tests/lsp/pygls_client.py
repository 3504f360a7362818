"""pygls as an editor: starts the server, and says what it got as JSON. Its types refuse what the protocol does not have."""

import asyncio
import json
import pathlib
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient


async def main(program: str, folder: str) -> None:
    client = LanguageClient("test", "1")
    published: dict[str, list[types.Diagnostic]] = {}
    news = asyncio.Event()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params: types.PublishDiagnosticsParams) -> None:
        published[params.uri] = list(params.diagnostics)
        news.set()

    async def until(wanted) -> None:
        while not wanted():
            news.clear()
            await asyncio.wait_for(news.wait(), 120)

    await client.start_io(program, "lsp")
    root = pathlib.Path(folder)
    file = root / "configuration.nix"
    text = file.read_text()
    capabilities = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
            code_action=types.CodeActionClientCapabilities(
                code_action_literal_support=types.ClientCodeActionLiteralOptions(
                    code_action_kind=types.ClientCodeActionKindOptions(value_set=[types.CodeActionKind.QuickFix])
                )
            ),
        )
    )
    started = await client.initialize_async(
        types.InitializeParams(
            process_id=None,
            capabilities=capabilities,
            workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name="project")],
        )
    )
    client.initialized(types.InitializedParams())
    uri = file.as_uri()
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "nix", 1, text))
    )
    await until(lambda: published.get(uri))
    found = published[uri]
    document = types.TextDocumentIdentifier(uri)
    use = text.index("github_token.path") + 3
    line = text.count("\n", 0, use)
    column = len(text[text.rindex("\n", 0, use) + 1 : use].encode("utf-16-le")) // 2
    at = types.Position(line, column)
    hover = await client.text_document_hover_async(types.HoverParams(document, at))
    definition = await client.text_document_definition_async(types.DefinitionParams(document, at))
    references = await client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(include_declaration=True), document, at)
    )
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document, found[0].range, types.CodeActionContext(found))
    )
    completion = await client.text_document_completion_async(types.CompletionParams(document, at))
    # What is typed: the owner that makes the finding go away.
    whole = text.replace("github_token = { };", 'github_token = { owner = "postgres"; };')
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, uri),
            [types.TextDocumentContentChangeWholeDocument(whole)],
        )
    )
    await until(lambda: not any("github_token" in diagnostic.message for diagnostic in published[uri]))
    await client.shutdown_async(None)
    client.exit(None)
    items = getattr(completion, "items", completion) or []
    places = definition if isinstance(definition, (list, tuple)) else [definition]
    print(
        json.dumps(
            {
                "server": started.server_info.name,
                "found": [[d.code, d.severity, d.message] for d in found],
                "hover": hover.contents.value,
                "definition": [getattr(p, "uri", None) or p.target_uri for p in places],
                "references": len(references or []),
                "actions": [action.title for action in actions or []],
                "completion": [item.label for item in items],
            }
        )
    )


asyncio.run(main(*sys.argv[1:]))
