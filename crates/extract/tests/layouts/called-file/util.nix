{ lib, runCommand, prefix }:
{
  secret = name: {
    age.secrets.${lib.toLower "${prefix}-${name}"}.file = ./. + "/${name}.age";
  };
  marker = runCommand "marker" { } "touch $out";
}
