"""Pythons that a program under ``nolibpy run`` starts and that the guard does not reach.

The guard reaches a child through ``PYTHONPATH`` and its own variables. A program that gives the
child another environment (as tox does), or the option ``-I``, ``-E`` or ``-S``, keeps it out; a run
that looks at the exit status has to say so. The audit events announce a child before it starts; if
a ``.pth`` file brings the guard in after all, that guard withdraws the note.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.files.safe_open import safe_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
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
_SHELLS = frozenset({"sh", "bash", "dash"})
#: Programs that start the command that follows them.
_WRAPPERS = frozenset({"env", "exec", "nohup", "time"})
#: Words of the shell before a command.
_KEYWORDS = frozenset({"!", "{", "if", "then", "elif", "else", "do", "while", "until"})
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
    if os.path.basename(path) in _SHELLS:
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
    if not is_python(path):
        words, found = _interpreter(path, variables)
        command = [*words, found if path == command[0] else command[0], *command[1:]]
        if not is_python(command[0]):
            return []
    return [] if _is_let_in(variables) and not _keep_out(command) else command


def is_python(path: str) -> bool:
    """Return whether a file has the name of an interpreter."""
    name = os.path.basename(path)
    version = name.removeprefix("python").removesuffix("t").replace(".", "")
    return name.startswith("python") and (version == "" or version.isdecimal())


def _interpreter(path: str, variables: dict[str, str]) -> tuple[list[str], str]:
    """Return the words of a script's first line, by which the system starts it, and its path."""
    folders = [""] if "/" in path else variables.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        try:
            descriptor, _ = safe_open(os.path.join(folder, path))
        except (OSError, ValueError):
            continue
        try:
            line = os.read(descriptor, _FIRST_LINE).partition(b"\n")[0]
        finally:
            os.close(descriptor)
        words = os.fsdecode(line[2:]).split() if line.startswith(b"#!") else []
        is_env = bool(words) and os.path.basename(words[0]) == "env"
        words = [word for word in words[1:] if word != "-S"] if is_env else words
        return words, os.path.join(folder, path)
    return [], path


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


def _is_let_in(variables: dict[str, str]) -> bool:
    """Return whether a child with these variables would load the guard."""
    folders = variables.get("PYTHONPATH", "").split(os.pathsep)
    return _BOOTSTRAP in folders and bool(variables.get("NOLIBPY_GUARD"))


def _keep_out(command: list[str]) -> bool:
    """Return whether options of the interpreter keep ``PYTHONPATH`` or ``site`` out."""
    words = iter(command[1:])
    for word in words:
        if not word.startswith("-") or word == "-" or word.startswith("--"):
            return False
        for position, letter in enumerate(word[1:], 2):
            if letter in _KEEPING_OUT:
                return True
            if letter in "cm":  # the program's own words follow
                return False
            if letter in _WITH_VALUE:
                if position == len(word):
                    next(words, "")
                break
    return False
