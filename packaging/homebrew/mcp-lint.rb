# Made for each release by .ci/pack-formula: the checksums here are placeholders.
class McpLint < Formula
  desc "Who reads each secret of a Nix configuration, can they, and is it encrypted"
  homepage "https://github.com/mcp-lint/mcp-lint"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    depends_on arch: :arm64
    url "https://github.com/mcp-lint/mcp-lint/releases/download/v@VERSION@/mcp-lint-aarch64-apple-darwin.tar.gz"
    sha256 "@SHA256 aarch64-apple-darwin@"
  end

  on_linux do
    on_arm do
      url "https://github.com/mcp-lint/mcp-lint/releases/download/v@VERSION@/mcp-lint-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/mcp-lint/mcp-lint/releases/download/v@VERSION@/mcp-lint-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "mcp-lint"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/mcp-lint.bash" => "mcp-lint"
    fish_completion.install "completions/mcp-lint.fish"
    zsh_completion.install "completions/mcp-lint.zsh" => "_mcp-lint"
  end

  test do
    (testpath/"flake.nix").write "{ outputs = _: { }; }"
    assert_match "no configuration", shell_output("#{bin}/mcp-lint check #{testpath} 2>&1")
    assert_match version.to_s, shell_output("#{bin}/mcp-lint --version")
  end
end
