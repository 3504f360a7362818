# A derivation that fails if mcp-lint finds something in a configuration, for `checks` of a flake:
#
#   checks.${system}.mcp-lint = mcp-lint.lib.check { inherit pkgs; src = self; };
#
# `src` must be the whole configuration, as `self` is. `args` are more arguments for
# `mcp-lint check`, such as `[ "--fail-on" "warning" ]`.
{ pkgs
, src
, args ? [ ]
, package ? pkgs.mcp-lint or (pkgs.callPackage ./package.nix { })
, name ? "mcp-lint-check"
}:

pkgs.runCommand name
{
  nativeBuildInputs = [ package ];
  inherit src;
}
  ''
    mcp-lint check ${pkgs.lib.escapeShellArgs args} "$src"
    touch "$out"
  ''
