"""Runs a command under an audit hook that refuses what a check has no business to do.

It is a script: ``audited.py PROJECT ARGUMENT…``. What is refused raises in the tool,
which would make it an internal error, and is printed at the end, since a tool that
catches it must not hide it. Events: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import os
import sys

refused: list[str] = []
project = os.path.realpath(sys.argv[1])
#: Never, wherever they come from.
NEVER = (
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "urllib.Request"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn"),
    *("ctypes.dlopen", "ctypes.dlsym", "pickle.find_class", "webbrowser.open"),
)
WRITES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link",
          "os.symlink", "os.truncate", "os.utime", "shutil.rmtree")  # fmt: skip


def _reason(event: str, arguments: tuple[object, ...]) -> str:
    if event in NEVER or (event in WRITES and "fix" not in sys.argv):
        return f"{event} {arguments[:1]}"
    if event == "open" and "fix" not in sys.argv:
        path, mode, flags = (*arguments, None, None)[:3]
        write = (isinstance(mode, str) and set(mode) & set("wax+")) or (
            isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        return f"open {path} for writing" if write and path != os.devnull else ""
    if event == "exec":  # of a file of the project, or asked for by the tool itself
        name = getattr(arguments[0], "co_filename", "")
        caller = sys._getframe(2).f_code.co_filename
        own = f"{os.sep}no_libpython_dlopen{os.sep}" in caller
        return f"exec of {name} by {caller}" if own or _is_of_project(name) else ""
    if event == "import":
        path = str(arguments[1] or "")
        return f"import of {path}" if _is_of_project(path) else ""
    return ""


def _is_of_project(path: str) -> bool:
    return os.path.isabs(path) and os.path.realpath(path).startswith(project)


def hook(event: str, arguments: tuple[object, ...]) -> None:
    reason = _reason(event, arguments)
    if reason:
        refused.append(reason)
        raise PermissionError(reason)


sys.dont_write_bytecode = True
from no_libpython_dlopen.__main__ import main  # noqa: E402

sys.addaudithook(hook)
status = main(sys.argv[2:])
for reason in refused:
    print("REFUSED", reason)
sys.stdout.flush()
os._exit(99 if refused else status)
