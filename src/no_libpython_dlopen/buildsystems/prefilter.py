"""Rejects most build files before they are decoded.

``may_contain_link`` looks for a few words in the raw bytes and is sound: a file that it
rejects has no finding. The registry has groups of words for each kind; a file has to
contain a word of every group. A group states one thing that any finding needs: something
that spells libpython, and something that makes an extension module; the first one rejects
most files. What few files contain them all are then asked for patterns.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems.registry import LANGUAGES
from no_libpython_dlopen.files.byte_search import contains_any, matches, matches_near, one_of
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.python.prefilter import (
    NAME_PATTERN,
    Content,
    may_name_link,
    spells_libpython,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.buildsystems.registry import Words

#: What a ``meson.build`` contains that speaks of Python.
MESON_WORDS = LANGUAGES[Kind.MESON].words[0]
#: Where a line goes on in the next one, a word may as well.
_CONTINUED = (b"\\\n", b"\\\r\n")
#: Languages with Python's strings, in which several of them can be one text.
_STRINGS = frozenset((Kind.SCONS, Kind.BAZEL, Kind.MESON))
#: A flag, which is no end of a word like "sqlite-libs" but for that of a variable.
_FLAG = rb"(?i)(?<![a-z0-9_])-l|\$\w+-l|libpython|embed|ldlibrary|instsoname"
#: What a command needs by kind; in a makefile also what configure puts in place of a flag.
_FLAGS = {
    Kind.MAKE: _FLAG + rb"|python3?_(?:libs|ldflags)|ltlibraries",
    **dict.fromkeys((Kind.SHELL, Kind.DOCKERFILE), _FLAG),
    **dict.fromkeys((Kind.YAML, Kind.RPM_SPEC, Kind.TOX, Kind.NIX), _FLAG),
}

#: What a comment in Cython begins with that says how a module is built.
_DIRECTIVES = (b"distutils:", b"cython:")
#: With the ends of words (see ``setup_py``): what makes an extension, and what it is given.
_MAKERS = (
    rb"Extension\b|set_source|verify\b|build_ext|setup\b|BuildExt|load_inline"
    rb"|(?:cpp|add|configure)_extension\b"
)
_NAMES = (
    *(b"libraries", b"extra_link_args", b"extra_objects", b"link_objects", b"extra_ldflags"),
    *(b"extra_postargs", b"extra_info", b"build_info", b"LDFLAGS", b"LDSHARED"),
    *(b"LDCXXSHARED", b"linker_so", b"linker_so_cxx"),
)
#: No match of the next one is without one of these; what so many blanks follow may be one.
_GIVEN_WORDS = (*_NAMES, b"Extension", b"pkgconfig", b"configure_ext", b"_library", b"_link_object")
_GIVEN = (
    rb"(?:%b)\b[\s\\]*(?:[\s\\]{8}|[=\"'\]])|\.(?:%b)\b|Extension\b|pkgconfig|configure_extension"
    rb"|(?:add|[gs]et)_(?:library|libraries|link_objects?)\b"
) % ((b"|".join(_NAMES),) * 2)
#: Where Python code runs a command that builds something, or with flags for that; doit's tasks.
_RUNS = (
    rb"\b(?:run|run_always|run_install|install|system|[pP]open|getoutput|(?:check_)?call"
    rb"|check_output|sudo|local|shell)[ \t]*\(|\bactions\b[\"']?[ \t]*[:=]"
)
#: Words of a build script that may have another module make its extensions.
_SETS_UP = (b"setup(", b"ext_modules")
#: A function of a project's own that runs the compiler for an extension module.
_DRIVES = rb"def _*(?:build|compile|link|make)_(?:\w+_)?ext"
#: An option that makes a tool link libpython; it is no sign of a load.
_EMBED = b"--embed"
_BUILDS = (b"f2py", b"LDFLAGS", b"RUSTFLAGS", b"-shared", b"-bundle", b"LD_PRELOAD")
_NAMED = b"|".join((NAME_PATTERN, _EMBED))
#: All that a Python file needs for a command, for one pass over many files.
COMMAND_PATTERNS = (_NAMED, one_of(_BUILDS))
#: The same for what builds extension modules.
PYTHON_PATTERNS = (
    _NAMED,
    *(rb"(?i)" + one_of(words) for words in LANGUAGES[Kind.PYTHON].words),
    b"|".join((_MAKERS, *_DIRECTIVES)),
    _GIVEN,
)
#: Where Meson's word for the interpreter is, and no library's.
_MESON_INTERPRETER = rb"\b(?:import|find_installation|find_program)\s*\(\s*'python[\d.]*'"
_MESON_HOLE = rb"@\w*@"


def may_contain_link(kind: Kind, content: Content) -> bool:
    """Return whether a build file could contain a finding.

    ``False`` is certain, and the answer for kinds that are no build files.
    """
    groups = LANGUAGES[kind].words if kind in LANGUAGES else ()
    if not groups:
        return False
    if kind is Kind.PYTHON:
        builds = _contains(content.lowered, groups) and _may_build(content)
        return builds or _may_run(content)
    data = content.data
    if kind in _STRINGS and content.strings is not None:
        data = b"\n".join((data, *content.strings.texts))
    if contains_any(data, _CONTINUED):
        data += b"\n" + data.replace(b"\\\r\n", b"").replace(b"\\\n", b"")
    if not _contains(data.lower(), groups):
        return False
    is_meson = kind is Kind.MESON
    return _meson_names_libpython(data) if is_meson else matches(_FLAGS.get(kind, b""), data)


def _may_spell_libpython(content: Content) -> bool:
    """Return whether Python code may name libpython, as far as its bytes can tell at once."""
    return _EMBED in content.lowered or spells_libpython(content)


def is_build_script(path: str) -> bool:
    """Return whether a Python file's name says that it builds something, perhaps with helpers."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return name.startswith(("setup", "build")) or name.endswith(("setup.py", "build.py"))


def leads_to_link(path: str, content: Content) -> bool:
    """Return whether a build script may link libpython by what it imports from its project.

    A module may name libpython, or make an extension of what it is given.
    """
    from no_libpython_dlopen.python.project import import_prefilter

    makes = _contains(content.lowered, LANGUAGES[Kind.PYTHON].words)
    return (makes and import_prefilter.leads_to_link(path, content)) or (
        leads_to_extension(path, content)
        and (may_name_link(content) or import_prefilter.leads_to_link(path, content))
    )


def leads_to_extension(path: str, content: Content) -> bool:
    """Return whether a build script imports a module of its project that may make extensions."""
    from no_libpython_dlopen.python.project import import_graph

    builds = is_build_script(path) and contains_any(content.data, _SETS_UP)
    several = import_graph.all_imports(path, content) if builds else ()
    return any(import_graph.ask(_may_make_extension, one) for one in several)


def _may_make_extension(content: Content) -> bool:
    return b"Extension" in content.data


def _contains(lowered: bytes, groups: tuple[Words, ...]) -> bool:
    return all(contains_any(lowered, group) for group in groups)


def _may_build(content: Content) -> bool:
    """Return whether a Python file may build something with a name in its strings."""
    data = content.data
    gives = matches_near(_GIVEN, data, data, _GIVEN_WORDS)
    if not (gives and _may_spell_libpython(content)):
        return False
    if contains_any(data, _DIRECTIVES):
        return True
    strings = content.strings
    if strings is not None:
        data = b"\n".join((strings.code, *strings.arguments(rb"\{")))
    return matches(_MAKERS, data) and may_name_link(content)


def _may_run(content: Content) -> bool:
    """Return whether a Python file may run a command, written in a call, that builds something."""
    data = content.data
    runs = contains_any(data, _BUILDS) and matches(_RUNS, data)
    if not (runs and _may_spell_libpython(content)):
        return False
    strings = content.strings
    if strings is None:
        return True
    if not (any(True for _ in strings.arguments(b"|".join(_BUILDS))) and may_name_link(content)):
        return False

    if matches(_DRIVES, strings.code):
        return True

    from no_libpython_dlopen.buildsystems.commands import text_prefilter

    # Commands are written in literals, but for what nox and its like call pip by.
    called = b".install(" if b".install(" in strings.code else b""
    literals = (called, *strings.arguments(b""), *strings.texts)
    return text_prefilter.may_contain_finding(b'"\n'.join(literals).decode("latin-1"))


def _meson_names_libpython(data: bytes) -> bool:
    """Return whether a ``meson.build`` asks for embedding, or names libpython in a string.

    Its strings and comments are written like Python's.
    """
    import re

    content = Content(re.sub(_MESON_HOLE, b"{}", re.sub(_MESON_INTERPRETER, b"(", data)))
    return b"embed" in content.lowered or may_name_link(content)
