"""Commands inside files of other languages: YAML, RPM specs, tox.ini, Nix, Python strings."""
