import type * as vscode from "vscode";

import type { Client, Editor, MakeClient, Program, Run } from "./editor";

/** The section of the settings. */
const SECTION = "mcp-lint";
const SCHEME = "mcp-lint-inventory";
const INSTALL = "https://github.com/mcp-lint/mcp-lint/blob/main/docs/src/install.md";
/** Settings after which the server is another one. */
const OF_SERVER = [`${SECTION}.path`, `${SECTION}.arguments`];

/** Starts, restarts and stops the server, and shows inventories. */
export class Controller {
  private client: Client | undefined;
  /** Starts and stops come one after the other. */
  private queue: Promise<void> = Promise.resolve();
  private readonly inventories = new Map<string, string>();

  constructor(
    private readonly editor: Editor,
    private readonly makeClient: MakeClient,
    private readonly run: Run,
  ) {}

  /** Registers the commands and starts the server. What is registered is in `subscriptions`. */
  activate(subscriptions: vscode.Disposable[]): Promise<void> {
    const { commands, workspace, EventEmitter } = this.editor;
    const changed = new EventEmitter<vscode.Uri>();
    const provider: vscode.TextDocumentContentProvider = {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => this.inventories.get(uri.toString()) ?? "",
    };
    subscriptions.push(
      changed,
      workspace.registerTextDocumentContentProvider(SCHEME, provider),
      commands.registerCommand("mcp-lint.restart", () => this.restart()),
      commands.registerCommand("mcp-lint.inventory", () => this.showInventory(changed)),
      commands.registerCommand("mcp-lint.log", () => this.client?.outputChannel.show()),
      workspace.onDidChangeConfiguration((event) => {
        if (OF_SERVER.some((setting) => event.affectsConfiguration(setting))) {
          void this.restart();
        }
      }),
    );
    return this.restart();
  }

  /** Stops the server, and starts it with the settings as they are now. */
  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.stopNow();
      const program = this.program("lsp", this.extraArguments());
      const client = this.makeClient(program);
      this.client = client;
      try {
        await client.start();
      } catch (error) {
        // Not waited for: it is there until somebody closes it.
        void this.cannotStart(program.command, error);
      }
    });
  }

  /** Stops the server. */
  deactivate(): Promise<void> {
    return this.enqueue(() => this.stopNow());
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work, work);
    return this.queue;
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.stop();
    } catch {
      // It did not start, or is gone: there is nothing to stop.
    }
  }

  private program(command: string, args: readonly string[]): Program {
    const path = this.editor.workspace.getConfiguration(SECTION).get<string>("path", "").trim();
    return { command: path === "" ? "mcp-lint" : path, args: [command, ...args] };
  }

  private extraArguments(): string[] {
    const given = this.editor.workspace.getConfiguration(SECTION).get<unknown>("arguments");
    return Array.isArray(given) ? given.filter((it): it is string => typeof it === "string") : [];
  }

  private async cannotStart(command: string, error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    const install = "How to install it";
    const settings = "Open the settings";
    const chosen = await this.editor.window.showErrorMessage(
      `mcp-lint: cannot start \`${command}\`: ${why}`,
      install,
      settings,
    );
    if (chosen === install) {
      await this.editor.env.openExternal(this.editor.Uri.parse(INSTALL));
    } else if (chosen === settings) {
      await this.editor.commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
    }
  }

  /** The folder of the file that is edited, else the first one. */
  private folder(): vscode.WorkspaceFolder | undefined {
    const { window, workspace } = this.editor;
    const open = window.activeTextEditor?.document.uri;
    const own = open === undefined ? undefined : workspace.getWorkspaceFolder(open);
    return own ?? workspace.workspaceFolders?.[0];
  }

  private async showInventory(changed: vscode.EventEmitter<vscode.Uri>): Promise<void> {
    const { window, workspace, Uri } = this.editor;
    const folder = this.folder();
    if (folder === undefined) {
      void window.showErrorMessage("mcp-lint: there is no folder whose secrets could be shown");
      return;
    }
    const program = this.program("inventory", []);
    const printed = await this.run(program, folder.uri.fsPath);
    // Findings are no failure here: what was printed is the inventory.
    if (printed.stdout === "") {
      const why = printed.stderr.trim() || `it ended with ${String(printed.code)}`;
      void window.showErrorMessage(`mcp-lint: no inventory of ${folder.name}: ${why}`);
      return;
    }
    const uri = Uri.from({ scheme: SCHEME, path: `/${folder.name}: secrets` });
    this.inventories.set(uri.toString(), printed.stdout + printed.stderr);
    changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true });
  }
}
