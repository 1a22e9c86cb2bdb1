"""Rejects Python programs that make no extension, or give it nothing, in one pass over ``ast``.

``ast`` parses ten times faster than libcst, and most files that name libpython and what
makes extensions define one of both or write about them.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.common.program_words import EXTENSION, words_of
from no_libpython_dlopen.buildsystems.prefilter import leads_to_extension
from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.prefilter import Content
from no_libpython_dlopen.python.project import import_prefilter

#: Names of what makes or builds extensions.
_MAKERS = re.compile(
    rf"{EXTENSION.pattern}|set_source(?:_pkgconfig)?$|verify$|\w*build_ext\w*$|add_extension$"
    r"|setup$|cpp_extension$|load_inline$|BuildExt\w*$|configure_extension$"
)
#: Functions of a project's own that run the compiler for an extension module.
DRIVES_COMPILER = re.compile(r"_*(?:build|compile|link|make)_(?:\w+_)?ext(?:ension)?s?$")
#: Attributes of an extension, and of a command, that hold what is linked.
_LINKERS = frozenset({"linker_so", "linker_so_cxx"})
_LISTS = _LINKERS | {
    *("libraries", "extra_link_args", "extra_objects", "link_objects", "extra_ldflags")
}
#: Names of what an extension, the call that makes one, a compiler or the environment may be given.
_GIVEN = _LISTS | (
    {"add_library", "add_link_object", "get_libraries", "set_libraries", "pkgconfig"}
    | {"set_source_pkgconfig", "set_link_objects", "extra_postargs", "extra_info", "build_info"}
    | {"LDFLAGS", "LDSHARED", "LDCXXSHARED", "set_executable", "set_executables"}
)


def may_contain_link(source: Source) -> bool:
    """Return whether a program makes an extension, gives it something and could name libpython.

    ``False`` is certain. Raises ``Unreadable`` as the parser that is asked next does.
    """
    words = source.derive(words_of)
    if words is None:
        return True  # the parser that is asked next says what is wrong, and where
    everything = words.names | words.own | words.defined | words.texts
    makes = any(map(_MAKERS.match, words.names | (words.own - words.defined)))
    given = everything & _GIVEN
    gives = bool(given) or not words.by_position <= words.defined
    drives = "-o" in words.texts and any(map(DRIVES_COMPILER.match, words.defined))
    changes = drives or not words.changed.isdisjoint(_LISTS)
    content = Content(source.code_bytes)
    has_helpers = leads_to_extension(source.path, content)
    links = (makes and gives) or changes or has_helpers
    if links and any(may_be_part(one, linked=True) for one in words.texts):
        return True
    # The linker's name alone, as an attribute of a compiler, needs no other module to be read.
    is_linker = given <= _LINKERS and words.by_position <= words.defined
    follows = changes or has_helpers or not is_linker
    return links and follows and import_prefilter.leads_to_link(source.path, content)
