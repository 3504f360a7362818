import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import type * as vscode from "vscode";

import { Controller } from "../src/controller";
import type { Client, Editor, Printed, Program } from "../src/editor";

/** The editor as far as it is used; what was done to it is in `log`. */
class Fake {
  readonly log: string[] = [];
  readonly commands = new Map<string, (...args: unknown[]) => unknown>();
  readonly started: Program[] = [];
  readonly ran: { program: Program; directory: string }[] = [];
  settings: Record<string, unknown> = { path: "mcp-lint", arguments: [] };
  folders: string[] = ["/home/a/project"];
  active: string | undefined;
  answer: string | undefined;
  failure: Error | undefined;
  printed: Printed = { code: 0, stdout: "", stderr: "" };
  private changed: ((event: vscode.ConfigurationChangeEvent) => unknown) | undefined;
  private provider: vscode.TextDocumentContentProvider | undefined;

  change(setting: string): void {
    this.changed?.({ affectsConfiguration: (section) => section === setting });
  }

  private uri(text: string): vscode.Uri {
    const uri: Partial<vscode.Uri> = { fsPath: text, path: text, toString: () => text };
    return uri as vscode.Uri;
  }

  private folder(path: string, index: number): vscode.WorkspaceFolder {
    return { uri: this.uri(path), name: path.split("/").pop() ?? "", index };
  }

  private disposable(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  editor(): Editor {
    const fake = this;
    const configuration: Partial<vscode.WorkspaceConfiguration> = {
      get: (name: string, fallback?: unknown) => (fake.settings[name] ?? fallback) as never,
    };
    class EventEmitter<T> {
      private listeners: ((value: T) => unknown)[] = [];
      event = (listener: (value: T) => unknown): vscode.Disposable => {
        this.listeners.push(listener);
        return fake.disposable();
      };
      fire(value: T): void {
        this.listeners.forEach((listener) => listener(value));
      }
      dispose(): void {
        this.listeners = [];
      }
    }
    return {
      workspace: {
        getConfiguration: () => configuration as vscode.WorkspaceConfiguration,
        getWorkspaceFolder: (uri) => {
          const index = fake.folders.findIndex((folder) => uri.fsPath.startsWith(`${folder}/`));
          return index < 0 ? undefined : fake.folder(fake.folders[index] ?? "", index);
        },
        onDidChangeConfiguration: (listener) => {
          fake.changed = listener;
          return fake.disposable();
        },
        openTextDocument: (async (uri: vscode.Uri) => {
          const none = {} as vscode.CancellationToken;
          fake.log.push(`open ${uri.toString()}`);
          return { getText: () => fake.provider?.provideTextDocumentContent(uri, none) };
        }) as unknown as Editor["workspace"]["openTextDocument"],
        registerTextDocumentContentProvider: (_scheme, provider) => {
          fake.provider = provider;
          return fake.disposable();
        },
        get workspaceFolders() {
          return fake.folders.map((path, index) => fake.folder(path, index));
        },
      },
      window: {
        get activeTextEditor() {
          if (fake.active === undefined) {
            return undefined;
          }
          return { document: { uri: fake.uri(fake.active) } } as vscode.TextEditor;
        },
        showErrorMessage: (async (message: string) => {
          fake.log.push(`error ${message}`);
          return fake.answer;
        }) as Editor["window"]["showErrorMessage"],
        showTextDocument: (async (document: vscode.TextDocument) => {
          fake.log.push(`show ${document.getText()}`);
          return {} as vscode.TextEditor;
        }) as unknown as Editor["window"]["showTextDocument"],
      },
      commands: {
        executeCommand: (async (command: string, ...args: unknown[]) => {
          fake.log.push([command, ...args].join(" "));
          return undefined;
        }) as Editor["commands"]["executeCommand"],
        registerCommand: (name, callback) => {
          fake.commands.set(name, callback);
          return fake.disposable();
        },
      },
      env: {
        openExternal: async (uri) => {
          fake.log.push(`browse ${uri.toString()}`);
          return true;
        },
      },
      Uri: {
        from: ({ scheme, path }) => fake.uri(`${scheme}:${path ?? ""}`),
        parse: (text) => fake.uri(text),
      },
      EventEmitter: EventEmitter as typeof vscode.EventEmitter,
    };
  }

  controller(): Controller {
    const makeClient = (program: Program): Client => ({
      start: async () => {
        this.started.push(program);
        this.log.push("start");
        if (this.failure !== undefined) {
          throw this.failure;
        }
      },
      stop: async () => {
        this.log.push("stop");
        if (this.failure !== undefined) {
          throw new Error("it is not running");
        }
      },
      outputChannel: { show: () => this.log.push("log") },
    });
    return new Controller(this.editor(), makeClient, async (program, directory) => {
      this.ran.push({ program, directory });
      return this.printed;
    });
  }
}

/** Lets everything that waits for nothing go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the server is started with the settings", async () => {
  const fake = new Fake();
  fake.settings = { path: " /opt/mcp-lint ", arguments: ["--pedantic", 4, "--ignore=x"] };
  await fake.controller().activate([]);
  assert.deepEqual(fake.started, [
    { command: "/opt/mcp-lint", args: ["lsp", "--pedantic", "--ignore=x"] },
  ]);
  for (const settings of [{ path: "", arguments: null }, {}]) {
    const other = new Fake();
    other.settings = settings;
    await other.controller().activate([]);
    assert.deepEqual(other.started, [{ command: "mcp-lint", args: ["lsp"] }]);
  }
});

test("it is started again for a command and for a setting of its own", async () => {
  const fake = new Fake();
  const subscriptions: vscode.Disposable[] = [];
  const controller = fake.controller();
  await controller.activate(subscriptions);
  assert.equal(subscriptions.length, 6);
  await fake.commands.get("mcp-lint.restart")?.();
  fake.change("editor.fontSize");
  fake.change("mcp-lint.trace.server");
  await settle();
  assert.deepEqual(fake.log, ["start", "stop", "start"]);
  fake.settings["arguments"] = ["--pedantic"];
  fake.change("mcp-lint.arguments");
  fake.change("mcp-lint.path");
  await controller.deactivate();
  assert.deepEqual(fake.log.slice(3), ["stop", "start", "stop", "start", "stop"]);
  assert.deepEqual(fake.started.at(-1)?.args, ["lsp", "--pedantic"]);
  await controller.deactivate();
  assert.equal(fake.log.length, 8, "there is nothing left to stop");
});

test("who has no program is told where it is to be had", async () => {
  for (const [answer, done] of [
    ["How to install it", "browse https://github.com/mcp-lint/mcp-lint/blob/main/docs/src/install.md"],
    ["Open the settings", "workbench.action.openSettings mcp-lint.path"],
    [undefined, undefined],
  ]) {
    const fake = new Fake();
    fake.failure = new Error("spawn mcp-lint ENOENT");
    fake.answer = answer;
    const controller = fake.controller();
    await controller.activate([]);
    await settle();
    const told = "error mcp-lint: cannot start `mcp-lint`: spawn mcp-lint ENOENT";
    assert.deepEqual(fake.log, ["start", told, ...(done === undefined ? [] : [done])]);
    fake.failure = undefined;
    await controller.restart();
    assert.equal(fake.log.at(-1), "start", "it can be started later");
  }
});

test("the inventory is that of the folder of the file that is edited", async () => {
  const fake = new Fake();
  fake.folders = ["/home/a/project", "/home/a/other"];
  fake.active = "/home/a/other/flake.nix";
  fake.printed = { code: 1, stdout: "token  /run/secrets/token\n", stderr: "1 secret\n" };
  await fake.controller().activate([]);
  await fake.commands.get("mcp-lint.inventory")?.();
  assert.deepEqual(fake.ran, [
    { program: { command: "mcp-lint", args: ["inventory"] }, directory: "/home/a/other" },
  ]);
  assert.deepEqual(fake.log.slice(1), [
    "open mcp-lint-inventory:/other: secrets",
    "show token  /run/secrets/token\n1 secret\n",
  ]);
  fake.active = "/elsewhere/x.nix";
  await fake.commands.get("mcp-lint.inventory")?.();
  assert.equal(fake.ran.at(-1)?.directory, "/home/a/project");
});

test("without an inventory there is a reason", async () => {
  const fake = new Fake();
  await fake.controller().activate([]);
  const inventory = fake.commands.get("mcp-lint.inventory");
  fake.printed = { code: 2, stdout: "", stderr: "error: no Nix here\n" };
  await inventory?.();
  fake.printed = { code: 2, stdout: "", stderr: "" };
  await inventory?.();
  fake.folders = [];
  await inventory?.();
  assert.deepEqual(fake.log.slice(1), [
    "error mcp-lint: no inventory of project: error: no Nix here",
    "error mcp-lint: no inventory of project: it ended with 2",
    "error mcp-lint: there is no folder whose secrets could be shown",
  ]);
});

test("the log is shown", async () => {
  const fake = new Fake();
  const controller = fake.controller();
  await controller.activate([]);
  await fake.commands.get("mcp-lint.log")?.();
  assert.equal(fake.log.at(-1), "log");
});

test("the manifest has what the code registers", async () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    main: string;
    contributes: {
      commands: { command: string }[];
      configuration: { properties: Record<string, unknown> };
    };
    capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  };
  const fake = new Fake();
  await fake.controller().activate([]);
  const commands = manifest.contributes.commands.map(({ command }) => command);
  assert.deepEqual([...fake.commands.keys()].sort(), commands.sort());
  const settings = Object.keys(manifest.contributes.configuration.properties);
  for (const setting of ["mcp-lint.path", "mcp-lint.arguments"]) {
    assert.ok(settings.includes(setting), setting);
    // A folder that nobody trusts must not choose the program.
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.ok(restrictedConfigurations.includes(setting), setting);
  }
});
