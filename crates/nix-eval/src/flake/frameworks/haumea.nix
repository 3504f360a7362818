# haumea's `lib.load`: a tree of files as a tree of values (its docs: load, loaders, transformers).
{ lib, entries, ... }:
let
  # An argument that is not there fails only where it is used.
  called =
    value: inputs:
    let
      wanted = lib.filterAttrs (name: hasDefault: !hasDefault || inputs ? ${name}) (
        builtins.functionArgs value
      );
    in
    if builtins.isFunction value then value (lib.mapAttrs (name: _: inputs.${name}) wanted) else value;
in
{
  load =
    {
      src,
      inputs ? { },
      loader ? null,
      transformer ? [ ],
      ...
    }:
    let
      loaders = if loader == null then null else lib.toList loader;
      default =
        inputs: path:
        let
          value = import path;
        in
        called value inputs;
      loadFile =
        inputs: path:
        if loaders == null then
          default inputs path
        else if builtins.isFunction (lib.head loaders) then
          (lib.head loaders) inputs path
        else
          (lib.head loaders).loader inputs path;
      transform = cursor: value: lib.foldl (value: f: f cursor value) value (lib.flatten [ transformer ]);
      tree =
        cursor: super: folder:
        let
          self = lib.concatMapAttrs (
            name: path:
            if lib.hasPrefix "__" name then
              { }
            else if lib.hasSuffix ".nix" (toString path) then
              { ${name} = loadFile (inputs // { inherit self super root; }) path; }
            else
              { ${name} = tree (cursor ++ [ name ]) self path; }
          ) (entries folder);
        in
        transform cursor (lib.filterAttrs (name: _: !lib.hasPrefix "_" name) self);
      root = tree [ ] { } src;
    in
    root;
  loaders = {
    default =
      inputs: path:
      let
        value = import path;
      in
      called value inputs;
    verbatim = _: path: import path;
    path = _: path: path;
    scoped = inputs: path: builtins.scopedImport inputs path;
    callPackage =
      inputs: path:
      let
        value = import path;
      in
      value (builtins.intersectAttrs (builtins.functionArgs value) inputs);
  };
  transformers = {
    liftDefault =
      _: value: if value ? default then removeAttrs value [ "default" ] // value.default else value;
    hoistAttrs = _: _: _: value: value;
    hoistLists = _: _: _: value: value;
    prependUnderscore =
      _: value:
      lib.mapAttrs' (
        name: inner: lib.nameValuePair (if builtins.match "[0-9].*" name != null then "_" + name else name) inner
      ) value;
  };
}
