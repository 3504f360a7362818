# No flake and no tool that is known: flakes are fetched and called as Nix does it.
let
  pin = url: builtins.fetchTree {
    type = "tarball";
    inherit url;
    narHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  flake =
    source: inputs:
    let
      raw = import (source.outPath + "/flake.nix");
      outputs = raw.outputs (inputs // { self = result; });
      result = outputs // source // {
        outPath = source.outPath;
        inherit inputs outputs;
        sourceInfo = source;
        _type = "flake";
      };
    in
    result;
  nixpkgs = flake (pin "https://releases.nixos.org/nixos/unstable/nixos-26.05pre1.abc/nixexprs.tar.xz") { };
  agenix = flake (pin "https://github.com/ryantm/agenix/archive/abc.tar.gz") { inherit nixpkgs; };
  nameOf = file: nixpkgs.lib.removeSuffix ".nix" (nixpkgs.lib.last (nixpkgs.lib.splitString "/" file));
  modules = builtins.listToAttrs (
    map (file: {
      name = builtins.unsafeDiscardStringContext (nameOf file);
      value = import file;
    }) [ ./mods/mail.nix ]
  );
in
{
  nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    modules = [
      agenix.nixosModules.default
      modules.mail
    ];
  };
}
