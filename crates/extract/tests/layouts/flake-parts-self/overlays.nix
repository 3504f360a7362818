{ inputs, ... }:
{
  flake.overlays.lib = final: _: {
    inherit (inputs.nixpkgs.lib) nixosSystem;
    river.owner = final.toLower "GAUGE";
  };
  # What it overlays hangs on what comes of it.
  flake.overlays.packages =
    final: _:
    let
      inherit (final.stdenv.hostPlatform) system;
    in
    builtins.mapAttrs (_: input: input.packages.${system}.default) { inherit (inputs) sops-nix; };
}
