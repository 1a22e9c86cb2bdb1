"""Pythons that a program under ``nolibpy run`` starts and that the guard does not reach.

The guard reaches a child through ``PYTHONPATH`` and its own variables. A program that gives the
child another environment (as tox does), or the option ``-I``, ``-E`` or ``-S``, keeps it out; a run
that looks at the exit status has to say so. The audit events announce a child before it starts; if
a ``.pth`` file brings the guard in after all, that guard withdraws the note.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.files.safe_open import read_head
from no_libpython_dlopen.runtime.guard.own_imports import OWN_IMPORTS
from no_libpython_dlopen.runtime.guard.under_run import FOLDER, NOTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: The events, and where their arguments have the executable, the words and the environment.
STARTS = {
    "subprocess.Popen": (0, 1, 3),
    "os.posix_spawn": (0, 1, 2),
    "os.exec": (0, 1, 2),
    "os.system": (),
}
_FOLDER = 2  # of the arguments of ``subprocess.Popen``
_KEEPING_OUT = frozenset("IES")
#: Letters of options that take a value: the rest of the word, or the next one.
_WITH_VALUE = frozenset("WX")
_LONG_WITH_VALUE = "--check-hash-based-pycs"
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "busybox", "ksh", "mksh", "zsh"})
#: Programs that start the command that follows them.
_WRAPPERS = frozenset({"env", "exec", "nohup", "time"})
#: Words of the shell before a command.
_KEYWORDS = frozenset({"!", "{", "if", "then", "elif", "else", "do", "while", "until"})
#: Whether a file is an interpreter, by what tells it apart.
_interpreters: dict[tuple[int, int, int], bool] = {}
_GUARD = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_BOOTSTRAP = os.path.join(_GUARD, "bootstrap")
#: Bytes of a script's first line that Linux reads (``execve(2)``).
_FIRST_LINE = 256


def unguarded_command(event: str, args: tuple[Any, ...]) -> str:
    """Return the command of a Python that is about to start without the guard, or ``""``."""
    folder = ""
    if event == "os.system":
        executable, words, environment = "sh", ["sh", "-c", args[0]], None
    else:
        executable, words, environment = (args[index] for index in STARTS[event])
        if event == "subprocess.Popen":
            folder = os.fsdecode(args[_FOLDER] or "")
    if isinstance(words, (str, bytes, os.PathLike)):
        words = [words]
    command = [os.fsdecode(word) for word in words]
    environment = os.environ if environment is None else environment
    variables = {os.fsdecode(name): os.fsdecode(text) for name, text in environment.items()}
    path = os.fsdecode(executable or command[0])
    commands = iter([[path, *command[1:]]])
    if is_shell(path):
        options = [
            word.startswith("-") and word.endswith("c") and not word.startswith("--")
            for word in command[:-1]  # `-ec`, but not `--norc`
        ]
        if True in options:
            commands = _simple_commands(command[options.index(True) + 1])
    for parts in commands:
        found = start_without_guard(parts, dict(variables), folder)
        if found:
            return " ".join([command[0] if found[0] == path else found[0], *found[1:]])
    return ""


def start_without_guard(command: list[str], variables: dict[str, str], folder: str) -> list[str]:
    """Return the words by which a command starts a Python without the guard, else none."""
    while command:
        name, is_assignment, text = command[0].partition("=")
        if is_assignment and name.isidentifier():
            variables[name] = text
        elif name not in _KEYWORDS and os.path.basename(name) not in _WRAPPERS:
            break
        command = command[1:]
    if not command:
        return []
    path = os.path.join(folder, command[0]) if "/" in command[0] else command[0]
    if "/" in path and not os.path.isfile(path):  # a folder of PATH that is tried
        return []
    file = _find(path, variables)
    if not is_python(path, file):
        words = _first_line(file)
        if not words or not is_python(words[0], _find(words[0], variables)):
            return []
        command = [*words, command[0] if "/" in command[0] else file, *command[1:]]
    return command if is_kept_out(command, variables) else []


def is_python(name: str, file: str) -> bool:
    """Return whether a program is an interpreter by its name, or by what its file calls."""
    name = os.path.basename(name)
    version = name.removeprefix("python").removesuffix("t").replace(".", "")
    if name.startswith("python") and (version == "" or version.isdecimal()):
        return True
    key = _identity(file)
    if key is None:
        return False
    if key not in _interpreters:
        with OWN_IMPORTS:
            from no_libpython_dlopen.runtime import binary_info

            found = binary_info.is_interpreter(file)
        if _identity(file) != key:  # the process of a /proc/PID/exe has become another program
            return False
        _interpreters[key] = found
    return _interpreters[key]


def _identity(file: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def is_shell(path: str) -> bool:
    """Return whether a program is a shell by its name."""
    return os.path.basename(path) in _SHELLS


def is_kept_out(command: list[str], variables: Mapping[str, str]) -> bool:
    """Return whether a Python with these words and variables does not load the guard."""
    folders = variables.get("PYTHONPATH", "").split(os.pathsep)
    is_let_in = _BOOTSTRAP in folders and bool(variables.get("NOLIBPY_GUARD"))
    is_let_in = is_let_in and os.path.isfile(os.path.join(variables.get(FOLDER, ""), NOTES))
    return not is_let_in or not _KEEPING_OUT.isdisjoint(options_and_operand(command)[0])


def _find(name: str, variables: Mapping[str, str]) -> str:
    """Return the file of a command that ``PATH`` leads to, or ``name``, which may be a path."""
    folders = () if "/" in name else variables.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return name


def _first_line(path: str) -> list[str]:
    """Return the words of a script's first line, by which the system starts it."""
    try:
        line = read_head(path, _FIRST_LINE).partition(b"\n")[0]
    except (OSError, ValueError):
        return []
    words = os.fsdecode(line[2:]).split() if line.startswith(b"#!") else []
    is_env = bool(words) and os.path.basename(words[0]) == "env"
    return [word for word in words[1:] if word != "-S"] if is_env else words


def _simple_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command in a command of the shell."""
    import shlex

    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace_split = True
    lexer.whitespace = " \t\r"
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("();<>|&\n"):
                yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # a quotation that does not end
        pass
    yield words


def options_and_operand(command: list[str]) -> tuple[set[str], int]:
    """Return the letters of the interpreter's options, and the index of its program in the words.

    The program is a file, or what follows ``-c`` or ``-m``.
    """
    letters: set[str] = set()
    at = 1
    while at < len(command) and command[at].startswith("-") and command[at] != "-":
        word = command[at]
        at += 1
        if word.startswith("--"):
            if word == "--":
                break
            at += word == _LONG_WITH_VALUE
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter in "cm":  # the program's own words follow
                return letters, at - (position < len(word))
            if letter in _WITH_VALUE:
                at += position == len(word)
                break
            letters.add(letter)
    return letters, at
