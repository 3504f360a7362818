# As nixpkgs wants it: pkgs/by-name/mc/mcp-lint/package.nix. The hashes are those of a release's tag.
{
  lib,
  stdenv,
  rustPlatform,
  fetchFromGitHub,
  installShellFiles,
  versionCheckHook,
  nix-update-script,
}:

rustPlatform.buildRustPackage (finalAttrs: {
  pname = "mcp-lint";
  version = "0.1.0";

  src = fetchFromGitHub {
    owner = "mcp-lint";
    repo = "mcp-lint";
    tag = "v${finalAttrs.version}";
    hash = lib.fakeHash;
  };

  cargoHash = lib.fakeHash;

  cargoBuildFlags = [
    "--package"
    "mcp-lint"
  ];

  # The unit tests of all crates. The others start the program as other users or compare it with Nix, age and
  # sops, which the sandbox does not have.
  cargoTestFlags = [
    "--workspace"
    "--lib"
    "--bins"
  ];

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

  nativeInstallCheckInputs = [ versionCheckHook ];
  doInstallCheck = true;

  passthru.updateScript = nix-update-script { };

  meta = {
    description = "Check who reads each secret of a Nix configuration, and whether they can";
    homepage = "https://github.com/mcp-lint/mcp-lint";
    changelog = "https://github.com/mcp-lint/mcp-lint/blob/v${finalAttrs.version}/CHANGELOG.md";
    license = with lib.licenses; [
      mit
      asl20
    ];
    maintainers = [ ];
    mainProgram = "mcp-lint";
    platforms = lib.platforms.unix;
  };
})
