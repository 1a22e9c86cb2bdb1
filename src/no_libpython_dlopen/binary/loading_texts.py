"""Which texts have a library loaded, and the libraries that they name.

An interpreter, a server, a service manager or the loader obeys a text: a script, or settings. Others
load nothing: documents are for people, lists of files for installers and version control, sources
for compilers (but what they open, the program will), and Python imports its modules itself.
"""

from __future__ import annotations

import re

#: A document by its suffix or by its title.
_DOCUMENTS = re.compile(
    r"(?:(?<!/CMakeLists)\.txt|\.(?:adoc|html?|log|md|rst|rtf|tex))\Z"
    r"|/(?:authors|change(?:log|s)|copying|history|install|licen[cs]e|news|notice|readme|todo)\Z",
    re.IGNORECASE,
)
#: What installers, compilers, checksum programs, signers, version control and packers have of files.
_LISTS = re.compile(
    r"/(?:[^/]*\.(?:dist|egg)-info|EGG-INFO|DEBIAN|conda-meta)/"
    r"|/(?:\.\w{1,20}ignore|\.gitattributes|compile_commands\.json|(?:manifest|(?:md5|sha\d{0,3}|check|b2)sums?)(?:\.in|\.json)?)\Z"
    r"|\.(?:asc|md5|sha\d{1,3}|sig)\Z",
    re.IGNORECASE,
)
#: Lists of files that installers, builds and auditors write for their own use: the ends of their
#: paths, and how they begin.
_WRITTEN = (
    # packages of conda, prefixes of Spack
    (r"/info/paths\.json", rb'\s*\{\s*"paths":\s*\[\s*\{[^}]*"_path":'),
    (r"/info/files", rb"(?:[\w.+@-]+(?:/[^/\n:=]+)*\n)+\Z"),
    (r"/\.spack/install_manifest\.json", rb'\s*\{\s*"/[^"]*":\s*\{[^}]*"(?:hash|mode|type)":'),
    # builds of CMake, Meson and ninja
    (
        r"/\.cmake/api/v1/reply/directory-[^/]*\.json",
        rb'\s*\{\s*"(?:backtraceGraph|installers)"\s*:',
    ),
    (r"/\.cmake/api/v1/reply/target-[^/]*\.json", rb'\s*\{\s*"(?:artifacts|backtrace)"\s*:'),
    (r"/CMakeFiles/[^\0]*/cmake_clean\.cmake", rb"file\(REMOVE"),
    (
        r"/cmake_install\.cmake",
        rb'# Install script for(?![^\0]*execute_process\((?!COMMAND "[^"]*/strip"))',
    ),
    (r"/meson-info/intro-(?:install_plan|installed)\.json", rb'\{"(?:/|targets":)'),
    (r"/meson-info/intro-targets\.json", rb'\[\{"name":'),
    (r"/\.ninja_log", rb"# ninja log v\d"),
    # bills of materials
    (r"\.json", rb'\s*\{(?=[^\0]*"(?:spdxVersion"\s*:\s*"SPDX-|bomFormat"\s*:\s*"CycloneDX"))'),
    (r"\.xml", rb'(?:<\?xml[^>]*>)?\s*<bom\s[^>]*xmlns="http://cyclonedx\.org/schema/bom/'),
    (r"\.spdx", rb"SPDXVersion: SPDX-"),
)
_FORMS = [(re.compile(rf"{name}\Z", re.IGNORECASE), re.compile(form)) for name, form in _WRITTEN]
PYTHON = (".ipynb", ".pxd", ".pxi", ".py", ".pyc", ".pyi", ".pyo", ".pyx")
_SOURCES = (
    *(".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".cu", ".cuh", ".m", ".mm", ".S"),
    *(".cs", ".d", ".f", ".f90", ".go", ".kt", ".rs", ".s", ".scala", ".swift", ".zig"),
)
#: The rest of a source's line in which a string begins, or cgo's flags of the linker.
_STRINGS = re.compile(rb"(?:[\"'`]|LDFLAGS).*")
#: A command of a tool that loads nothing.
_TOOL = re.compile(
    rb"(?m)(?:^|[;&|@:\"'\[{])[ \t]*(?:-[ \t])?(?:[\w-]{1,30}-)?"
    rb"(?:ADD|COPY|chmod|chrpath|cp|install|ldd|ls|md5sum|mv|nm|objdump"
    rb"|patchelf --set-rpath(?![^\n;&|]{0,300}--(?:add|replace)-needed)"
    rb"|readelf|rm|sha\d{1,3}sum|strip|test (?:! )?-[defhrsw])[ \t](?!=)[^\n;&|`(]*"
)
#: Files that list others for a build, an installer or a tool, and load none; files that build.
_LISTING = re.compile(
    r"/(?:pyproject\.toml|setup\.cfg|\.?codecov\.ya?ml|\.coveragerc)\Z|\.(?:spec|supp)\Z",
    re.IGNORECASE,
)
_BUILDING = re.compile(r"/(?:GNU)?makefile(?:\.\w+)?\Z|\.(?:make|mk|ninja)\Z", re.IGNORECASE)
#: Targets of make and ninja, and the output of a compiler: files that are built, not loaded.
_MADE = re.compile(
    rb"(?m)^CMakeFiles/[^\s:]{1,4096}\.dir/build: [^\n]*|\"Linking \w+ shared \w+ [^\"\n]*\""
    rb"|^(?![^\n]*shell)(?:build )?[^\s:#=][^\n:#=]{0,4096}:(?![=:])(?:[ \t]*(?:phony|SHSYM)\b[^\n]*)?"
    rb"|\.so\.p/|^[ \t]+(?:IMPLIB|TARGET_\w{1,20}) = [^\n]*"
    rb"|[ \t]-o[ \t]{0,9}[^\s;&|=-][^\s;&|=]*(?![^\s;&|])"
)
#: How scripts open any library: Ruby, Perl, Lua, R, Guile, Java, PHP, Vim, SQLite, Lisp, Emacs, Julia,
#: .NET, JavaScript, Tcl, a shell.
_OPENS = re.compile(
    rb"(?m)\b(?:dlm?open\([^)\s]|Fiddle(?:\.dlopen|::)|dl_load|package\.(?:loadlib|cpath)|ffi_lib|"
    rb"dyn\.load|dynamic-link|System\.load|getRuntime\(\)\.load\b|libraryLookup\(|FFI(?:::|->)|"
    rb"Native\.load|libcall(?:nr)?\(|load_extension\(|load-(?:foreign-library|shared-object)|"
    rb"module-load|ccall\(\(|NativeLibrary\.(?:Load|getInstance)|"
    rb"(?:ko)?ffi\.(?:load|(?:Dynamic)?Library)\b|(?:from|require\() ?[\"'](?:koffi|ffi-napi)\b)"
    rb"|(?:^|[{;])[ \t]*load \"?[\[$./-]|\benable -\w{0,8}f\b"
)
#: A line that is for nobody. What follows ``#`` at once may be a directive.
_COMMENT = re.compile(rb"(?m)^[ \t]*(?:#+|//+)(?:[ \t].*)?$")
#: How the loader is told to load a library before others (``ld.so(8)``).
_VARIABLES, _OPTION = (b"LD_PRELOAD", b"LD_AUDIT", b"ld.so.preload"), b"--preload"
#: What follows the loader's option, if it is no word of a sentence; and a call of the loader.
_VALUE = re.compile(rb"[ =][\"']?[$./{]")
_LOADER = re.compile(rb"\bld-[\w.-]{1,40}\.so\S*[ \t]")
#: Characters of a call before an option, options of a text, and names of libraries. Beyond them a
#: text is made to stall, and tells nothing good.
_LONGEST_CALL, _MOST_OPTIONS, _MOST_NAMES = 80, 1000, 200_000
_SUFFIX = b".so"
#: No file has a longer name.
LONGEST_NAME = 255
#: From the end of a name to its beginning.
_LETTERS = re.compile(rb"[\w.+\x80-\xff-]*")
_LETTER = re.compile(rb"[\w+-]")


def is_document(path: str) -> bool:
    """Return whether the text at ``path`` is for people, by its name."""
    return _DOCUMENTS.search("/" + path) is not None


def may_load(path: str) -> bool:
    """Return whether something may obey the text at ``path``, or Python reads it."""
    return not (is_document(path) or _LISTS.search("/" + path))


def is_written_list(path: str, text: bytes) -> bool:
    """Return whether a tool has written the text at ``path`` as its own list of files."""
    path = "/" + path
    return any(name.search(path) and form.match(text) for name, form in _FORMS)


def obeyed_part(path: str, text: bytes) -> bytes:
    """Return the text at ``path`` without comments, of a source the strings, which its program has."""
    if path.endswith(_SOURCES):
        return b"\n".join(_STRINGS.findall(text))
    text = _COMMENT.sub(b"", text)
    return _MADE.sub(b"", text) if _BUILDING.search("/" + path) else text


def opens_libraries(path: str, text: bytes) -> bool:
    """Return whether the ``text``, obeyed at ``path``, is of a script that opens any library."""
    return not path.endswith((*PYTHON, *_SOURCES)) and bool(_OPENS.search(text))


def loaded_names(path: str, text: bytes) -> frozenset[bytes] | None:
    """Return the libraries that a text at ``path`` names to what may load them; see ``names_in``."""
    is_searched = _SUFFIX in text and not _LISTING.search("/" + path)
    return names_in(_TOOL.sub(b"", text) if is_searched else b"")


def names_in(text: bytes) -> frozenset[bytes] | None:
    """Return the file names of libraries in ``text``, up to ``.so``, ``None`` for too many."""
    if text.count(_SUFFIX) > _MOST_NAMES:
        return None
    found: set[bytes] = set()
    at = text.find(_SUFFIX)
    while at >= 0:
        end = at + len(_SUFFIX)
        if not _LETTER.match(text, end):
            found.add(name_up_to_suffix(text[max(0, end - LONGEST_NAME) : end]))
        at = text.find(_SUFFIX, end)
    return frozenset(found)


def name_up_to_suffix(text: bytes) -> bytes:
    """Return the file name of a library at the end of ``text``, up to the first ``.so`` in it."""
    letters = _LETTERS.match(text[::-1])
    assert letters is not None
    start, suffix, _ = letters[0][::-1].lstrip(b".").partition(_SUFFIX)
    return start + suffix


def preloads(text: bytes) -> bool:
    """Return whether a text has the loader load a library before others."""
    if any(variable in text for variable in _VARIABLES):
        return True
    at = text.find(_OPTION)
    for _ in range(_MOST_OPTIONS):
        if at < 0:
            return False
        end = at + len(_OPTION)
        before = text[max(0, at - _LONGEST_CALL) : at].rpartition(b"\n")[2]
        if _VALUE.match(text, end) or _LOADER.search(before):
            return True
        at = text.find(_OPTION, end)
    return True
