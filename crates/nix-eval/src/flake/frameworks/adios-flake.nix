# adios-flake's `mkFlake`: the outputs of `flake`, those of each system aside (its README).
{ ... }:
{
  flake ? { },
  ...
}:
flake
