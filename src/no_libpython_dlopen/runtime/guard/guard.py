"""The guard: a warning whenever libpython is opened, before it is mapped.

An audit hook cannot be removed and sees every event of its interpreter, so the path of
those that do not matter is one comparison. The rest must never disturb the program:
whatever goes wrong here while looking is swallowed, and only what the user asked for is
raised.
"""

from __future__ import annotations

import os
import sys
from _thread import _local, get_ident

from no_libpython_dlopen.runtime.guard.audit_events import EVENTS, OPENINGS, Detector
from no_libpython_dlopen.runtime.guard.detection import Detection, LibpythonWarning
from no_libpython_dlopen.runtime.guard.own_imports import OWN_IMPORTS
from no_libpython_dlopen.runtime.guard.source_location import caller_location
from no_libpython_dlopen.runtime.guard.standard_error import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal

    from no_libpython_dlopen.runtime.guard.failing_exit import FailingExit
    from no_libpython_dlopen.runtime.guard.under_run.descriptors import KeptDescriptors
    from no_libpython_dlopen.runtime.guard.under_run.run_notes import RunNotes

    Action = Literal["warn", "error", "log", "record"]
    Listener = Callable[[Detection, str], None]

#: What ``install`` takes.
ACTIONS = ("warn", "error", "log", "record")


class _Thread(_local):
    """``busy`` while the guard itself runs, ``allowed`` the depth of ``allow()`` blocks."""

    busy = False
    allowed = 0


class Guard:
    """One interpreter's guard. There is at most one: ``install`` returns it."""

    def __init__(self) -> None:
        self.action: Action | Literal["off"] = "off"
        self.listeners: list[Listener] = []
        self.allowed_names: tuple[str, ...] = ()
        self.allowed_modules: tuple[str, ...] = ()
        self.watch = Detector()
        #: For the parent, under ``nolibpy run``.
        self.notes: RunNotes | None = None
        #: Whether this is the first interpreter of a process under ``nolibpy run``.
        self.is_first = False
        #: The descriptors that the program must not get, under ``nolibpy run``.
        self.descriptors: KeptDescriptors | None = None
        #: Makes the process fail, where there is no such parent.
        self.failing_exit: FailingExit | None = None
        #: Whether warnings are shown for all modules, not for ``__main__`` only.
        self.shows_all = False
        self.thread = _Thread()
        self._messages: dict[tuple[str, int, str, str], str] = {}
        self._shown: set[tuple[str, int, str, str]] = set()
        self._raised: dict[tuple[str, int, str, str], str] = {}
        self._is_ending = False
        #: Whether it could not look: the log of the dynamic loader counts then.
        self._has_failed = False

    def observe(self, event: str, args: tuple[Any, ...]) -> LibpythonWarning | None:
        """Look at one event, tell, and return what the hook has to raise, if anything."""
        if self.action == "off" or self.thread.busy:
            return None
        self.thread.busy = True
        try:
            found = self._see(event, args)
            if found:
                with OWN_IMPORTS:
                    self._tell_all(found)
        except LibpythonWarning as warning:
            self.watch.refuse()
            return warning.with_traceback(None)  # of frames that are none of the user's
        except Exception:  # noqa: BLE001 - as when it looks
            self._fail(event, args)
        finally:
            self.thread.busy = False
        return None

    def _see(self, event: str, args: tuple[Any, ...]) -> list[Detection]:
        """Return the detections of an event that nobody allowed; never raises."""
        found: list[Detection] = []
        try:
            found = self.watch.detect(event, args)
            if self.notes is not None:
                if event in {"import", "ctypes.dlopen"}:  # not before an exec, as pexpect does it
                    if self.descriptors and not self.descriptors.keep():
                        self.notes.note_no_log()
                else:
                    self._note_start_of_child(event, args)
            if found:
                with OWN_IMPORTS:
                    return self.select(found)
        except Exception:  # noqa: BLE001 - a guard that fails must not stop the program
            self._fail(event, args)
        return found

    def _fail(self, event: str, args: tuple[Any, ...]) -> None:
        """Leave an event to the parent, which has the log: nothing is imported at tear-down."""
        self._has_failed = True
        if self.notes is None or event != "ctypes.dlopen" or args[0] is None:
            return
        try:
            here, name = caller_location(), os.fsdecode(args[0])
            if self.thread.allowed:
                self.notes.note_allowed(name)
            self.notes.note_unjudged(name, f"{here.module} {here.filename}:{here.row}")
        except Exception:  # noqa: BLE001 - nothing works any more
            return

    def _note_start_of_child(self, event: str, args: tuple[Any, ...]) -> None:
        """Report a Python that starts without the guard to the parent."""
        from no_libpython_dlopen.runtime.guard.under_run import child_pythons

        if self.notes is not None and event in child_pythons.STARTS:
            command = child_pythons.unguarded_command(event, args)
            if command:
                self.notes.note_unguarded(command, is_this_process=event == "os.exec")

    def select(self, detections: list[Detection]) -> list[Detection]:
        """Return those that nobody allowed, and tell the parent of the others."""
        found = []
        for detection in detections:
            is_allowed = self.is_allowed(detection)
            if self.notes is not None:
                if detection.late and self.notes.is_told(detection.file):
                    continue
                if is_allowed:
                    self.notes.note_allowed(detection.file)
                    if "/" in detection.library:  # a link that may be gone at the end
                        self.notes.note_allowed(detection.library)
            if not is_allowed:
                found.append(detection)
        return found

    def is_allowed(self, detection: Detection) -> bool:
        """Return whether the user allowed what was seen."""
        if self.thread.allowed:
            return True
        from no_libpython_dlopen.runtime.guard.suppression import is_suppressed

        if is_suppressed(detection.code, detection.location):
            return True
        if not self.allowed_names and not self.allowed_modules:
            return False
        from fnmatch import fnmatchcase

        names = (detection.library, detection.library.rpartition("/")[2], detection.file)
        modules = (detection.location.module, detection.name)
        return any(
            fnmatchcase(name, pattern) for pattern in self.allowed_names for name in names
        ) or any(
            fnmatchcase(module, pattern) or module.startswith(f"{pattern}.")
            for pattern in self.allowed_modules
            for module in modules
        )

    def _tell_all(self, detections: list[Detection]) -> None:
        """Report each detection, to the parent as well, then raise what the first report raised.

        What is late is shown instead: the line that runs now did not bring it.
        """
        first = None
        for detection in detections:
            is_refused = False
            try:
                self.act(detection)
            except LibpythonWarning as warning:
                if detection.late:
                    _show(warning, "at exit" if self._is_ending else "")
                else:
                    is_refused = True
                    self._raised.setdefault(detection.key, str(warning))
                    first = first or warning
            except Exception:  # noqa: BLE001 - of code of the program that shows warnings
                pass
            if self.notes is not None:
                where = detection.location
                place = f"{where.filename}:{where.row}" if where.row else ""
                self.notes.note_found(detection.file, place, is_refused=is_refused)
        if first is not None:
            raise first

    def act(self, detection: Detection) -> None:
        """Do as ``action`` says. Raises ``LibpythonWarning`` where that is the user's wish."""
        key = detection.key
        message = self._messages.get(key)
        if message is None:
            message = self._messages[key] = detection.message()
        for listener in self.listeners:
            listener(detection, message)
        warning = detection.warning(message)
        if self.action == "error":
            if self.failing_exit is not None:
                self.failing_exit.demand()
            raise warning
        if self.action == "log" and key not in self._shown:
            import logging

            where = f"{detection.location.filename}:{detection.location.row}"
            logging.getLogger("no_libpython_dlopen").warning("%s: %s", where, warning)
        elif self.action == "warn":
            from no_libpython_dlopen.runtime.guard import warning_filters

            if self.shows_all:
                warning_filters.show_warnings()
            if key not in self._shown or warning_filters.wants_repetition(
                warning, detection.location
            ):
                warning_filters.warn(warning, detection.location)
        self._shown.add(key)

    def look(self) -> None:
        """Report what is mapped and raised no event."""
        self.thread.busy = True
        try:
            with OWN_IMPORTS:
                found = self.watch.look()
                if found:
                    self._tell_all(self.select(found))
        finally:
            self.thread.busy = False

    def at_exit(self) -> None:
        """Report what raised no event."""
        if self.action == "off":
            return
        self._is_ending = True
        try:
            self.look()
        except Exception:  # noqa: BLE001 - what is left of a program that emptied its modules
            self._has_failed = True
        if self.action == "error":
            self._repeat_raised()
            if self.failing_exit is not None and self.failing_exit.is_demanded():
                self.failing_exit.arrange()
        sees_all = self.watch.sees_mapped_files and not self._has_failed
        if self.notes is not None and self.is_first and sees_all:
            self.notes.note_end()

    def _repeat_raised(self) -> None:
        """Report exceptions that the program caught: its status wants a reason."""
        last = getattr(sys, "last_value", None)
        for key, text in self._raised.items():
            if isinstance(last, LibpythonWarning) and (last.filename, last.row) == key[:2]:
                continue  # the traceback has been shown
            say(f"raised at {key[0]}:{key[1]}: {text}")

    def after_fork(self) -> None:
        """Look once more at the end of a worker of ``multiprocessing``: it skips ``atexit``."""
        self._raised = {}
        util = sys.modules.get("multiprocessing.util")
        if util is not None and self.action != "off":
            # Its registry is emptied in the worker before this is called.
            util.register_after_fork(self, _look_at_worker_end)


def _look_at_worker_end(guard: Guard) -> None:
    from multiprocessing.util import Finalize

    Finalize(None, guard.at_exit, exitpriority=-1000)


class Allow:
    """A block that may open libpython, in the thread that runs it."""

    _start = -1  # the size of the loader's log

    def __enter__(self) -> None:
        if _guard is not None:
            _guard.thread.allowed += 1
            self._start = _guard.notes.log_size() if _guard.notes is not None else -1

    def __exit__(self, *_: object) -> None:
        if _guard is not None and _guard.thread.allowed:
            _guard.select(_guard.watch.look())  # what the block mapped is known from here on
            if _guard.notes is not None:
                _guard.notes.note_allowed_since(self._start)
            _guard.thread.allowed -= 1


def _show(warning: LibpythonWarning, when: str) -> None:
    """Show what cannot be raised any more."""
    say(f"{when or f'{warning.filename}:{warning.row}'}: {warning}")


def is_silent() -> bool:
    """Return whether this platform needs the link to libpython: nothing is wrong there."""
    is_android = hasattr(sys, "getandroidapilevel")
    return is_android or sys.platform in {"win32", "cygwin", "msys", "android"}


#: The hook of an interpreter stays for good, and so does what it calls.
_guard: Guard | None = None


def install(
    action: Action = "warn",
    *,
    allow_names: Iterable[str] = (),
    allow_modules: Iterable[str] = (),
    listener: Listener | None = None,
) -> Guard:
    """Watch this interpreter from now on and return its guard; a second call changes the first.

    ``warn`` issues a ``LibpythonWarning`` at the user's line, ``error`` raises it before
    anything is mapped, ``log`` writes to the logger ``no_libpython_dlopen``. ``record``
    only calls ``listener``, as the others do as well, with each detection and its message.

    ``allow_names`` are patterns of libpython names that may be opened, ``allow_modules``
    packages (or patterns) that may open any, or be extension modules that need it.
    Raises ``ValueError`` for an unknown action.
    """
    global _guard  # noqa: PLW0603 - an audit hook is global to its interpreter
    if action not in ACTIONS:
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}, not {action!r}")
    if _guard is None:
        _guard = Guard()
        if not is_silent():
            OWN_IMPORTS.keep_modules()
            _add_hook(_guard)
    _guard.allowed_names = tuple(allow_names)
    _guard.allowed_modules = tuple(allow_modules)
    _guard.listeners = [] if listener is None else [listener]
    _guard.action = action
    return _guard


def uninstall() -> None:
    """Stop watching. The hook itself stays, since Python cannot remove one, and returns at once."""
    if _guard is not None:
        _guard.action = "off"
        _guard.listeners = []
        _guard.watch.pending = None


def allow() -> Allow:
    """Return a context manager for code that opens libpython on purpose.

    >>> with allow():
    ...     pass  # ctypes.CDLL("libpython3.11.so.1.0") would be silent here
    """
    return Allow()


def _add_hook(guard: Guard) -> None:
    import atexit

    events, openings, watch, is_open = EVENTS, OPENINGS, guard.watch, os.get_inheritable

    def hook(event: str, args: tuple[Any, ...]) -> None:
        pending = watch.pending
        if event in openings:
            if (kept := guard.descriptors) is not None:
                try:
                    is_open(kept.number)  # the quickest question
                except OSError:
                    kept.keep()
            if pending is None:
                return
        if pending is None:
            if event not in events or (event == "import" and args[1] is None):
                return
        elif pending.thread != get_ident() and event not in events:
            return
        error = guard.observe(event, args)
        if error is not None:
            raise error

    sys.addaudithook(hook)
    atexit.register(guard.at_exit)
    if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
        os.register_at_fork(after_in_child=guard.after_fork)
