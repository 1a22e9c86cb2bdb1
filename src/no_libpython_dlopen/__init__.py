"""A linter and autofixer for code that loads or links libpython by mistake.

The package itself exports only its version: every entry point imports what it
needs when it needs it, since start-up time is what most runs consist of.

PYTEST_DONT_REWRITE: pytest warns of a package with a plugin that is imported before pytest, as
the runtime guard imports this one.
"""

from no_libpython_dlopen.version import __version__

__all__ = ["__version__"]
