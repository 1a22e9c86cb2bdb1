"""What happens in a running process: a guard, a doctor and a pytest plugin.

``install`` warns, at the user's own line, when libpython is opened or an extension
module that needs it is imported, as the proposal asks of CPython itself. ``allow`` lets
a block of code do so on purpose.

This package lives in other people's programs. It imports the standard library,
``knowledge`` and the ELF and Mach-O readers of ``binary``, and of those as little as it can.
"""

from __future__ import annotations

from no_libpython_dlopen.runtime.guard.detection import LibpythonWarning
from no_libpython_dlopen.runtime.guard.guard import allow, install, uninstall

__all__ = ["LibpythonWarning", "allow", "install", "uninstall"]
