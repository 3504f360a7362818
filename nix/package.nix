# mcp-lint, built from this repository.
{ lib, rustPlatform }:

let
  workspace = (lib.importTOML ../Cargo.toml).workspace.package;
in
rustPlatform.buildRustPackage {
  pname = "mcp-lint";
  inherit (workspace) version;

  # Only what the build reads: a change of the documentation or of a module builds nothing anew.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.toml
      ../Cargo.lock
      ../src
      ../crates
      ../lints
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;
  cargoBuildFlags = [ "--package" "mcp-lint" ];

  # The tests read examples and documentation, need other users and a /run of their own: they run in
  # the repository (`.ci/run`), not in the sandbox.
  doCheck = false;

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
