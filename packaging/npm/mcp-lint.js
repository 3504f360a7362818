#!/usr/bin/env node
// Starts the program of this platform, which an optional dependency has.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const platform = `${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`mcp-lint-${platform}/mcp-lint`);
} catch {
  console.error(
    `mcp-lint: there is no program for ${platform}, or npm left out optional dependencies (--omit=optional).\n` +
      "Other ways to install it: https://github.com/mcp-lint/mcp-lint/blob/main/docs/src/install.md",
  );
  process.exit(2);
}

const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`mcp-lint: ${program} does not start: ${error.message}`);
  process.exit(2);
}
// As a shell does for a program that a signal ended.
process.exit(signal ? 128 + constants.signals[signal] : status);
