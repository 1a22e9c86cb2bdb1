"""The functions of Python that start a process, by the last words of their names."""

from __future__ import annotations

#: Those that get a command and run it beside the program: ``subprocess``'s, ``os.system``.
RUNNERS = frozenset(
    {"run", "call", "check_call", "check_output", "Popen", "getoutput", "system", "popen"}
)
#: All of them: those that replace the program, and those of ``multiprocessing`` and the like, too.
STARTERS = RUNNERS | {"spawn", "spawnv", "execv", "execvp"}
