{ buildPythonPackage }:
buildPythonPackage rec {
  pname = "band";
  NIX_LDFLAGS = "-lpython3.11";
}
