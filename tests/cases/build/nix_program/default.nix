{ stdenv }:
stdenv.mkDerivation rec {
  pname = "band";
  NIX_LDFLAGS = "-lpython3.11";
}
