"""The build languages: one record each, and the readers, imported when such a file comes.

A language is added by a record here and a folder beside this module, which holds

* a reader with ``read(source) -> Iterable[Fact]``: it yields ``facts.Link`` with the edit
  that undoes the link, or the reason why there is none, and raises ``source.Unreadable``
  for a file that does not lex cleanly;
* a lexer with ``comments(text) -> Iterable[tuple[int, int]]``: the spans of the comments in
  which findings may be suppressed. It raises nothing, whatever the text is. It may have
  ``embedded_comments``, for code in texts, and ``code_tokens(text) -> Iterable[object]``, which
  are equal for texts that differ in comments only, or raises ``ValueError``; without these no
  comment is deleted.
"""

from __future__ import annotations

import importlib

from no_libpython_dlopen.model.kind import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Source

Words = tuple[bytes, ...]


class Language:
    """How the files of one kind are read.

    ``lexer`` and ``readers`` are names of modules, with a dot in front below this package.
    A file can hold a finding only if it holds one word of every group of ``words``, all in
    lower case; without words it holds none. ``comment_mark`` begins a comment. ``commands`` names
    the module whose ``command_texts(source)`` yields the shell's commands in a file, which may hold
    programs in Python, in any number of parts; it may raise ``Unreadable``.
    """

    __slots__ = ("commands", "comment_mark", "kind", "lexer", "readers", "words")

    def __init__(
        self,
        kind: Kind,
        lexer: str,
        readers: tuple[str, ...] = (),
        words: tuple[Words, ...] = (),
        *,
        comment_mark: str = "#",
        commands: str = "",
    ) -> None:
        self.kind = kind
        self.lexer = lexer
        self.readers = readers
        self.words = words
        self.comment_mark = comment_mark
        self.commands = commands


_PYTHON: Words = (b"python",)
#: What names libpython in Python code has one of these in it.
NAME_IT: Words = (b"python", b"config_var", b"--embed")
#: Part of each flag, path, option, package and variable by which a command line names it.
_LINKED: Words = (b"-l", b"libpython", b"embed", b"ldlibrary", b"instsoname")
#: What makes extensions comes from one of these, or is called something like Extension;
_MAKE_EXTENSIONS: Words = (
    *(b"setuptools", b"distutils", b"extension(", b"cffi", b"cython", b"pybind11", b"torch"),
)
#: … what it is given has one of these names, or is given by position.
_ARE_GIVEN: Words = (
    *(b"libraries", b"extra_", b"link_", b"extension(", b"ldflags", b"ldshared", b"add_library"),
    *(b"pkgconfig", b"distutils:", b"cython:", b"extension as", b"linker_so", b"ldcxxshared"),
)
#: What configure puts in place of a flag, and Automake makes modules with.
_CONFIGURED: Words = (b"python_libs", b"python_ldflags", b"python3_libs", b"ltlibraries")
_EMBEDDED_PYTHON = ".shell.embedded_python"
_PYTHON_LEXER = "no_libpython_dlopen.python.syntax.comments"

LANGUAGES: dict[Kind, Language] = {
    language.kind: language
    for language in (
        Language(
            Kind.PYTHON,
            _PYTHON_LEXER,
            (
                ".settings_files.cython",
                ".python_syntax.setup_py",
                ".embedded_commands.python_programs",
            ),
            (_MAKE_EXTENSIONS, _ARE_GIVEN),
        ),
        Language(
            Kind.CYTHON,
            _PYTHON_LEXER,
            (".settings_files.cython",),
            (_PYTHON, (b"distutils:", b"cython:")),
        ),
        Language(
            Kind.SCONS,
            _PYTHON_LEXER,
            (".python_syntax.scons",),
            (NAME_IT, (b"module", b"sharedlibrary", b"extension")),
        ),
        Language(Kind.WAF, _PYTHON_LEXER, (".waf.reader",), ((b"pyembed",), (b"pyext",))),
        Language(
            Kind.BAZEL,
            _PYTHON_LEXER,
            (".python_syntax.bazel",),
            (_PYTHON, (b"extension", b"linkshared", b"shared_library"), (*_LINKED, b"py_cc_libs")),
        ),
        Language(
            Kind.CMAKE,
            ".cmake.lexer",
            (".cmake.reader",),
            ((b"python", b"pybind11", b"ldlibrary"),),
        ),
        # The module may be made in another file, with what a variable of this one holds.
        Language(
            Kind.MESON, ".meson.lexer", (".meson.reader",), ((b"embed", b"python", b"ldlibrary"),)
        ),
        Language(
            Kind.MAKE,
            ".make.lexer",
            (".make.reader",),
            ((b"python", b"ltlibraries"), (*_LINKED, *_CONFIGURED)),
            commands=".make.recipe_texts",
        ),
        # What the variables of configure hold is said there, and "python" may be as well.
        Language(
            Kind.AUTOMAKE,
            ".make.automake",
            (".make.automake",),
            ((b"python", b"ltlibraries"),),
            commands=".make.recipe_texts",
        ),
        Language(
            Kind.SHELL,
            ".shell.comments",
            (".shell.reader",),
            (_PYTHON, _LINKED),
            commands=_EMBEDDED_PYTHON,
        ),
        Language(
            Kind.DOCKERFILE,
            ".shell.dockerfile_lexer",
            (".shell.dockerfile",),
            (_PYTHON, _LINKED),
            commands=_EMBEDDED_PYTHON,
        ),
        Language(
            Kind.RUST_BUILD,
            ".rust.lexer",
            (".rust.reader",),
            (_PYTHON, (b"cargo:",)),
            comment_mark="//",
        ),
        Language(
            Kind.SETUP_CFG,
            ".settings_files.setup_cfg",
            (".settings_files.setup_cfg",),
            (_PYTHON, (b"build_ext", b"testenv")),
            commands=".embedded_commands.tox_ini",
        ),
        Language(
            Kind.PYPROJECT,
            ".settings_files.toml_positions",
            (".settings_files.pyproject",),
            (
                _PYTHON,
                (
                    *(b"ext-modules", b"distutils", b"ldflags", b"linker_flags", b"link_args"),
                    *(b"rustflags", b"rustc-args", b"f2py", b"-shared", b"setup.py"),
                ),
            ),
            commands=".settings_files.pyproject",
        ),
        Language(
            Kind.YAML,
            ".embedded_commands.yaml_comments",
            (".embedded_commands.yaml_commands",),
            (_PYTHON, _LINKED),
            commands=".embedded_commands.yaml_commands",
        ),
        Language(
            Kind.RPM_SPEC,
            ".embedded_commands.rpm_spec",
            (".embedded_commands.rpm_spec",),
            (_PYTHON, _LINKED, (b"%build", b"%install")),
            commands=".embedded_commands.rpm_spec",
        ),
        Language(
            Kind.TOX,
            ".embedded_commands.script",
            (".embedded_commands.tox_ini",),
            (_PYTHON, _LINKED, (b"testenv",)),
            commands=".embedded_commands.tox_ini",
        ),
        Language(
            Kind.NIX,
            ".embedded_commands.nix",
            (".embedded_commands.nix",),
            (_PYTHON, _LINKED, (b"buildpythonpackage",)),
        ),
        Language(
            Kind.CARGO_CONFIG,
            ".settings_files.toml_positions",
            (".rust.cargo_config",),
            (_PYTHON, (b"rustflags",)),
        ),
        # These are read with the files that they decide about.
        Language(Kind.AUTOCONF, ".make.autoconf"),
        Language(Kind.CARGO, ".settings_files.toml_positions"),
    )
}


def read(source: Source) -> Iterator[Fact]:
    """Yield the links to libpython that a build file makes, none for other kinds.

    Raises ``source.Unreadable`` where the file does not lex cleanly.
    """
    language = LANGUAGES.get(source.kind)
    for name in language.readers if language else ():
        facts: Iterable[Fact] = importlib.import_module(name, __package__).read(source)
        yield from facts


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the shell's commands in a file, as far as its language has any.

    Raises ``source.Unreadable`` where the file does not lex cleanly.
    """
    module = importlib.import_module(LANGUAGES[source.kind].commands, __package__)
    texts: Iterable[TrackedText] = module.command_texts(source)
    yield from texts


def comments(source: Source) -> Iterator[tuple[int, int]]:
    """Yield the spans of a text file's comments, as its language's lexer knows them."""
    yield from _spans(source, "comments")


def embedded_comments(source: Source) -> Iterator[tuple[int, int]]:
    """Yield the spans of what may be comments, of code in a file's texts and here-documents."""
    yield from _spans(source, "embedded_comments")


def code_tokens(source: Source) -> Iterator[object]:
    """Yield the tokens of a text without its comments: equal if two texts mean the same.

    Raises ``ValueError`` where the lexer cannot say.
    """
    make = getattr(_lexer(source), "code_tokens", None)
    if make is None:
        raise ValueError("the lexer of this language finds no tokens")
    yield from make(source.text)


def _spans(source: Source, name: str) -> Iterable[tuple[int, int]]:
    find = getattr(_lexer(source), name, None)
    spans: Iterable[tuple[int, int]] = find(source.text) if find else ()
    return spans


def _lexer(source: Source) -> ModuleType | None:
    language = LANGUAGES.get(source.kind)
    return importlib.import_module(language.lexer, __package__) if language else None
