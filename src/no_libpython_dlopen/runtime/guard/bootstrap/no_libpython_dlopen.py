"""Leads to the package that ``nolibpy run`` belongs to, wherever that is installed.

Python reads ``-W error::no_libpython_dlopen.runtime.LibpythonWarning`` and
``PYTHONWARNINGS`` before ``site`` has added any folder of packages: what is named there is
found only on ``PYTHONPATH``, whose first folder is this one.

PYTEST_DONT_REWRITE, as in the package itself.
"""

import os
import sys

_folder = os.path.abspath(__file__)
for _ in ("file", "bootstrap", "guard", "runtime"):
    _folder = os.path.dirname(_folder)
__path__ = [_folder]
__file__ = os.path.join(_folder, "__init__.py")
__spec__ = sys.modules["_frozen_importlib_external"].spec_from_file_location(
    __name__, __file__, submodule_search_locations=__path__
)
__loader__ = __spec__.loader

from no_libpython_dlopen.version import __version__  # noqa: E402

__all__ = ["__version__"]
