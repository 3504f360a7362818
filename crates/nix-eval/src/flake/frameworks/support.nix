# What the libraries beside this file are given.
{
  lib,
  nixosSystem,
  darwinSystem,
  homeManagerConfiguration,
  flakeAt,
}:
{
  inherit
    lib
    nixosSystem
    darwinSystem
    homeManagerConfiguration
    ;
  # The Nix files and folders in a folder, by name without `.nix`; nothing if it is not there, or a file.
  entries =
    folder:
    if builtins.pathExists folder && builtins.readFileType folder != "regular" then
      lib.mapAttrs' (name: _: lib.nameValuePair (lib.removeSuffix ".nix" name) (folder + "/${name}")) (
        lib.filterAttrs (name: kind: kind == "directory" || lib.hasSuffix ".nix" name) (
          builtins.readDir folder
        )
      )
    else
      { };
  # The inputs of a flake of the project, by its folder.
  inputsOf = folder: removeAttrs (flakeAt folder).inputs [ "self" ];
}
