//! The language server with clients that others wrote, and the snippets of `docs/src/editors.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::{CONFIGURATION, desk, package, stderr, stdout, write};
use test_support::{program, require};

/// A character of four bytes, which clients count as two, stands before what they ask for.
fn project() -> (tempfile::TempDir, PathBuf) {
    desk(&CONFIGURATION.replace("/bin/db ", "/bin/db /* 🔑 */ "))
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// A Python with pygls, from PyPI unless it is there.
fn python() -> Result<PathBuf, &'static str> {
    let has_pygls = |python: &Path| {
        succeeds(Command::new(python).args(["-c", "from pygls.lsp.client import LanguageClient"]))
    };
    let on_path = PathBuf::from("python3");
    if has_pygls(&on_path) {
        return Ok(on_path);
    }
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pygls");
    let python = environment.join("bin/python");
    if !has_pygls(&python) {
        let made = succeeds(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        );
        let install = ["-m", "pip", "install", "--quiet", "pygls==2.1.1"];
        if !(made && succeeds(Command::new(&python).args(install))) {
            return Err("it is not on the PATH and cannot be installed");
        }
    }
    { has_pygls(&python).then_some(python) }.ok_or("what was installed cannot be imported")
}

#[test]
fn a_client_of_others_understands_the_server() {
    let Some(python) = require("pygls", python()) else {
        return;
    };
    let (_folder, path) = project();
    let output = Command::new(python)
        .arg(package().join("tests/lsp/pygls_client.py"))
        .arg(env!("CARGO_BIN_EXE_mcp-lint"))
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let got: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(got["server"], "mcp-lint");
    let codes = got["found"].as_array().unwrap();
    assert!(
        codes.iter().any(|found| found[0] == "root-owned-secret"),
        "{got:#}"
    );
    assert!(
        got["hover"]
            .as_str()
            .unwrap()
            .contains("/run/secrets/github_token"),
        "{got:#}"
    );
    let definition = got["definition"][0].as_str().unwrap();
    assert!(definition.ends_with("/configuration.nix"), "{got:#}");
    assert!(got["references"].as_u64().unwrap() >= 1, "{got:#}");
    assert!(!got["actions"].as_array().unwrap().is_empty(), "{got:#}");
    assert!(
        got["completion"]
            .as_array()
            .unwrap()
            .contains(&"github_token".into()),
        "{got:#}"
    );
}

/// The blocks of a language on the page about editors.
fn snippets(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(package().join("docs/src/editors.md")).unwrap();
    let start = format!("```{language}\n");
    let blocks = page.split(start.as_str()).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_snippets_are_what_they_say() {
    let json = snippets("json");
    assert_eq!(json.len(), 1);
    for snippet in json {
        serde_json::from_str::<Value>(&snippet).unwrap();
    }
    let helix: toml::Table = snippets("toml")[0].parse().unwrap();
    assert_eq!(
        helix["language-server"]["mcp-lint"]["command"].as_str(),
        Some("mcp-lint")
    );
}

/// The real Neovim attaches to the server and gets findings; with the snippet of the page where it is
/// new enough, else with what it had before.
#[test]
fn neovim_shows_findings() {
    let (_folder, path) = project();
    let script = format!(
        r#"
local function configure()
{}
end
if vim.lsp.config and vim.lsp.enable then
  configure()
  vim.cmd('edit configuration.nix')
else
  vim.cmd('edit configuration.nix')
  vim.bo.filetype = 'nix'
  local id = vim.lsp.start_client({{ name = 'mcp-lint', cmd = {{ 'mcp-lint', 'lsp' }}, root_dir = vim.fn.getcwd() }})
  vim.lsp.buf_attach_client(0, id)
end
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, found in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write((found.lnum + 1) .. ': ' .. tostring(found.code or '') .. ' ' .. found.message:gsub('\n.*', '') .. '\n')
end
vim.cmd('qall!')
"#,
        snippets("lua")[0]
    );
    write(&path, "try.lua", &script);
    let Some(nvim) = program("nvim") else {
        return;
    };
    let output = neovim(nvim, &path);
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert!(
        said.contains("6: ") && said.contains("github_token"),
        "{said}"
    );
}

fn neovim(nvim: &str, folder: &Path) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_mcp-lint")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let home = tempfile::tempdir().unwrap();
    Command::new(nvim)
        .args(["--headless", "--clean", "-S", "try.lua"])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .output()
        .unwrap()
}
