{
  nixpkgs = builtins.fetchTarball "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz";
  sops-nix = builtins.fetchTarball "https://example.org/sops-nix.tar.gz";
}
