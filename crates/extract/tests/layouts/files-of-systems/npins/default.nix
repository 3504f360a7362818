{
  nixpkgs = builtins.fetchTarball {
    url = "https://github.com/NixOS/nixpkgs/archive/d407951447dcd00442e97087bf374aad70c04cea.tar.gz";
    sha256 = "0000000000000000000000000000000000000000000000000000";
  };
}
