"""Starting the guard in a process from its environment.

The line in the ``.pth`` file of ``nolibpy guard enable`` calls ``from_environment`` in
every process of an environment in which ``NOLIBPY_GUARD`` is set; ``nolibpy run`` sets
the variable for its program and all children, and calls ``start_under_run`` in them.
Whoever set the variable wants to see something: the warnings are shown in every module,
while Python shows deprecations in ``__main__`` only.
"""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.runtime.guard.guard import ACTIONS, Guard, install
from no_libpython_dlopen.runtime.guard.standard_error import say
from no_libpython_dlopen.runtime.guard.under_run import FOLDER
from no_libpython_dlopen.runtime.guard.under_run.descriptors import KeptDescriptor, KeptDescriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from no_libpython_dlopen.runtime.guard.guard import Action

_REPORT = "NOLIBPY_REPORT"
#: The prefix of the names of the files that ``faulthandler`` writes to.
CRASH = "crash."
#: Other accepted values of ``NOLIBPY_GUARD``.
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
            say(f"invalid NOLIBPY_GUARD value {word!r} (expected warn, error or log)")
            _refused.add(word)
        return None
    allowed = environ.get("NOLIBPY_ALLOW", "")
    return start(action, environ.get(_REPORT, ""), allowed)  # type: ignore[arg-type]


def start(action: Action, report: str = "", allowed: str = "") -> Guard:
    """Install the guard, show its warnings, write findings to the file ``report`` if named."""
    patterns = [pattern.strip() for pattern in allowed.split(",") if pattern.strip()]
    listener = None
    if report:
        from no_libpython_dlopen.runtime.guard.report import Report

        path = os.path.abspath(report)
        listener = Report(path).add
        if os.environ.get(_REPORT) == report:
            os.environ[_REPORT] = path  # the same file for children in other folders
    guard = install(action, allow_names=patterns, allow_modules=patterns, listener=listener)
    guard.shows_all = True
    if sys.warnoptions:
        from no_libpython_dlopen.runtime.guard.warning_filters import apply_own_options

        apply_own_options()
    folder = os.environ.get(FOLDER)
    if folder:
        from no_libpython_dlopen.runtime.guard.under_run.run_notes import RunNotes

        guard.notes = RunNotes(folder)
        guard.notes.note_start()
        if guard.watch.starts_with_copy:  # the process may not come to its end
            guard.look()
    elif action == "error":
        from no_libpython_dlopen.runtime.guard.failing_exit import FailingExit

        guard.failing_exit = FailingExit()
    return guard


def start_under_run(*, is_first: bool, has_log: bool, log: str = "") -> None:
    """Start the guard in a process under ``nolibpy run``, whose loader writes to the file ``log``.

    In the first interpreter of a process the place of a crash goes to a file; signals that a
    program which embeds Python handles itself (a JVM does) are left to it.
    """
    guard = from_environment()
    folder = os.environ.get(FOLDER)
    if guard is None or guard.notes is None or folder is None:
        return
    guard.notes.log = guard.watch.log = log
    descriptors = KeptDescriptors(log)
    guard.descriptors = descriptors if descriptors.files else None
    guard.is_first = is_first or _is_main_interpreter()
    if not guard.is_first:
        return
    # Elsewhere than on Linux, where `/proc` is missing by accident, that holds for every process.
    if not has_log and (guard.watch.sees_mapped_files or sys.platform == "linux"):
        guard.notes.note_no_log()
    if not is_first and not _may_handle_crashes():
        return
    crashes = _CrashFile(folder, descriptors)
    try:
        is_open = crashes.open()
    except OSError:  # the parent has ended, or there is no right to write there
        return
    if is_open:
        guard.descriptors = descriptors
        os.register_at_fork(after_in_child=crashes.open_again)


def _is_main_interpreter() -> bool:
    """Return whether this is no sub-interpreter: in one, ``set_wakeup_fd`` is refused."""
    import signal

    try:
        signal.set_wakeup_fd(-1)  # as it is at the start
    except ValueError:
        return False
    return True


def _may_handle_crashes() -> bool:
    """Return whether nobody else handles the signals that ``faulthandler`` would."""
    import faulthandler
    import signal

    names = ("SIGSEGV", "SIGFPE", "SIGABRT", "SIGBUS", "SIGILL")
    handlers = {signal.getsignal(getattr(signal, name)) for name in names}
    return handlers == {signal.SIG_DFL} and not faulthandler.is_enabled()


class _CrashFile:
    """Where ``faulthandler`` writes, unless the user has it elsewhere: one file a process."""

    def __init__(self, folder: str, kept: KeptDescriptors) -> None:
        self.folder = folder
        self.kept = kept
        self.file: KeptDescriptor | None = None

    def open(self) -> bool:
        """Enable ``faulthandler``; return whether the user left that to us."""
        import faulthandler

        if faulthandler.is_enabled():
            return False
        self._enable()
        return True

    def open_again(self) -> None:
        """Let a worker that was forked have a file of its own."""
        import faulthandler

        if not faulthandler.is_enabled() or self.file is None or not self.file.is_open():
            return
        try:
            self._enable()
        except OSError:  # it has given up its rights
            faulthandler.disable()

    def _enable(self) -> None:
        import faulthandler

        path = os.path.join(self.folder, f"{CRASH}{os.getpid()}")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = KeptDescriptor.move(path, descriptor)
        faulthandler.enable(file.number)
        self.kept.replace(self.file, file)
        self.file = file


def leave_out_script_folder() -> None:  # pragma: no cover - of Python 3.10, which has no `-P`
    """Keep the script's folder out of ``sys.path``, as ``-I`` does, where there is no ``-P``.

    Python puts it there after this start and before the first ``cpython.run_*`` audit event.
    A directory or zip file that is run as ``__main__`` stays: it is there under ``-I`` too.
    """
    is_waiting = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal is_waiting
        if is_waiting and event.startswith("cpython.run_"):
            is_waiting = False
            if (event, arguments) != ("cpython.run_module", ("__main__",)):
                del sys.path[:1]

    sys.addaudithook(hook)
