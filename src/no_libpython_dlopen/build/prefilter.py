"""Ends the life of most build files before they are decoded.

``may_matter`` looks for a few words in the raw bytes and is sound: a file that it
drops cannot be reported. Each kind has groups of needles, all in lower case; a file
passes if it holds at least one needle of every group. A group states one thing that
any finding needs: something that spells libpython, and something that makes an
extension module. Only ``bytes.lower`` and ``in`` are used, since a regular expression
over alternatives is ten times slower.
"""

from __future__ import annotations

from no_libpython_dlopen.kind import Kind

_Groups = tuple[tuple[bytes, ...], ...]

_PYTHON = (b"python",)
#: Part of each flag, path, option, package and variable by which a command line names it.
_LINKED = (b"-l", b"libpython", b"embed", b"ldlibrary", b"instsoname")

#: What makes extensions comes from one of these, or is called something like Extension;
_MAKE_EXTENSIONS = (
    *(b"setuptools", b"distutils", b"extension(", b"cffi", b"cython", b"pybind11", b"torch"),
)
#: … what it is given has one of these names, or stands by position;
_ARE_GIVEN = (
    *(b"libraries", b"extra_", b"link_", b"extension(", b"ldflags", b"ldshared", b"add_library"),
    *(b"pkgconfig", b"distutils:", b"cython:", b"extension as"),
)
#: … and ways to spell libpython begin like this. ``LDLIBRARY`` needs no "python".
_SPELL_LIBPYTHON = (
    *(b"python3", b"python%", b"python{", b"python.", b"python-", b'python"', b"python'"),
    *(b"ldlibrary", b"instsoname", b"config_var", b"--embed"),
)

#: ``configure.ac`` and ``Cargo.toml`` are read with the files that they decide about.
_NEEDLES: dict[Kind, _Groups] = {
    Kind.CMAKE: ((b"python", b"pybind11"),),
    # The module may be made in another file, with what a variable of this one holds.
    Kind.MESON: ((b"embed", b"python", b"ldlibrary"),),
    Kind.MAKE: (_PYTHON, _LINKED),
    Kind.AUTOMAKE: (_PYTHON, _LINKED),
    Kind.SHELL: (_PYTHON, _LINKED),
    Kind.DOCKERFILE: (_PYTHON, _LINKED),
    Kind.SCONS: (_PYTHON,),
    Kind.BAZEL: (_PYTHON,),
    Kind.RUST_BUILD: (_PYTHON, (b"cargo:",)),
    Kind.SETUP_CFG: (_PYTHON, (b"build_ext",)),
    Kind.PYPROJECT: (_PYTHON, (b"ext-modules", b"distutils")),
    Kind.CYTHON: (_PYTHON, (b"distutils:", b"cython:")),
    Kind.PYTHON: (_MAKE_EXTENSIONS, _ARE_GIVEN, _SPELL_LIBPYTHON),
}


def may_matter(kind: Kind, data: bytes) -> bool:
    """Tell whether a build file with these bytes could hold a finding.

    ``False`` is certain, and the answer for kinds that are no build files.
    """
    groups = _NEEDLES.get(kind)
    if groups is None:
        return False
    lowered = data.lower()
    return all(any(needle in lowered for needle in group) for group in groups)
