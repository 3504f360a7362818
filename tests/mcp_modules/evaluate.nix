# What the real modules of Home Manager and mcp-servers-nix make of each case: the files that they write, with what they
# hold. Packages are names only; a generated file or script has its text in its path, so that it is seen where it is used.
{
  homeManager,
  mcpServersNix,
  nixpkgsLib,
}:
let
  lib = import (homeManager + "/modules/lib/stdlib-extended.nix") (import (nixpkgsLib + "/lib"));
  any = lib.types.anything;

  derivation = name: text: {
    type = "derivation";
    inherit name;
    pname = name;
    version = "9999";
    outPath = "/nix/store/00000000000000000000000000000000-${name}${text}";
    drvPath = "/nix/store/00000000000000000000000000000000-${name}.drv";
    outputName = "out";
    meta.mainProgram = name;
    passthru = { };
  };
  package = name: derivation name "" // { override = _: package name; };
  holding = name: text: derivation name "<text>${text}</text>";
  value =
    let
      inherit (lib.types) attrsOf bool float int listOf nullOr oneOf path str;
    in
    nullOr (oneOf [ bool int float str path (attrsOf value) (listOf value) ]) // { description = "a value"; };
  format = {
    type = value;
    generate = name: value: holding name (builtins.toJSON value);
  };
  names = [
    "antigravity-cli" "claude-code" "codex" "crush" "github-copilot-cli" "opencode" "zed-editor" "coreutils" "findutils"
    "gnugrep" "remarshal" "jq" "git" "github-mcp-server" "mcp-grafana" "mcp-nixos" "makeWrapper" "runtimeShell" "gh" "nodejs" "uv"
    "playwright-driver" "chromium" "playwright-mcp" "clickup-mcp-server" "slite-mcp-server"
  ];
  packages = lib.genAttrs names package // {
    inherit lib;
    runtimeShell = "/bin/sh";
    formats = lib.genAttrs [ "json" "toml" "yaml" "toml-inline" ] (_: _: format);
    stdenv.hostPlatform = {
      isDarwin = false;
      isLinux = true;
      system = "x86_64-linux";
    };
    writeShellScript = holding;
    writeScriptBin = holding;
    writeShellScriptBin = holding;
    writeText = holding;
    runCommand = name: _: text: holding name text;
    # Made of JSON that it is handed, with a program that this needs no package of.
    runCommandLocal = name: arguments: text: holding name (arguments.json or arguments.value or text);
    symlinkJoin = { name, ... }: package name;
    # The servers' own packages are not read.
    extend = _: packages // lib.genAttrs (map (name: "mcp-server-${name}") servers ++ servers) package;
  };
  servers = map (lib.removeSuffix ".nix") (builtins.attrNames (builtins.readDir (mcpServersNix + "/modules/servers")));

  base =
    { config, ... }:
    {
      freeformType = lib.types.lazyAttrsOf any;
      options = {
        assertions = lib.mkOption { type = lib.types.listOf any; default = [ ]; };
        warnings = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
        meta.maintainers = lib.mkOption { type = any; default = [ ]; };
        home = lib.mkOption {
          type = lib.types.submodule {
            freeformType = lib.types.lazyAttrsOf any;
            options.file = lib.mkOption { type = lib.types.attrsOf any; default = { }; };
            options.packages = lib.mkOption { type = lib.types.listOf any; default = [ ]; };
          };
        };
        xdg = lib.mkOption {
          type = lib.types.submodule {
            freeformType = lib.types.lazyAttrsOf any;
            options.configFile = lib.mkOption { type = lib.types.attrsOf any; default = { }; };
            options.configHome = lib.mkOption { type = lib.types.str; default = "/home/alice/.config"; };
          };
          default = { };
        };
      };
      config.home = {
        username = "alice";
        homeDirectory = "/home/alice";
        stateVersion = "26.05";
        preferXdgDirectories = false;
      };
    };
  modules = map (name: homeManager + "/modules/programs/${name}") [
    "mcp.nix"
    "antigravity-cli.nix"
    "claude-code/default.nix"
    "codex/default.nix"
    "crush.nix"
    "github-copilot-cli.nix"
    "opencode.nix"
  ];

  evaluate =
    module:
    let
      inherit
        (lib.evalModules {
          specialArgs.pkgs = packages;
          modules = modules ++ [ base (mcpServersNix + "/modules/home-manager.nix") module ];
        })
        config
        ;
      failed = builtins.filter (it: !it.assertion) config.assertions;
      shown = file: file.text or "${file.source or ""}";
      is_of_servers = name: _: builtins.any (part: lib.hasInfix part name) [ "mcp" "crush" "opencode" "codex" "copilot" "claude" ];
      files = lib.filterAttrs is_of_servers (config.home.file // config.xdg.configFile);
    in
    if failed != [ ] then { failed = map (it: it.message) failed; } else { files = lib.mapAttrs (_: shown) files; };
in
lib.mapAttrs (_: evaluate) (import ./cases.nix)
