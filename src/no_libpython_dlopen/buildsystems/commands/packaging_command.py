"""Judges commands that have a build system build extension modules: pip, ``setup.py``.

``LDFLAGS="-lpython3.11" pip install .`` puts the flag on the link line of each module
that is built, and ``LD_PRELOAD=libpython3.11.so python3`` maps the library into Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from no_libpython_dlopen.buildsystems.commands import link_mentions, linker_command
from no_libpython_dlopen.buildsystems.commands.link_mentions import PYTHON, Mention
from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText, concatenate
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind, Target, TargetKind
from no_libpython_dlopen.buildsystems.shell.command import Command, without_marks
from no_libpython_dlopen.knowledge import libpython_names

#: Variables that setuptools puts on the link line.
_FLAGS = frozenset(
    {
        *("LDFLAGS", "LIBS", "LDLIBS", "CFLAGS", "CXXFLAGS"),
        *("LDSHARED", "LDCXXSHARED", "BLDSHARED", "DEB_LDFLAGS_MAINT_APPEND"),
    }
)
#: The variables that the tools of distributions export to the commands of a recipe.
RECIPE_FLAGS = frozenset({"LDFLAGS", "CFLAGS", "CXXFLAGS"})
#: What Rust's compiler hands the linker: ``-C link-arg=-lpython3.11``.
_RUST_FLAGS = frozenset({"RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"})
_LINK_ARGUMENT = re.compile(r"(?:-C|--codegen=)?(?:pre-)?link-args?=")
_LIBRARY_KIND = re.compile(r"(?P<flag>-l)?(?:dylib|static)(?::[\w+,-]+)?=")
#: What cibuildwheel sets for a build, for systems that do not need the link.
_CIBUILDWHEEL = frozenset({"CIBW_ENVIRONMENT", "CIBW_ENVIRONMENT_LINUX", "CIBW_ENVIRONMENT_MACOS"})
#: The variables of the environment that matter here.
READ_VARIABLES = _FLAGS | _RUST_FLAGS | _CIBUILDWHEEL
_SETTING = re.compile(
    r"(?<![\w$])(?P<name>LDFLAGS|RUSTFLAGS)=(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)'|(?P<c>[^\s\"']*))"
)
#: Tools that build a project's wheel, by the command with which they do; any without one.
_TOOLS = {
    "uv": ("build",),
    "poetry": ("build",),
    "pdm": ("build",),
    "hatch": ("build",),
    "maturin": ("build", "develop", "publish"),
    "pipx": ("install",),
    "gpep517": ("build-wheel", "install-from-source"),
    "cibuildwheel": (),
    "build": (),
    "pyproject-build": (),
}
_PIP = re.compile(r"(?:.*/)?pip(?:3(?:\.\d+)?)?")
#: Distributions that are programs or plug-ins with an interpreter inside.
_EMBEDDERS = re.compile(
    r"(?:uwsgi|pyuwsgi|mod[_-]wsgi|jep|pythonnet|nuitka|pyinstaller)\b", re.IGNORECASE
)
#: Programs that build something else with the flags of the environment.
_BUILDERS = re.compile(
    r"(?:.*/)?(?:make|gmake|ninja|cmake|cargo|configure|meson|scons|bazel|Configure)"
)
_SILENT = frozenset({"echo", "printf", ":", "cat", "grep", "sed", "awk", "export"})
#: What selects debhelper's build system: for one step, and Debian's for Python for all of them.
_BUILD_SYSTEM = re.compile(r"(?:-O)?(?:--buildsystem\b|-S)")
_USES_PYBUILD = re.compile(
    r"^[ \t]+dh[ \t][^\n#]*(?:--buildsystem[= ]|-S[ ]?)pybuild\b", re.MULTILINE
)
_MAY_SELECT_ANOTHER = re.compile(r"\bDH_OPTIONS\b|^[ \t]*ifn?(?:eq|def)\b", re.MULTILINE)
_MAKE = re.compile(r"\$+[({]?MAKE[)}]?")
_BUILDS_WHEELS = frozenset({"install", "wheel"})
_SETUP_COMMANDS = frozenset(
    {"build_ext", "build", "install", "develop", "bdist_wheel", "bdist_egg", "bdist"}
)
_VALUE_OPTION = re.compile(
    r"-(?:r|c|e|i|-requirement|-constraint|-editable|-index-url|-find-links)"
)


def mentions(
    command: Command, source: str, configured: frozenset[str] | None = None
) -> Iterator[tuple[Mention, Target]]:
    """Yield the references to libpython in a command that links nothing itself, and their use.

    ``configured`` are the variables that configure sets to it; ``None`` if it does not fill in the
    text.
    """
    words = linker_command.program(command.words)
    texts = [word.text for word in words]
    for mention in _preload(command, texts):
        yield mention, Target("", TargetKind.EXTENSION_MODULE)
    target = _build_target(words, source)
    if target is not None and target.kind is TargetKind.EXTENSION_MODULE and _is_setup_py(texts):
        yield from ((mention, target) for mention in _options(words, source))
    elif not texts or not (
        without_marks(texts[0]).rpartition("/")[2] in _SILENT or _compiles(texts)
    ):
        # An argument in quotation marks holds several flags.
        for mention in link_mentions.mentions(
            chain.from_iterable(word.words() for word in words), source, configured
        ):
            yield mention, Target("", TargetKind.UNKNOWN)
        if target is None and texts:  # what it does with its settings is not known
            target = Target("", TargetKind.UNKNOWN)
            command = Command(command.words, command.assigned)
    if target is None:
        return
    for name, value in _environment(command):
        known = target.kind is not TargetKind.UNKNOWN
        for flags in _flags_of(name, value) if known else [value.words()]:
            found = link_mentions.mentions(flags, source, None if known else configured)
            yield from ((each, target) for each in found)


def _flags_of(name: str, value: TrackedText) -> Iterator[list[TrackedText]]:
    """Yield the words that an environment variable puts on the link lines of a build."""
    if name in _FLAGS:
        yield value.words()
    elif name in _RUST_FLAGS:
        yield [rust_flag(word) for word in value.words()]
    elif name in _CIBUILDWHEEL:
        for setting, (start, end) in flag_settings(value.text):
            yield from _flags_of(setting, value.part(start, end))


def flag_settings(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the settings of flags among several of an environment, each with its value's span.

    >>> list(flag_settings("A=1 LDFLAGS='-lm -lz'"))
    [('LDFLAGS', (13, 20))]
    """
    for match in _SETTING.finditer(text):
        yield match["name"], match.span(match.lastgroup or "name")


def rust_flag(word: TrackedText) -> TrackedText:
    """Return the linker's part of an argument of Rust's compiler, else the argument.

    ``link-arg=-lpython3.11`` behind ``-C``, ``-ldylib=python3.11``, ``-lpython3.11`` itself.
    """
    match = _LINK_ARGUMENT.match(word.text) or _LIBRARY_KIND.match(word.text)
    if match is None:
        return word
    flag = word.part(0, 2) if match.groupdict().get("flag") else TrackedText()
    return concatenate((flag, word.part(match.end(), len(word))))


def _compiles(texts: list[str]) -> bool:
    return "-c" in texts or "-E" in texts or "-S" in texts


def _environment(command: Command) -> Iterator[tuple[str, TrackedText]]:
    """Yield the variables that a command sees, so far as the file sets them."""
    yield from command.exported
    yield from command.assigned
    for word in command.words:
        match = re.match(r"([A-Za-z_]\w*)=", word.text)
        if match:
            yield match[1], word.part(match.end(), len(word))


def _build_target(words: tuple[TrackedText, ...], source: str) -> Target | None:
    """Return the target that a command builds with the flags of its environment."""
    texts = [word.text for word in words]
    if not texts:
        return None
    if any(map(_MAKE.fullmatch, words[0].references(source))):
        return Target("", TargetKind.UNKNOWN)
    if _installs(texts) or _runs_pybuild(texts, source):
        packages = [
            text
            for before, text in zip(["", *texts], texts, strict=False)
            if not text.startswith("-") and not _VALUE_OPTION.fullmatch(before)
        ]
        embedding = any(_EMBEDDERS.match(text) for text in packages)
        return Target("", TargetKind.PROGRAM if embedding else TargetKind.EXTENSION_MODULE)
    builds = _BUILDERS.fullmatch(without_marks(texts[0]))
    return Target("", TargetKind.UNKNOWN) if builds else None


def _installs(texts: list[str]) -> bool:
    """Return whether a command builds distributions."""
    first = without_marks(texts[0]).rpartition("/")[2]
    if _PIP.fullmatch(first):
        return not _BUILDS_WHEELS.isdisjoint(texts[1:3])
    if first in ("dh", "dh_auto_build", "dh_auto_install", "pybuild"):
        return any("pybuild" in text for text in texts)
    if first in _TOOLS:
        return _builds_wheel([first, *texts[1:]])
    if _is_python(without_marks(texts[0])):
        if "-m" not in texts[:4]:
            return _is_setup_py(texts)
        module = texts[texts.index("-m") + 1 :]
        pip = module[:1] == ["pip"] and not _BUILDS_WHEELS.isdisjoint(module[1:4])
        return pip or _builds_wheel(module)
    return False


def _builds_wheel(words: list[str]) -> bool:
    """Return whether a tool, the first of the words, builds a project's wheel."""
    commands = _TOOLS.get(words[0]) if words else None
    return commands is not None and (not commands or not {*commands}.isdisjoint(words[1:2]))


def _runs_pybuild(texts: list[str], source: str) -> bool:
    """Return whether a step of debhelper builds distributions, as ``debian/rules`` says of all.

    It does not say so where a condition or a variable may select another build system.
    """
    program = without_marks(texts[0]).rpartition("/")[2]
    is_step = program in ("dh_auto_configure", "dh_auto_build", "dh_auto_install")
    if not is_step or not _uses_pybuild_only(source):
        return False
    return not any(
        _BUILD_SYSTEM.match(text) or libpython_names.UNKNOWN_PART in text for text in texts
    )


@lru_cache(maxsize=1)
def _uses_pybuild_only(source: str) -> bool:
    """Return whether a ``debian/rules`` surely builds with pybuild; asked for each command."""
    return not _MAY_SELECT_ANOTHER.search(source) and _USES_PYBUILD.search(source) is not None


def _is_python(first: str) -> bool:
    return bool(PYTHON.fullmatch(first)) or libpython_names.UNKNOWN_PART in first


def _is_setup_py(texts: list[str]) -> bool:
    return (
        _is_python(without_marks(texts[0]))
        and any(text.endswith("setup.py") for text in texts[1:3])
        and not _SETUP_COMMANDS.isdisjoint(texts)
    )


def _options(words: tuple[TrackedText, ...], source: str) -> Iterator[Mention]:
    """Yield the libraries that ``build_ext`` is given on its command line."""
    texts = [word.text for word in words]
    if "build_ext" not in texts:
        return
    first = texts.index("build_ext") + 1
    for index in range(first, len(words)):
        option, equals, value = texts[index].partition("=")
        given = words[index : index + (1 if equals else 2)]
        if option == "--libraries" and libpython_names.is_link_library(value or given[-1].text):
            yield Mention(concatenate(given), ReferenceKind.FLAG)
    yield from link_mentions.mentions(words[first:], source)


def _preload(command: Command, texts: list[str]) -> Iterator[Mention]:
    """Yield a libpython that is mapped into Python itself before it starts."""
    if not texts or not PYTHON.fullmatch(without_marks(texts[0])):
        return
    assigned = [*command.assigned]
    for word in command.words:
        if without_marks(word.text).startswith("LD_PRELOAD="):
            at = word.text.index("=") + 1
            assigned.append(("LD_PRELOAD", word.part(at, len(word))))
    for name, value in assigned:
        if name != "LD_PRELOAD":
            continue
        for match in re.finditer(r"[^\s:]+", value.text):
            if libpython_names.is_libpython(match[0]):
                yield Mention(value.part(*match.span()), ReferenceKind.PRELOAD)
