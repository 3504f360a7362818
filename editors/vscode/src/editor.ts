import type * as vscode from "vscode";

/** What this extension uses of the editor, by the editor's own types: a test gives nothing else. */
export interface Editor {
  readonly workspace: Pick<
    typeof vscode.workspace,
    | "getConfiguration"
    | "getWorkspaceFolder"
    | "onDidChangeConfiguration"
    | "openTextDocument"
    | "registerTextDocumentContentProvider"
    | "workspaceFolders"
  >;
  readonly window: Pick<
    typeof vscode.window,
    "activeTextEditor" | "showErrorMessage" | "showTextDocument"
  >;
  readonly commands: Pick<typeof vscode.commands, "executeCommand" | "registerCommand">;
  readonly env: Pick<typeof vscode.env, "openExternal">;
  readonly Uri: Pick<typeof vscode.Uri, "from" | "parse">;
  readonly EventEmitter: typeof vscode.EventEmitter;
}

/** A client of the language server. */
export interface Client {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly outputChannel: Pick<vscode.OutputChannel, "show">;
}

/** The program and what follows it. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** Starts nothing yet. */
export type MakeClient = (program: Program) => Client;

/** What a program printed; `code` is null if it did not start, or a signal ended it. */
export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end in a directory. */
export type Run = (program: Program, directory: string) => Promise<Printed>;
