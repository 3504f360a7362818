# import-tree: every Nix file of a tree as a module (its documentation: API reference).
{ lib, ... }:
let
  isTree = value: builtins.isAttrs value && value ? __config.paths;
  isPath = value: builtins.isPath value || builtins.isString value || value ? outPath;
  isFolder = value: isPath value && builtins.readFileType value == "directory";
  matches = regex: path: builtins.match regex path != null;

  # Every file below what a tree is given: folders, files, lists and other trees.
  filesBelow =
    value:
    if isTree value then
      value.files
    else if builtins.isAttrs value && value ? outPath then
      filesBelow value.outPath
    else if isFolder value then
      lib.filesystem.listFilesRecursive value
    else
      [ value ];

  # Filters see the part of a path below the folder that was given.
  below =
    folders: path:
    let
      folder = lib.findFirst (folder: lib.hasPrefix folder path) "" folders;
    in
    lib.removePrefix folder path;

  select =
    config: argument:
    let
      given = lib.flatten [
        config.paths
        argument
      ];
      folders = map toString (builtins.filter isFolder given);
      isWanted =
        file:
        let
          path = below folders (toString file);
        in
        if isPath file then
          (if config.begin == null then isModule else config.begin) path && config.keep path
        else
          (config.begin == null || config.begin file) && config.keep file;
    in
    map config.map (builtins.filter isWanted (lib.flatten (map filesBelow given)));

  isModule = path: lib.hasSuffix ".nix" path && !lib.hasInfix "/_" path;

  tree =
    config:
    let
      self = tree config;
      change = changes: tree (config // changes);
      keep = wanted: change { keep = file: config.keep file && wanted file; };
    in
    lib.mapAttrs (_: method: method self) config.api
    // {
      __config = config;
      # In a module system, a tree that has its paths is a module.
      __functor =
        _: argument:
        let
          files = select config (if builtins.isAttrs argument && argument ? options then [ ] else argument);
        in
        if config.pipe == null then { imports = files; } else config.pipe files;
      filter = keep;
      filterNot = unwanted: keep (file: !unwanted file);
      match = regex: keep (matches regex);
      matchNot = regex: keep (path: !matches regex path);
      map = change': change { map = file: change' (config.map file); };
      addPath = path: change { paths = config.paths ++ [ path ]; };
      addAPI = api: change { api = config.api // api; };
      withLib = _: self;
      initFilter = begin: change { inherit begin; };
      pipeTo = pipe: change { inherit pipe; };
      leafs = change { pipe = files: files; };
      result = self [ ];
      files = self.leafs [ ];
      new = empty;
    };

  empty = tree {
    api = { };
    begin = null;
    keep = _: true;
    map = file: file;
    paths = [ ];
    pipe = null;
  };
in
empty
