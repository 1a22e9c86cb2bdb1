"""How extension modules are called: the suffix with its tag, and what build files call that.

A module's file ends in a tag for the interpreters that import it, and ``.so``:

* ``.cpython-312-x86_64-linux-gnu.so``: CPython (PEP 3149), ``EXT_SUFFIX`` of sysconfig;
* ``.abi3.so``, ``.abi3t.so``: the stable ABI (PEP 384 and 803);
* ``.pypy310-pp73-x86_64-linux-gnu.so``: PyPy;
* ``.graalpy-311-native-x86_64-linux.so``, ``.graalpy231-310-native-….so``: GraalPy.

A name without a tag may be that of any library.
"""

from __future__ import annotations

import re

_NAME = re.compile(
    r"\.(?:cpython-[23]\d+[a-z]*(?:-[\w.-]+)?|abi3t?|pypy\d*-[\w.-]+|graalpy[\w.-]*)\.so$"
)
_TAG = re.compile(r"\.(?:cpython-|abi3t?\b|cp3\d+-|pypy3|graalpy)")
#: Variables of sysconfig, FindPython, scikit-build and people, and an option of python3-config.
_VARIABLE = (
    r"SOABI|EXT(?:ENSION)?[_-]?SUFFIX|MODULE_?(?:EXT|SUFFIX)|PY_?SO\b|[\"']SO[\"']"
    r"|(?<!CO)PY(?:THON)?\d?_?(?:MOD(?:ULE)?_?)?(?:EXT|SUFFIX)"
)
SUFFIX_VARIABLE = re.compile(_VARIABLE, re.IGNORECASE)
_SUFFIX = re.compile(rf"{_VARIABLE}|cpython|abi3|pypy3|graalpy|\bpyd\b", re.IGNORECASE)


def is_extension_module(name: str) -> bool:
    """Return whether a file's name is that of an extension module for Unix.

    >>> is_extension_module("pkg/_x.cpython-312-x86_64-linux-gnu.so"), is_extension_module("x.so")
    (True, False)
    """
    return _NAME.search(name) is not None


def has_module_tag(name: str) -> bool:
    """Return whether a name, complete or not, holds the tag of an extension module.

    >>> has_module_tag("spam.abi3"), has_module_tag("spam_abi3.so")
    (True, False)
    """
    return _TAG.search(name) is not None


def is_suffix_variable(name: str) -> bool:
    """Return whether a variable or an option is called like the suffix of extension modules."""
    return SUFFIX_VARIABLE.search(name) is not None


def names_module_suffix(text: str) -> bool:
    """Return whether a text that sets a file's suffix makes it an extension module's.

    >>> names_module_suffix("cpython-312-darwin.so"), names_module_suffix("${Python_SOABI}.so")
    (True, True)
    """
    return _SUFFIX.search(text) is not None
