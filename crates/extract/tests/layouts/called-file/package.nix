{ stdenv }: stdenv.mkDerivation { name = "package"; }
