"""Settings that name libraries: setup.cfg, pyproject.toml, Cython's directives."""
