# In the manner of npins and niv: what is known of a source, and where its tree is.
let
  pins = builtins.fromJSON (builtins.readFile ./sources.json);
  fetch =
    if builtins.lessThan builtins.nixVersion "1.12" then
      { url, ... }: builtins.fetchTarball { inherit url; }
    else
      builtins.fetchTarball;
in
builtins.mapAttrs (_: pin: pin // { outPath = fetch { inherit (pin) url; }; }) pins
