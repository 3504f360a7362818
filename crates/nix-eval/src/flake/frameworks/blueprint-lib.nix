# blueprint's `lib`: folders as sets of paths (its lib's documentation).
{ lib, entries, ... }:
let
  described = lib.mapAttrs (
    _: path: {
      inherit path;
      type = if lib.hasSuffix ".nix" (toString path) then "regular" else "directory";
    }
  );
  optionalPathAttrs = path: function: lib.optionalAttrs (builtins.pathExists path) (function path);
in
{
  inherit optionalPathAttrs;
  importDir = path: function: optionalPathAttrs path (path: function (described (entries path)));
  entriesPath = lib.mapAttrs (_: entry: entry.path);
  tryImport = path: arguments: optionalPathAttrs path (path: import path arguments);
}
