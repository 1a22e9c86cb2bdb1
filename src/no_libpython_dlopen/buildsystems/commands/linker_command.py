"""Judges whether a command links an extension module.

A compiler that makes a shared library makes a module only if something says so: its output
has an extension module's suffix, its input comes from SWIG, Cython, pybind11 or nanobind, or
a source defines the module of the output's name. Plug-ins of other programs, which need
libpython, look the same otherwise.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands.provenance import Reference, TrackedText
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.link_graph import Target, TargetKind
from no_libpython_dlopen.buildsystems.common.source_files import SOURCE_SUFFIXES, FilePattern
from no_libpython_dlopen.buildsystems.common.source_roles import are_few, modules_of
from no_libpython_dlopen.buildsystems.shell.command import Command, Substitution, without_marks
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.extension_names import has_module_tag, is_suffix_variable
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import names_python_config
from no_libpython_dlopen.knowledge.python_folders import names_python_folder
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import SUBSTITUTIONS

_SHARED = re.compile(r"-{1,2}(?:shared|bundle|dynamiclib|module)|-Wl,-(?:shared|bundle|dylib)")
_SHARED_VARIABLE = re.compile(r"LD(?:CXX)?SHARED|LINK_?SHARED|SHARED_?(?:FLAGS?|LDFLAGS)?\b")
_COMPILE_ONLY = frozenset({"-c", "-E", "-S", "-M", "-MM", "-fsyntax-only"})
_COMPILER = re.compile(
    r"(?:[\w.+-]*-)?(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|ld|lld|gold|tcc|icc|icpc|icx|icpx|dpcpp"
    r"|nvcc|hipcc|nvc|nvc\+\+|pgcc|pgc\+\+|gfortran|ifort|ifx|flang|f77|f90|mpicc|mpicxx|mpic\+\+"
    r"|libtool|swiftc|dmd|ldc2|gdc|zig)(?:-?[\d.]+)?(?:\.exe)?"
)
OTHER_PROGRAM = re.compile(r"PYTHON|\bMAKE\b", re.IGNORECASE)
#: A compiler for a platform that needs the link.
_FOREIGN_COMPILER = re.compile(r"mingw|cygwin|msys|android|windows|emcc|emscripten")
#: Programs in front of the one that matters.
_PREFIX = frozenset(
    {
        *("env", "sudo", "exec", "command", "time", "nice", "nohup", "ccache", "sccache", "distcc"),
        *("xcrun", "bear", "eatmydata", "chrt", "ionice", "stdbuf", "libtool", "cross", "run"),
        *("then", "do", "else", "gosu", "fakeroot", "builtin"),
    }
)
#: Programs that run another one in an environment: ``poetry run``, ``uv pip``.
_RUNNERS = frozenset({"uv", "poetry", "pdm", "hatch", "rye", "pixi", "pipenv"})
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)=")

#: Programs that give a file another name, and names by which a linker finds a library.
_COPYING = frozenset({"cp", "mv", "ln", "install", "ginstall", "gcp", "rsync", "copy"})
_LIBRARY = re.compile(r"lib[\w.+-]*\.(?:so|dylib)(?:[.\d]*)\Z")
_F2PY = re.compile(r"(?:.*/)?f2py(?:3(?:\.\d+)?|\.py)?")
_F2PY_VARIABLE = re.compile(r"\bF2PY\d?\b", re.IGNORECASE)
_BINDING = re.compile(r"\b(?:pybind11|nanobind)\b")
_WRAPPED = re.compile(r"(?:_wrap(?:\.\w+)?|wrap_python)\.(?:o|os|lo|c|cc|cpp|cxx|C)$")
#: So many of make's folders are looked into for a source.
_SEARCHED = 64
#: A folder of the project, whose libraries may be archives.
_OWN_FOLDER = re.compile(r"-L(?![/$])[\w.]")
_OBJECT = re.compile(r"\.(?:o|os|lo|obj|c|cc|cpp|cxx|C|CPP|c\+\+|cu|mm?|pic\.o|pyx|py|i|pyc|rs)$")


@dataclass(slots=True)
class Evidence:
    """What the other commands of a file say about the objects that a command links.

    ``objects`` are stems of what Cython, pybind11 or nanobind made, ``headed`` of what was
    compiled with Python's headers; ``swig`` tells that SWIG is run for Python.
    """

    source: str
    #: The directory of the commands' sources, without which the sources are not read; and those,
    #: from there, in which make looks for what it does not find.
    folder: str = ""
    folders: tuple[str, ...] = ()
    objects: set[str] = field(default_factory=set)
    #: The sources of each object that a command compiles, and where it does so.
    sources: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    headed: set[str] = field(default_factory=set)
    swig: bool = False

    def learn(self, command: Command, target: TrackedText | None) -> None:
        """Note what a command makes that is not a link."""
        words = [word.text for word in program(command.words)]
        if not words:
            return
        name = words[0].rpartition("/")[2]
        called = name.lower() + " ".join(command.words[0].references(self.source)).lower()
        if "swig" in called:
            self.swig = self.swig or "-python" in words
        cython = called.startswith("cython") or words[1:3] == ["-m", "cython"]
        compiles = not _COMPILE_ONLY.isdisjoint(words)
        if "-c" in words:
            self.compile(command, target)
        if (cython and "--embed" not in words) or (compiles and binds(command.words)):
            self.objects |= {_stem(word) for word in words[1:] if _OBJECT.search(word)}
            self.objects |= set() if target is None else {_stem(target.text)}
        elif compiles and _has_headers(command.words):
            self.headed |= {_stem(word) for word in words[1:] if _OBJECT.search(word)}

    def compile(self, command: Command, made: TrackedText | None) -> None:
        """Note which sources a command makes an object of."""
        inputs = [word.text for word in command.words if word.text.endswith(SOURCE_SUFFIXES)]
        output = _output(command.words) or made
        names = [output.text] if output else [f"{_stem(text)}.o" for text in inputs]
        for name in names:
            if UNKNOWN_PART not in name and not any(UNKNOWN_PART in text for text in inputs):
                self.sources[self._at(command.folder, name)] = (command.folder, inputs)

    def _at(self, *parts: str) -> str:
        return os.path.normpath(os.path.join(self.folder, *parts))

    def _find_file(self, folder: str, name: str) -> str:
        """Return the path of a file, in the first of make's folders that has it or its source."""
        for each in ("", *self.folders[:_SEARCHED]):
            stem = self._at(folder, each, os.path.splitext(name)[0])
            if any(file_tree.is_file(stem + suffix) for suffix in SOURCE_SUFFIXES):
                return self._at(folder, each, name)
        return self._at(folder, name)

    def defines(self, name: str, words: Iterable[TrackedText], folder: str) -> bool:
        """Return whether one of a command's sources defines the module of a name."""
        paths = self._paths_of(words, folder)
        return paths is not None and name in modules_of(paths)

    def host_kind(self, words: Sequence[TrackedText], folder: str) -> HostKind:
        """Return whether what a command links starts an interpreter: sources, or an archive."""
        texts = [word.text for word in words if not libpython_names.is_link_flag(word.text)]
        libraries = ("-l",) if any(map(_OWN_FOLDER.match, texts)) else ()
        if any(text.endswith(".a") or text.startswith(libraries) for text in texts):
            return HostKind.POSSIBLE
        found = host_kind(self._paths_of(words, folder) or ())
        named = _f2py_module(program(tuple(words)), self.source) is not None
        is_known = not named and not any(UNKNOWN_PART in text for text in texts if text[:1] != "-")
        return found if found is not HostKind.CERTAIN or is_known else HostKind.POSSIBLE

    def _paths_of(self, words: Iterable[TrackedText], folder: str) -> list[str] | None:
        """Return the sources that a command links; ``None`` if they are many, or not known."""
        files = [word for word in words if _OBJECT.search(word.text)]
        if not self.folder or not are_few(files):
            return None
        paths: list[str] = []
        for word in files:
            patterns = [note.text for note in word.notes() if isinstance(note, FilePattern)]
            if UNKNOWN_PART in word.text and len(patterns) != 1:
                return None
            made = self.sources.get(self._at(folder, word.text))
            written = [word.text.replace("*", UNKNOWN_PART)]
            at, texts = made or (folder, patterns or written)
            paths += [self._find_file(at, text) for text in texts[:_SEARCHED]]
        return paths


def _stem(name: str) -> str:
    base = name.rpartition("/")[2]
    return base if base.startswith((UNKNOWN_PART, "%")) else base.partition(".")[0]


def program(words: tuple[TrackedText, ...]) -> tuple[TrackedText, ...]:
    """Return a command's words from the program on that matters, past ``env`` and the like."""
    index = 0
    while index < len(words):
        text = words[index].text if index else without_marks(words[0].text)
        name = text.rpartition("/")[2]
        following = words[index + 1].text if index + 1 < len(words) else ""
        prefix = name in _PREFIX or (name in _RUNNERS and following in ("run", "pip"))
        if not prefix and not _ASSIGNED.match(text):
            break
        index += 1
        while prefix and index < len(words) and words[index].text.startswith("-"):
            index += 1
    return words[index:]


def linked_target(command: Command, made: TrackedText | None, evidence: Evidence) -> Target | None:
    """Return the link of a command; ``None`` if it links nothing.

    ``made`` is what the rule around it makes, in Make.
    """
    words = program(command.words)
    texts = [word.text for word in words]
    wrapped = _f2py_module(words, evidence.source)
    if wrapped is not None:
        return Target(wrapped, TargetKind.EXTENSION_MODULE)
    if runs_rustc(command):
        return _made_by_rustc(words, made, evidence)
    if not _is_compiler(words, evidence.source) or not _COMPILE_ONLY.isdisjoint(texts):
        return None
    if _FOREIGN_COMPILER.search(texts[0]):
        return Target("", TargetKind.UNKNOWN)
    output = _output(words) or made
    shared = output is not None and (
        output.text.endswith(".la")
        or any(_SHARED.fullmatch(text) for text in texts)
        or any(map(_SHARED_VARIABLE.search, _references(words, evidence.source)))
    )
    if output is None or not shared:
        return Target("", TargetKind.PROGRAM)
    if _is_module(output, words, evidence, command.folder):
        return Target(_display_name(output), TargetKind.EXTENSION_MODULE)
    return Target("", TargetKind.LIBRARY)


def runs_rustc(command: Command) -> bool:
    """Return whether a command runs Rust's compiler itself."""
    words = program(command.words)
    return bool(words) and words[0].text.rpartition("/")[2] == "rustc"


def _made_by_rustc(
    words: tuple[TrackedText, ...], made: TrackedText | None, evidence: Evidence
) -> Target:
    """Return the link of Rust's compiler: of a module by its name, or by PyO3."""
    texts = [word.text for word in words]
    types = dict(itertools.pairwise(texts)).get("--crate-type", "")
    types += "".join(text for text in texts if text.startswith("--crate-type="))
    output = _output(words) or made
    if output is None or "cdylib" not in types:
        return Target("", TargetKind.PROGRAM)
    base = output.text.rpartition("/")[2]
    binds_python = any(text.startswith("pyo3") for text in texts) and not base.startswith("lib")
    if has_suffix(output, evidence.source) or (binds_python and base.endswith(".so")):
        return Target(_display_name(output), TargetKind.EXTENSION_MODULE)
    return Target("", TargetKind.LIBRARY)


def _references(words: Iterable[TrackedText], source: str) -> Iterator[str]:
    """Yield the source of the references through which some words came, each once."""
    seen: set[Reference] = set()
    for word in words:
        yield from word.references(source, seen)


def _f2py_module(words: tuple[TrackedText, ...], source: str) -> str | None:
    """Return the name of the module that f2py builds, empty if it is not given."""
    texts = [word.text for word in words]
    as_module = texts[1:3] == ["-m", "numpy.f2py"]
    called = texts and (
        as_module
        or _F2PY.fullmatch(texts[0])
        or any(_F2PY_VARIABLE.search(name) for name in words[0].references(source))
    )
    given = texts[3:] if as_module else texts[1:]
    if not called or "-c" not in given:
        return None
    following = dict(itertools.pairwise(given)).get("-m", "")
    return "" if UNKNOWN_PART in following else following


def _display_name(output: TrackedText) -> str:
    name = output.text.rpartition("/")[2].rstrip(UNKNOWN_PART)
    return "" if UNKNOWN_PART in name else name


def _is_compiler(words: tuple[TrackedText, ...], source: str) -> bool:
    if not words:
        return False
    first = without_marks(words[0].text)
    if UNKNOWN_PART in first:
        return first.startswith(UNKNOWN_PART) and not any(
            OTHER_PROGRAM.search(name) for name in words[0].references(source)
        )
    return bool(_COMPILER.fullmatch(first.rpartition("/")[2]))


def runs_libtool(command: Command) -> bool:
    """Return whether a command links by libtool, whatever variable holds its name."""
    return any(word.text == "--mode=link" for word in command.words)


def linked_files(command: Command) -> Iterator[str]:
    """Yield the names of the shared objects that a command links, or their patterns."""
    words = program(command.words)
    output = _output(words)
    for word in words[1:]:
        name = word.text.removeprefix("-l:").rpartition("/")[2].replace(UNKNOWN_PART, "*")
        if word is not output and name.endswith((".so", ".dylib", ".bundle")):
            yield name


def copied_modules(command: Command) -> Iterator[str]:
    """Yield the names of the files that a command copies, moves or links as ``libtally.so``.

    There they are found by ``-ltally``, which is not asked for.
    """
    words = [word.text.rpartition("/")[2] for word in program(command.words)]
    if len(words) > 2 and words[0] in _COPYING and _LIBRARY.match(words[-1]):
        yield from (word.replace(UNKNOWN_PART, "*") for word in words[1:-1] if ".so" in word)


def _output(words: tuple[TrackedText, ...]) -> TrackedText | None:
    for index, word in enumerate(words):
        if word.text == "-o" and index + 1 < len(words):
            return words[index + 1]
        if word.text.startswith("-o") and len(word) > 2 and not word.text.startswith("-opt"):
            return word.part(2, len(word))
    return None


def has_suffix(output: TrackedText, source: str) -> bool:
    """Return whether a file name ends as only extension modules' names do."""
    if has_module_tag(output.text):
        return True
    if any(is_suffix_variable(name) for name in output.references(source)):
        return not output.text.endswith((".pyd", ".dll"))
    return any(
        is_suffix_variable(word.text)
        for note in _substitutions([output])
        for command in note.commands
        for word in command
    )


def binds(words: Iterable[TrackedText]) -> bool:
    """Return whether a command is given pybind11's or nanobind's headers by their own tool."""
    return any(
        _BINDING.search(word.text) and any("-m" in other.text for other in command)
        for note in _substitutions(words)
        for command in note.commands
        for word in command
    )


def _has_headers(words: Iterable[TrackedText]) -> bool:
    """Return whether a command is given Python's headers by ``python3-config``."""
    return any(
        {"--cflags", "--includes"} & {word.text for word in command[1:]}
        and (names_python_config(command[0].text) or UNKNOWN_PART in command[0].text)
        for note in _substitutions(words)
        for command in note.commands
        if command
    )


def _is_module(
    output: TrackedText, words: tuple[TrackedText, ...], evidence: Evidence, folder: str
) -> bool:
    base = output.text.rpartition("/")[2]
    if base.endswith((".pyd", ".dll", ".exe")):
        return False
    if has_suffix(output, evidence.source):
        return True
    if (
        not base.rstrip(UNKNOWN_PART).endswith((".so", ".dylib", ".bundle", ".la"))
        and UNKNOWN_PART not in base
    ):
        return False
    if UNKNOWN_PART not in base and evidence.defines(base.partition(".")[0], words, folder):
        return True
    if base.startswith("lib"):
        return False
    if base.endswith(".la") and (base.startswith("_") or _is_for_python(words, evidence.source)):
        return True
    inputs = [word.text for word in words[1:] if _OBJECT.search(word.text)]
    wrapped = any(_WRAPPED.search(text) for text in inputs)
    headed = base.startswith("_") and any(_stem(text) in evidence.headed for text in inputs)
    return (
        headed
        or [base.startswith("_"), wrapped, evidence.swig].count(True) > 1
        or any(_stem(text) in evidence.objects for text in inputs)
        or binds(words)
    )


def _is_for_python(words: tuple[TrackedText, ...], source: str) -> bool:
    """Return whether libtool is told that a library goes to one of Python's folders."""
    texts = [word.text for word in words]
    if "-rpath" not in texts[:-1]:
        return False
    folder = words[texts.index("-rpath") + 1]
    return any(map(names_python_folder, (folder.text, *folder.references(source))))


def _substitutions(words: Iterable[TrackedText]) -> Iterator[Substitution]:
    """Yield the substitutions in some words, and those in their commands."""
    waiting = [note for word in words for note in word.notes()]
    count = 0
    while waiting:
        note = waiting.pop()
        count += 1
        if count > SUBSTITUTIONS:
            analysis.note_limit(SUBSTITUTIONS)
            return
        if isinstance(note, Substitution):
            yield note
            waiting += [
                inner for command in note.commands for word in command for inner in word.notes()
            ]
