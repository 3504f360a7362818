# pkgs.mcp-lint
final: _previous: {
  mcp-lint = final.callPackage ./package.nix { };
}
