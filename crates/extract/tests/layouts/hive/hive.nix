{
  meta.nixpkgs = <nixpkgs>;
  defaults.imports = [ <agenix/modules/age.nix> ];
  cellar =
    { name, ... }:
    {
      age.secrets.wine.file = ./wine.age;
      networking.hostName = name;
    };
}
