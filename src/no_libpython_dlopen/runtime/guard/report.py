"""Findings of a running program as JSON, in the shape that ``check`` writes.

Several processes may write one file: forked workers have their parent's guard, and a
whole tree of processes has one ``NOLIBPY_REPORT``. So each finding is appended to the array
at once, under a lock and by one write; what a crash leaves behind is complete up to it.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.runtime.guard.standard_error import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from no_libpython_dlopen.runtime.guard.detection import Detection

_RULES = "https://no-libpython-dlopen.readthedocs.io/rules/"
#: Where the rules' pages are; the rules themselves are above this layer.
PAGES = {
    "NLP401": f"{_RULES}libpython-load-at-runtime/",
    "NLP402": f"{_RULES}libpython-needed-at-runtime/",
}
#: Paths of reports of which it was said that they cannot be written.
_refused: set[str] = set()


class Report:
    """A file that holds one JSON array of findings, each once."""

    def __init__(self, path: str) -> None:
        self.path = path

    def clear(self) -> None:
        """Replace the file by an empty array. Raises ``WriteRefused``."""
        from no_libpython_dlopen.files.output_file import write_output

        write_output(self.path, lambda file: file.write(b"[]\n"))

    def add(self, detection: Detection, message: str) -> None:
        """Add a finding. If it cannot be written, that is said once: the program goes on."""
        import json

        entry = as_finding(detection, message)
        try:
            with open(self.path, "a+b") as file, open(self.path, "r+b", buffering=0) as writer:
                _lock(file.fileno())
                file.seek(0)
                data = file.read()
                try:
                    entries = json.loads(data)
                except ValueError:  # new, or not ours
                    entries = None
                if type(entries) is not list:
                    entries, data = [], b"[]"
                    writer.truncate(0)
                if entry not in entries:
                    end = data.rindex(b"]")  # nothing before it is written anew
                    writer.seek(len(data[:end].rstrip()) if entries else 0)
                    text = json.dumps([entry], indent=2)
                    writer.write(f",{text[1:]}\n".encode() if entries else f"{text}\n".encode())
        except OSError as error:
            if self.path not in _refused:
                _refused.add(self.path)
                say(f"{self.path}: cannot be written: {error.strerror}")
        except Exception:  # noqa: BLE001 - whatever the file holds
            pass


def _lock(descriptor: int) -> None:
    """Wait for the file's lock, which closing the file gives up."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - no such locks, as on Windows
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def as_finding(detection: Detection, message: str) -> dict[str, Any]:
    """Return a detection as an element of the JSON array. A line that is not known is 1."""
    location = detection.location
    row, column, end_row, end_column = location.columns()
    name = location.filename
    return {
        "code": detection.code,
        "name": PAGES[detection.code].rstrip("/").rpartition("/")[2],
        "severity": "error",
        "message": message,
        "filename": os.path.abspath(name) if os.path.isfile(name) else name,
        "location": {"row": max(row, 1), "column": column},
        "end_location": {"row": max(end_row, 1), "column": end_column},
        "fix": None,
        "url": PAGES[detection.code],
        "noqa_row": max(location.row, 1),
    }
