import { execFile } from "node:child_process";

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";

import { Controller } from "./controller";
import type { Client, Printed, Program } from "./editor";

/** More is not shown, in bytes. */
const MOST_PRINTED = 64 * 1024 * 1024;

const OPTIONS: LanguageClientOptions = {
  documentSelector: [
    { scheme: "file", language: "nix" },
    { scheme: "file", language: "yaml" },
  ],
  outputChannelName: "mcp-lint",
};

function makeClient({ command, args }: Program): Client {
  return new LanguageClient("mcp-lint", "mcp-lint", { command, args: [...args] }, OPTIONS);
}

function run({ command, args }: Program, directory: string): Promise<Printed> {
  return new Promise((resolve) => {
    const options = { cwd: directory, maxBuffer: MOST_PRINTED };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const why = child.pid === undefined && error !== null ? error.message : stderr;
      resolve({ code: child.exitCode, stdout, stderr: why });
    });
  });
}

let controller: Controller | undefined;

export function activate(context: vscode.ExtensionContext): Promise<void> {
  controller = new Controller(vscode, makeClient, run);
  return controller.activate(context.subscriptions);
}

export function deactivate(): Promise<void> | undefined {
  return controller?.deactivate();
}
