"""Starts the guard in a program that ``nolibpy run`` runs, and in the Pythons that it starts.

Python imports ``sitecustomize`` before it runs a program; ``nolibpy run`` puts this
folder first on ``PYTHONPATH`` so that it is this one. Everything else, from ``sys.argv``
to tracebacks and exit statuses, is then Python's own doing. Before the program starts,
this file takes its folder out of ``sys.path``, gives back what was changed for the start
of the program alone, and imports the ``sitecustomize`` that it stood before. The folder
stays on ``PYTHONPATH``, by which child processes get the guard.

A child may be any Python, so what stands here has to be valid for Python 2 as well: no
functions with annotations, no ``from __future__ import annotations``.
"""

import os
import sys

_folder = os.path.dirname(os.path.abspath(__file__))
_run = os.environ.get("_NOLIBPY_RUN")
if _run and sys.version_info >= (3, 10) and "_NOLIBPY_START_TAKEN" not in os.environ:
    try:
        from no_libpython_dlopen.runtime.guard.under_run import relaunch

        relaunch.relaunch(_run, is_program="_NOLIBPY_START_PROGRAM" in os.environ)
    except Exception:  # noqa: BLE001 - without a log, then
        pass
elif _run and sys.version_info < (3, 10):
    try:
        _notes = os.open(os.path.join(_run, "notes"), os.O_WRONLY | os.O_APPEND)
        _version = ".".join(map(str, sys.version_info[:2]))
        _line = "<%d %s (Python %s)\n" % (os.getpid(), sys.executable, _version)  # noqa: UP031
        os.write(_notes, _line.encode("utf-8"))
        os.close(_notes)
    except Exception:  # noqa: BLE001 - the parent has gone
        pass
_settings = {}
_log = ""
for _name in list(os.environ):
    if _name.startswith("_NOLIBPY_START_"):  # for this process and no other
        _settings[_name[15:]] = os.environ.pop(_name)
if "TAKEN" in _settings:
    os.environ.pop("LD_DEBUG", None)
    _log = "%s.%d" % (os.environ.pop("LD_DEBUG_OUTPUT", ""), os.getpid())  # noqa: UP031
    from no_libpython_dlopen.runtime.guard.under_run import descriptors

    for _number in descriptors.release(_settings["TAKEN"], _settings.get("LIMIT", "")):
        _name = ("stdin", "stdout", "stderr")[_number]  # closed by the user
        setattr(sys, _name, None)
        setattr(sys, "__%s__" % _name, None)  # noqa: UP031
for _name in filter(None, _settings.get("NUMBER", "").split(",")):
    os.environ[_name] = str(os.getpid())
for _name in list(_settings):
    if _name.startswith("RESTORE_"):  # what `-E` hides from the program, and not from children
        os.environ[_name[8:]] = _settings[_name]
        if _name == "RESTORE_PYTHONPATH":
            os.environ["PYTHONPATH"] = os.pathsep.join([_folder, _settings[_name]])

try:
    if sys.version_info >= (3, 10):  # noqa: UP036 - a child may be any
        from no_libpython_dlopen.runtime.guard import startup

        _is_first = "TAKEN" in _settings or "PROGRAM" in _settings
        startup.start_under_run(is_first=_is_first, has_log="TAKEN" in _settings, log=_log)
        if "ISOLATED" in _settings:
            startup.leave_out_script_folder()
except Exception:  # noqa: BLE001 - the program runs whatever happens here
    if sys.stderr:
        sys.stderr.write("nolibpy: this process is not guarded: %s\n" % sys.exc_info()[1])  # noqa: UP031

sys.path[:] = [_entry for _entry in sys.path if os.path.abspath(_entry) != _folder]
sys.path_importer_cache.pop(_folder, None)
_ours = sys.modules.pop("sitecustomize")
try:
    __import__("sitecustomize")
except ImportError:
    if getattr(sys.exc_info()[1], "name", "sitecustomize") != "sitecustomize":
        raise
    sys.modules["sitecustomize"] = _ours
