"""The directory in which the processes of one run leave what they have to say.

The parent removes it at the end, and holds a lock until then. The kernel releases the lock of
a parent that is killed, so the next run knows the directories that nobody else will remove.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time

from no_libpython_dlopen.runtime.guard.startup import CRASH
from no_libpython_dlopen.runtime.guard.under_run import NOTES
from no_libpython_dlopen.runtime.guard.under_run.relaunch import PREFIX, hold_folder
from no_libpython_dlopen.runtime.guard.under_run.run_notes import RunNotes

_NAME = "nolibpy-run-"
_SHARED_MEMORY = "/dev/shm"  # shm_overview(7)
#: Seconds after which a directory without a lock is abandoned, and not just being made.
_SETTLED = 60


class RunFolder:
    """A block with a new directory ``path`` for ``notes``. Raises ``OSError``."""

    def __enter__(self) -> RunFolder:
        _remove_abandoned()
        self.path = tempfile.mkdtemp(prefix=_NAME, dir=_parent())
        self.notes = RunNotes(self.path)
        try:
            self.notes.create()
            self._lock = hold_folder(self.path)
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove the directory; for a process that is just starting in it wait a second at most."""
        import fcntl  # not on Windows, where this module is imported all the same

        for _ in range(100):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # noqa: PERF203 - somebody shares it
                time.sleep(0.01)
            else:
                break
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _parent() -> str:
    """Return the directory for temporary files, or that of shared memory if all else is read-only.

    That may be so in a container.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return _SHARED_MEMORY


def _remove_abandoned() -> None:
    """Remove the directories of this user's runs whose parent and processes have ended."""
    with contextlib.suppress(OSError), os.scandir(_parent()) as entries:
        for entry in entries:
            if entry.name.startswith(_NAME):
                with contextlib.suppress(OSError):
                    _remove_if_abandoned(entry)


def _remove_if_abandoned(entry: os.DirEntry[str]) -> None:
    """Remove a directory that nobody holds, unless anything in it is not from a run."""
    import fcntl

    state = entry.stat(follow_symlinks=False)
    is_settled = time.time() - state.st_mtime > _SETTLED
    if not entry.is_dir(follow_symlinks=False) or state.st_uid != os.getuid() or not is_settled:
        return
    lock = os.open(os.path.join(entry.path, NOTES), os.O_WRONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        names = os.listdir(entry.path)
        if all(name == NOTES or name.startswith((PREFIX, CRASH)) for name in names):
            for name in names:
                os.unlink(os.path.join(entry.path, name))
            os.rmdir(entry.path)
    finally:
        os.close(lock)
