#!/bin/sh
# Checks who reads each secret before every commit. Written by `mcp-lint init --hook=git`.
exec mcp-lint check
