"""Starts the guard in a program that ``nolibpy run`` runs, and takes its own traces away.

Python imports ``sitecustomize`` before it runs the program; ``nolibpy run`` puts this
folder first on ``PYTHONPATH`` so that it is this one. Everything else, from ``sys.argv``
to tracebacks and exit statuses, is then Python's own doing. Before the program starts,
this file takes itself out of ``sys.path``, gives the environment back as it was, so that
child processes are not guarded, and imports the ``sitecustomize`` that it stood before.
"""

from __future__ import annotations

import os
import sys

_PREFIX = "_NOLIBPY_"
_RESTORE = "_NOLIBPY_RESTORE_"


def _leave() -> dict[str, str]:
    """Give back ``sys.path`` and the environment; return the settings that were handed over."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    sys.path_importer_cache.pop(here, None)
    settings = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_PREFIX)}
    if settings:
        os.environ.pop("PYTHONPATH", None)
    if f"{_PREFIX}LOG" in settings:
        os.environ.pop("LD_DEBUG", None)
        os.environ.pop("LD_DEBUG_OUTPUT", None)
    for number in filter(None, settings.get(f"{_PREFIX}TAKEN", "").split(",")):
        os.close(int(number))
    for name, value in settings.items():
        if name.startswith(_RESTORE):
            os.environ[name[len(_RESTORE) :]] = value
    return settings


def _start(settings: dict[str, str]) -> None:
    """Start the guard of the package that this file lies in, installed here or not."""
    import __future__  # noqa: F401 - found now, while sys.path is the program's

    import atexit  # noqa: F401
    import struct  # noqa: F401
    import warnings  # noqa: F401

    package = os.path.abspath(__file__)
    for _ in ("sitecustomize.py", "bootstrap", "guard", "runtime"):
        package = os.path.dirname(package)
    path = sys.path[:]
    sys.path[:] = [os.path.dirname(package)]
    try:
        from no_libpython_dlopen.runtime.guard import startup
    finally:
        sys.path[:] = path
    # A sub-interpreter imports this file as well, after the settings are gone.
    guard = startup.start(
        settings.get(f"{_PREFIX}ACTION", "warn"),  # type: ignore[arg-type]
        settings.get(f"{_PREFIX}REPORT", ""),
        settings.get(f"{_PREFIX}ALLOW", ""),
    )
    guard.notify = startup.parent_notifier(settings.get(f"{_PREFIX}STATUS", ""))
    startup.write_crashes(settings.get(f"{_PREFIX}CRASH", ""))


def _hand_over() -> None:
    """Import the ``sitecustomize`` that this one stood before, if there is one."""
    ours = sys.modules.pop("sitecustomize")
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = ours


_start(_leave())
_hand_over()
