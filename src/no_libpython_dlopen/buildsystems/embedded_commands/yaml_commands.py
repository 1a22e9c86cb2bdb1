"""Reads YAML that holds commands: workflows of GitHub, jobs of other services, conda's recipes.

GitHub's documentation of workflows (``env``, ``run``, ``runs-on``), GitLab's of ``.gitlab-ci.yml``
(``variables``, ``script``), Azure's of pipelines (``bash``, ``vmImage``), Travis'
(``before_install``, ``os``), CircleCI's (``command``, ``executor``), conda-build's of ``meta.yaml``
(``script``, ``script_env``, selectors) and rattler-build's of ``recipe.yaml`` (``if`` and ``then``)
say what is read here. ``CIBW_ENVIRONMENT`` and the commands beside it are cibuildwheel's, wherever
they are set. Python in the commands is read as well, conda's tests included.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.buildsystems.commands.provenance import (
    Span,
    TrackedText,
    concatenate,
    join_texts,
)
from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.script import Script, fill
from no_libpython_dlopen.buildsystems.embedded_commands.yaml_lines import Entry, entries
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

_SCRIPTS = frozenset(
    {
        *("run", "script", "before_script", "after_script", "install", "content"),
        *("bash", "command", "before_install"),
    }
)
#: Keys that name the system of a job or step.
_SYSTEMS = frozenset({"runs-on", "os", "executor", "vmImage", "resource_class"})
#: Keys with labels of machines, of which one is enough to tell the system.
_LABELS = frozenset({"runs-on", "tags"})
#: Keys of what a step gives to an action or a task: mostly programs of other languages.
_GIVEN = frozenset({"with", "inputs"})
#: The same with conda's tests, which build nothing.
_SCRIPTS_AND_TESTS = _SCRIPTS | {"commands"}
_ENVIRONMENTS = frozenset({"env", "environment", "variables", "script_env"})
EXPRESSION = re.compile(r"\$?\{\{\s*(?!\s)(?P<name>[\w.]*)(?![\w.])[^{}]*\}\}")
_SETTING = re.compile(r"(?P<name>[A-Z]\w*)=")
#: How a step of a workflow sets a variable for those behind it.
_FOR_LATER = re.compile(
    r"^echo[ \t]+(?P<quote>[\"']?)(?P<name>[A-Z]\w*)=(?P<value>[^\r\n\"']*?)(?P=quote)"
    r"[ \t]*(?:>>|\|[ \t]*tee[ \t]+-a)[ \t]*\"?\$\{?GITHUB_ENV\b",
    re.MULTILINE,
)
_CIBUILDWHEEL = re.compile(r"CIBW_ENVIRONMENT(?:_LINUX|_MACOS)?")
_CIBUILDWHEEL_RUNS = re.compile(
    r"CIBW_(?:BEFORE_(?:ALL|BUILD|TEST)|TEST_COMMAND)(?:_LINUX|_MACOS)?"
)
#: conda-build's selector behind a line, for what needs the link.
_WINDOWS_SELECTOR = re.compile(r"\[(?![^\[\]]*\b(?:not|or)\b)[^\[\]]*\bwin")
_WINDOWS = re.compile(r"\bwin|windows|\bnt\b", re.IGNORECASE)
_MATRIX = re.compile(r"\{\{\s*matrix\.([\w-]+)\s*\}\}")
_NEGATIVE = re.compile(r"!=|\bnot\b|!")
_UNIX = re.compile(r"\b(?:unix|linux|osx)\b")
#: Programs other than a Unix shell that read a script.
_NO_SHELL = re.compile(
    r"[\"']?(?:pwsh|powershell|cmd|python|node|perl|ruby|rscript|r\b|nu\b|cscript)", re.IGNORECASE
)
_PYTHON_SHELL = re.compile(r"[\"']?python[\d.]*(?: +\{0\})?[\"']?\s*\Z")
#: A Unix shell in which a script is said to run.
_UNIX_SHELL = re.compile(r"(?:\S*/)?(?:ba|da|k|z)?sh\b")
#: The name of a machine that has a Unix shell.
_UNIX_MACHINE = re.compile(r"ubuntu|linux|mac|debian", re.IGNORECASE)
_INTERPRETERS = frozenset({"shell", "interpreter"})

Path = tuple[str, ...]


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a YAML file make."""
    yield from script.links_of(source, _scripts(source.text))


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the scripts; one for which Python is the shell as what a shell would hand to it."""
    yield from (each.text for each in _scripts(source.text, _SCRIPTS_AND_TESTS))
    yield from _python_scripts(source.text)


def blocks(text: str) -> Iterator[tuple[Entry, bool]]:
    """Yield the blocks, each with whether a ``#`` in it is text, or hides what is behind it.

    It may be text, too, where a program other than a Unix shell reads the block.
    """
    found = [*entries(text)]
    left_out = {*_left_out(found, text), *_shells(found, text, _NO_SHELL)}
    left_out.update(_unknown_shells(found, text))
    machines, shells = {*_unknown_machines(found, text)}, {*_unix_shells(found, text)}
    for entry in found:
        if entry.style and entry.lines:
            is_script = _script_path(entry.path) and _GIVEN.isdisjoint(entry.path)
            is_shell = is_script and not _is_below(entry.path, left_out)
            if _is_below(entry.path, machines):
                is_shell = is_shell and _is_below(entry.path, shells)
            yield entry, bool(entry.folded or not is_shell)


def _shells(found: list[Entry], text: str, program: re.Pattern[str]) -> Iterator[Path]:
    """Yield the paths below which a program reads the scripts in place of the usual shell."""
    for entry in found:
        if entry.path[-1] == "shell" and program.match(_value_of(entry, text)):
            yield _reach_of_shell(entry.path)


def _unix_shells(found: list[Entry], text: str) -> Iterator[Path]:
    """Yield the paths of scripts for which a Unix shell is named."""
    for entry in found:
        if entry.path[-1] in _INTERPRETERS and _UNIX_SHELL.match(_value_of(entry, text)):
            yield _reach_of_shell(entry.path)


def _reach_of_shell(path: Path) -> Path:
    """Return the path below which scripts run in the shell that is named at ``path``."""
    outer = path[:-1]
    return outer[: outer.index("defaults")] if "defaults" in outer else outer


def _unknown_machines(found: list[Entry], text: str) -> Iterator[Path]:
    """Yield the paths of GitHub's jobs that may run on Windows, where PowerShell is the default."""
    matrices = _matrices(found)
    unix: dict[Path, bool] = {}
    for entry in analysis.watch(found):
        if "container" in entry.path[-2:]:  # it is Linux
            unix[entry.path[: entry.path.index("container")]] = True
        if "runs-on" not in entry.path[-2:]:
            continue
        at = entry.path.index("runs-on")
        row, job = _row(entry, text), entry.path[:at]
        is_unix = _UNIX_MACHINE.search(EXPRESSION.sub("", row)) is not None
        if not is_unix and (named := _MATRIX.search(row)):
            words = _words(matrices.get((*job, "strategy", "matrix", named[1]), ()), text)
            is_unix = bool(words) and all(map(_UNIX_MACHINE.search, words))
        unix[job] = unix.get(job, False) or is_unix
    yield from (job for job, is_unix in unix.items() if not is_unix)


def _unknown_shells(found: list[Entry], text: str) -> Iterator[Path]:
    """Yield the paths of scripts that may run in no Unix shell: ``cmd`` knows no ``#`` comments."""
    for entry in analysis.watch(found):
        value = _value_of(entry, text)
        key, outer = entry.path[-1], entry.path[:-1]
        if key in _INTERPRETERS and value and not _UNIX_SHELL.match(value):
            yield _reach_of_shell(entry.path)
        elif outer[-1:] == ("pool",) and (key == "name" or "$" in value):
            yield outer[:-1]  # Azure: machines of one's own, or named by a variable


def _scripts(text: str, names: frozenset[str] = _SCRIPTS) -> Iterator[Script]:
    found = list(entries(text))
    left_out = {*_left_out(found, text), *_shells(found, text, _NO_SHELL)}
    kept = [entry for entry in found if not _is_below(entry.path, left_out)]
    variables = [each for entry in kept for each in _variables(entry, text)]
    for path, lines in itertools.groupby(
        (entry for entry in kept if _script_path(entry.path, names)),
        key=lambda entry: _script_path(entry.path, names),
    ):
        run = join_lines([_text(entry, text) for entry in lines])
        yield Script(
            run,
            tuple((name, value) for scope, name, value in variables if path[: len(scope)] == scope),
        )
        if "steps" in path:  # the variables of the steps that follow
            job = path[: path.index("steps")]
            variables += [
                (job, setting["name"], run.part(*setting.span("value")))
                for setting in _FOR_LATER.finditer(run.text)
            ]
    for _, name, value in variables:
        if _CIBUILDWHEEL.fullmatch(name):
            call = TrackedText.generated("cibuildwheel", value.span)
            yield Script(call, ((name, value),))
        elif _CIBUILDWHEEL_RUNS.fullmatch(name):
            yield Script(value)


def _python_scripts(text: str) -> Iterator[TrackedText]:
    """Yield a here-document of each script for which a workflow names Python as the shell."""
    found = list(entries(text))
    left_out, steps = set(_left_out(found, text)), set(_shells(found, text, _PYTHON_SHELL))
    for entry in found if steps else ():
        path = entry.path
        is_run = path[-1] == "run" and _is_below(path, steps) and not _is_below(path, left_out)
        if is_run and entry.lines:
            start, end = entry.lines[0][0], entry.lines[-1][1]
            begin = TrackedText.generated("python <<'nolibpy'\n", (start, start))
            yield concatenate(
                [begin, _text(entry, text), TrackedText.generated("\nnolibpy\n", (end, end))]
            )


def _script_path(path: Path, names: frozenset[str] = _SCRIPTS) -> Path:
    """Return the path of the script that an entry is a part of, empty if it is of none."""
    keys = [index for index, name in enumerate(path) if name in names]
    if not keys or any(name in _ENVIRONMENTS for name in path):
        return ()
    rest = path[keys[-1] + 1 :]
    return path[: keys[-1] + 1] if all(_is_plain(name) for name in rest) else ()


def _is_plain(name: str) -> bool:
    """Return whether a name below a script is an item of it, or one under a condition."""
    return name.startswith("-") or name in ("then", "else")


def _variables(entry: Entry, text: str) -> Iterator[tuple[Path, str, TrackedText]]:
    """Yield the variable that an entry sets, with the path below which it is set."""
    path = entry.path
    at = next((i for i, name in enumerate(path) if name in _ENVIRONMENTS), -1)
    if at < 0 or len(path) != at + 2 or not entry.lines:
        return
    value = _text(entry, text)
    if not path[-1].startswith("-"):
        yield path[:at], path[-1], value
    elif setting := _SETTING.match(value.text):  # script_env of conda
        yield path[:at], setting["name"], value.part(setting.end(), len(value))


def _text(entry: Entry, text: str) -> TrackedText:
    """Return an entry's text, its expressions unknown but for conda's Python."""
    lines = [
        fill(text, span, EXPRESSION, lambda m: "python3" if m["name"] == "PYTHON" else None)
        for span in entry.lines
    ]
    return join_texts(lines) if entry.folded else join_lines(lines)


def join_lines(lines: list[TrackedText]) -> TrackedText:
    """Return texts as the lines of one."""
    parts: list[TrackedText] = []
    for line in analysis.watch(lines):
        if line.segments:
            parts += [line, TrackedText.generated("\n", _end(line.span))]
    return concatenate(parts)


def _end(span: Span) -> Span:
    return span[1], span[1]


def _left_out(found: list[Entry], text: str) -> Iterator[Path]:
    """Yield the paths of what runs only on Windows, or in no shell."""
    matrices = _matrices(found)
    branches = {
        entry.path[: at + 1]
        for entry in found
        for at, name in enumerate(entry.path)
        if name == "then"
    }
    for entry in analysis.watch(found):
        value = _value_of(entry, text)
        key, outer = entry.path[-1], entry.path[:-1]
        label = next((name for name in entry.path[-2:] if name in _LABELS), "")
        windows = bool(_WINDOWS.search(value))
        negative = bool(_NEGATIVE.search(value))
        if _WINDOWS_SELECTOR.search(entry.comment):
            yield entry.path
        elif key in _SYSTEMS and windows and "{{" not in value:
            yield outer[:-1] if key == "vmImage" else outer
        elif label and "{{" not in value and _WINDOWS.search(_row(entry, text)):
            yield entry.path[: entry.path.index(label)]
        elif key == "image" and outer[-1:] == ("machine",) and windows:  # CircleCI's
            yield outer[:-1]
        elif key == "runs-on" and (named := _MATRIX.search(value)):
            if _is_of_windows(matrices.get((*outer, "strategy", "matrix", named[1]), ()), text):
                yield outer
        elif key == "if":
            if windows and not negative:  # a step, or an item of a recipe
                then = (*outer, "then")
                yield then if then in branches else outer
            elif _UNIX.search(value) or (windows and negative):
                yield (*outer, "else")


def _matrices(found: list[Entry]) -> dict[Path, list[Entry]]:
    """Return the rows of each matrix by the path of its name."""
    matrices: dict[Path, list[Entry]] = {}
    for entry in found:
        if "matrix" in entry.path:
            at = entry.path.index("matrix") + 1
            first = entry.path[at : at + 1]
            name = entry.path[-1:] if first == ("include",) else first  # which adds rows
            matrices.setdefault(entry.path[:at] + name, []).append(entry)
    return matrices


def _value_of(entry: Entry, text: str) -> str:
    return "".join(text[start:end] for start, end in entry.lines)


def _row(entry: Entry, text: str) -> str:
    """Return the text of an entry, or the list in brackets that it has."""
    end = text.find("\n", entry.header)
    return _value_of(entry, text) or (text[entry.header : end] if 0 <= entry.header < end else "")


def _is_of_windows(matrix: Iterable[Entry], text: str) -> bool:
    """Return whether all values of a matrix name Windows."""
    words = _words(matrix, text)
    return bool(words) and all(map(_WINDOWS.search, words))


def _words(matrix: Iterable[Entry], text: str) -> list[str]:
    """Return the values of a matrix."""
    return re.findall(r"[^\s\[\],'\"]+", " ".join(_row(entry, text) for entry in matrix))


def _is_below(path: Path, left_out: set[Path]) -> bool:
    return any(path[:length] in left_out for length in range(len(path) + 1))
