"""Starting the guard in a process from its environment.

The line in the ``.pth`` file of ``nolibpy guard enable`` calls ``from_environment`` in
every process of an environment in which ``NOLIBPY_GUARD`` is set; ``nolibpy run`` calls
``start`` in one. Whoever set the variable wants to see something: the warnings are
shown in every module, while Python shows deprecations in ``__main__`` only.
"""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.runtime.guard.detection import LibpythonWarning
from no_libpython_dlopen.runtime.guard.guard import ACTIONS, Guard, install

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from no_libpython_dlopen.runtime.guard.guard import Action

#: ``NOLIBPY_GUARD`` in other words.
_ON, _OFF = frozenset({"1", "on", "true", "yes"}), frozenset({"", "0", "off", "false", "no"})
#: Words that were complained about: a virtual environment reads its ``.pth`` files twice.
_refused: set[str] = set()


def from_environment(environ: Mapping[str, str] = os.environ) -> Guard | None:
    """Start the guard as ``NOLIBPY_GUARD`` says and return it, ``None`` where it is off.

    ``NOLIBPY_GUARD`` is ``warn``, ``error`` or ``log``; ``NOLIBPY_REPORT`` the file of a
    report in JSON; ``NOLIBPY_ALLOW`` a list of patterns, separated by commas, of libpython
    names or modules that may open it. An unknown word is told on standard error.
    """
    word = environ.get("NOLIBPY_GUARD", "").strip().lower()
    if word in _OFF:
        return None
    action = "warn" if word in _ON else word
    if action not in ACTIONS:
        if word not in _refused:
            print(
                f"nolibpy: invalid NOLIBPY_GUARD value {word!r} (expected warn, error or log)",
                file=sys.stderr,
            )
            _refused.add(word)
        return None
    allowed = environ.get("NOLIBPY_ALLOW", "")
    return start(action, environ.get("NOLIBPY_REPORT", ""), allowed)  # type: ignore[arg-type]


def start(action: Action, report: str = "", allowed: str = "") -> Guard:
    """Install the guard, show its warnings, write findings to the file ``report`` if named."""
    patterns = [pattern.strip() for pattern in allowed.split(",") if pattern.strip()]
    listener = None
    if report:
        from no_libpython_dlopen.runtime.guard.report import Report

        listener = Report(os.path.abspath(report)).add
    guard = install(action, allow_names=patterns, allow_modules=patterns, listener=listener)
    show_warnings()
    return guard


def parent_notifier(descriptor: str) -> Callable[[str], None] | None:
    """Return the function that sends the parent one word, once."""
    if not descriptor:
        return None
    number = int(descriptor)
    os.set_inheritable(number, False)
    told: set[str] = set()

    def tell(word: str) -> None:
        if word not in told:
            told.add(word)
            try:
                os.write(number, os.fsencode(word.replace("\n", " ")) + b"\n")
            except OSError:  # the program closed it, as a daemon does
                return

    return tell


def write_crashes(descriptor: str) -> None:
    """Let ``faulthandler`` write to the parent's file, unless the user has it elsewhere."""
    if not descriptor:
        return
    import faulthandler

    number = int(descriptor)
    os.set_inheritable(number, False)
    if not faulthandler.is_enabled():
        faulthandler.enable(number)


def show_warnings() -> None:
    """Let ``LibpythonWarning`` be shown wherever it comes from, unless the user says otherwise.

    The filter goes behind those of ``-W`` and ``PYTHONWARNINGS`` and before Python's own,
    which hide deprecations. The first of these is told by its module, a plain text: a
    user's filter holds a compiled pattern there.
    """
    import warnings

    ours = ("default", None, LibpythonWarning, None, 0)
    filters: list[object] = list(warnings.filters)
    if ours in filters:  # a virtual environment reads its .pth files twice
        return
    first = ("default", None, DeprecationWarning, "__main__", 0)
    places = [at for at, item in enumerate(filters) if item == first]
    warnings.simplefilter("default", LibpythonWarning, append=True)
    if places:
        warnings.filters.insert(places[-1], warnings.filters.pop())  # type: ignore[attr-defined]
