"""Ends the life of most build files before they are decoded.

``may_matter`` looks for a few words in the raw bytes and is sound: a file that it
drops cannot be reported. The registry has groups of words for each kind; a file
passes if it holds at least one word of every group. A group states one thing that
any finding needs: something that spells libpython, and something that makes an
extension module; the first one ends the life of most files. What few files get past
the words are then asked for patterns, all of which have to match.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems.registry import LANGUAGES, NAME_IT
from no_libpython_dlopen.files import byte_search
from no_libpython_dlopen.model.kind import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from no_libpython_dlopen.buildsystems.registry import Words
    from no_libpython_dlopen.python.syntax.string_scanner import Split

#: What a configuration variable has in its name that is libpython's;
_VARIABLES = (b"library", b"soname")
#: what is called Python, with a version, the end of a string or a hole behind it. "Python" in prose
#: is the most frequent of all, so this is asked before the others.
_AFTER_PYTHON = (
    *(b"3", b"{", b"%", b"$", b'"', b"'", b"\\"),
    *(b"-3", b"-{", b"-%", b"-config", b"-embed", b".framework", b"t.framework", b"t3.framework"),
)
#: … and not the end of another word before it.
_BEFORE_PYTHON = (b"lib", b"-l", b"%s", b"%d", b"\\n", b"\\t")

#: Where a line goes on in the next one, a word may as well.
_CONTINUED = (b"\\\n", b"\\\r\n")
#: What a ``meson.build`` holds that speaks of Python.
MESON_NEEDS = LANGUAGES[Kind.MESON].words[0]

#: What a comment in Cython begins with that tells how a module is built.
_DIRECTIVES = (b"distutils:", b"cython:")
#: Patterns that few Python files have, with the ends of words (see ``setup_py``): what makes
#: an extension, and what it is given.
_MAKERS = (
    rb"Extension\b|set_source|verify\b|build_ext|setup\b|BuildExt|load_inline"
    rb"|(?:cpp|add|configure)_extension\b"
)
_NAMES = (
    rb"libraries|extra_link_args|extra_objects|link_objects|extra_ldflags|extra_postargs"
    rb"|extra_info|build_info|LDFLAGS|LDSHARED"
)
_METHODS = rb"(?:add|[gs]et)_(?:library|libraries|link_objects?)"
_GIVEN = (
    rb"(?:" + _NAMES + rb")\b[\s\\]*[=\"'\]]|\.(?:" + _NAMES + rb")\b|Extension\b|pkgconfig"
    rb"|" + _METHODS + rb"\b|configure_extension"
)
#: What each of these has in it: single words are found many times as fast.
_MAKER_WORDS = (
    *(b"Extension", b"set_source", b"verify", b"build_ext", b"setup", b"BuildExt"),
    *(b"load_inline", b"_extension"),
)
_GIVEN_WORDS = (
    *(b"librar", b"extra_", b"link_object", b"_info", b"LDFLAGS", b"LDSHARED", b"Extension"),
    *(b"pkgconfig", b"configure_extension"),
)
_MADE_IN_TEMPLATE = rb"(?:" + _MAKERS + rb")\s*\("
_GIVEN_IN_TEXT = _NAMES + rb"|" + _METHODS
#: A flag, which is no end of a word like "sqlite-libs" but for that of a variable.
_FLAG = rb"(?i)(?<![a-z0-9_])-l|\$\w+-l|libpython|embed|ldlibrary|instsoname"
_PATTERNS = dict.fromkeys((Kind.MAKE, Kind.SHELL, Kind.DOCKERFILE), (_FLAG,))
#: Where Meson's word for the interpreter stands, and no library's.
_MESON_INTERPRETER = rb"\b(?:import|find_installation|find_program)\s*\(\s*'python[\d.]*'"
_MESON_HOLE = rb"@\w*@"
#: All that a Python file needs, for one pass over many files.
PYTHON_NEEDS = (
    byte_search.Group(
        b"python(?:%b)|%b"
        % (byte_search.Group.of(_AFTER_PYTHON).pattern, byte_search.Group.of(NAME_IT[1:]).pattern),
        caseless=True,
    ),
    *(byte_search.Group.of(words, caseless=True) for words in LANGUAGES[Kind.PYTHON].words),
    byte_search.Group(b"|".join((_MAKERS, *_DIRECTIVES))),
    byte_search.Group(_GIVEN),
)


def may_matter(kind: Kind, data: bytes, lowered: bytes | None = None) -> bool:
    """Tell whether a build file with these bytes could hold a finding.

    ``False`` is certain, and the answer for kinds that are no build files. ``lowered`` are
    the bytes in lower case, if they are at hand.
    """
    language = LANGUAGES.get(kind)
    groups = language.words if language else ()
    if not groups:
        return False
    if lowered is None:
        lowered = data.lower()
    if kind is not Kind.PYTHON and byte_search.any_in(data, _CONTINUED):
        joined = data
        for end in _CONTINUED:
            joined = joined.replace(end, b"")
        if _holds(kind, groups, joined, joined.lower()):
            return True
    return _holds(kind, groups, data, lowered)


def _holds(kind: Kind, groups: tuple[Words, ...], data: bytes, lowered: bytes) -> bool:
    if kind is Kind.PYTHON and not _names_it(lowered):
        return False
    for group in groups:
        if not byte_search.any_in(lowered, group):
            return False
    if not _holds_all(data, _PATTERNS.get(kind, ())):
        return False
    closer = _CLOSER.get(kind)
    return closer is None or closer(data)


def _builds(data: bytes) -> bool:
    """Tell whether the code of a Python file may build something with a name in its texts."""
    import re

    from no_libpython_dlopen.python.syntax.string_scanner import split

    if byte_search.any_in(data, _DIRECTIVES):
        return True
    pieces = split(data)
    if pieces is None:
        return bool(re.search(_MAKERS, data) and re.search(_GIVEN, data))
    if not _makes_and_gives(pieces) and not _makes_in_template(pieces):
        return False
    return pieces.spells(linked=True)


def _makes_and_gives(pieces: Split) -> bool:
    """Tell whether the code makes an extension and gives it something, or a text names it."""
    import re

    code = pieces.code
    if not byte_search.any_in(code, _MAKER_WORDS) or not re.search(_MAKERS, code):
        return False
    if byte_search.any_in(code, _GIVEN_WORDS) and re.search(_GIVEN, code):
        return True
    return any(re.fullmatch(_GIVEN_IN_TEXT, text) for text in pieces.texts)


def _makes_in_template(pieces: Split) -> bool:
    import re

    texts = b"\n".join(text for text in pieces.texts if b"{" in text and b"(" in text)
    if not byte_search.any_in(texts, _MAKER_WORDS):
        return False
    return re.search(_MADE_IN_TEMPLATE, texts) is not None


def _spells(data: bytes) -> bool:
    """Tell whether a ``meson.build`` asks for embedding, or spells libpython in a text.

    Its texts and comments are written like Python's.
    """
    import re

    from no_libpython_dlopen.python.syntax.string_scanner import split

    pieces = split(re.sub(_MESON_HOLE, b"{}", re.sub(_MESON_INTERPRETER, b"(", data)))
    if pieces is None or pieces.spells(linked=True):
        return True
    return any(b"embed" in one.lower() for one in (pieces.code, *pieces.texts))


_CLOSER = {Kind.PYTHON: _builds, Kind.MESON: _spells}


def _names_it(lowered: bytes) -> bool:
    """Tell whether Python in lower case may spell a libpython, or ask for one by other words.

    A name may be put together from pieces, but is not cut within the word, nor escaped.
    """
    if not byte_search.any_in(lowered, NAME_IT):
        return False
    at = lowered.find(b"python")
    while at >= 0:
        before, at = lowered[max(at - 3, 0) : at], at + len(b"python")
        inside = before[-1:].isalnum() or before.endswith((b"_", b"-"))
        if (not inside or before.endswith(_BEFORE_PYTHON)) and (
            lowered.startswith(_AFTER_PYTHON, at) and not lowered.startswith(b"'s", at)
        ):
            return True
        at = lowered.find(b"python", at)
    asked = byte_search.any_in(lowered, NAME_IT[1:2]) and byte_search.any_in(lowered, _VARIABLES)
    return asked or byte_search.any_in(lowered, NAME_IT[2:])


def _holds_all(data: bytes, patterns: tuple[bytes, ...]) -> bool:
    if not patterns:
        return True
    import re

    return all(re.search(pattern, data) for pattern in patterns)
