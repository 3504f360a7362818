# In the manner of npins and lon: a variable may put a folder in the place of a source.
let
  pins = builtins.fromJSON (builtins.readFile ./sources.json);
  overridden =
    name: path:
    let
      folder = builtins.getEnv "NPINS_OVERRIDE_${name}";
    in
    if folder == "" then path else /. + folder;
in
builtins.mapAttrs (name: pin: overridden name (builtins.fetchTarball { inherit (pin) url; })) pins
