# mcp-lint, built from this repository.
{ lib, stdenv, rustPlatform, installShellFiles, commit ? null }:

let
  workspace = (lib.importTOML ../Cargo.toml).workspace.package;
in
rustPlatform.buildRustPackage {
  pname = "mcp-lint";
  inherit (workspace) version;

  # Only what the build and the unit tests read: a change of the documentation or of a module builds nothing anew.
  # Cargo wants every test and bench that Cargo.toml names to be there.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.toml
      ../Cargo.lock
      ../build.rs
      ../benches
      ../tests
      ../src
      ../crates
      ../lints
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;
  cargoBuildFlags = [ "--package" "mcp-lint" ];

  # The unit tests. The others read examples and documentation, need other users and a /run of their own: they
  # run in the repository (`.ci/run`), not in the sandbox.
  doCheck = true;
  cargoTestFlags = [ "--workspace" "--lib" "--bins" ];

  # What `--version` says beside the version.
  env = lib.optionalAttrs (commit != null) { MCP_LINT_COMMIT = commit; };

  nativeBuildInputs = [ installShellFiles ];
  # The program writes these itself, so it must run where it is built.
  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    $out/bin/mcp-lint man --out man
    installManPage man/*.1
    for shell in bash fish nushell zsh; do
      $out/bin/mcp-lint completions $shell > mcp-lint.$shell
    done
    installShellCompletion --cmd mcp-lint \
      --bash mcp-lint.bash --fish mcp-lint.fish --zsh mcp-lint.zsh
    install -Dm644 mcp-lint.nushell $out/share/nushell/vendor/autoload/mcp-lint.nu
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    $out/bin/mcp-lint --version
    runHook postInstallCheck
  '';

  meta = {
    description = "Who reads each secret of a Nix configuration, can they, can anybody else, and is it really encrypted?";
    homepage = workspace.repository;
    license = with lib.licenses; [ mit asl20 ];
    mainProgram = "mcp-lint";
    platforms = lib.platforms.unix;
  };
}
