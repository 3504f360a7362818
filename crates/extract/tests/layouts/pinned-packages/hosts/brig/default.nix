import ../. [
  ./configuration.nix
  { age.secrets.oar.owner = "rower"; }
]
