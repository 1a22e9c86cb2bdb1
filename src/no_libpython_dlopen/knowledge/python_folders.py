"""Which folders Python imports extension modules from, as build files name them.

* ``lib/python3/dist-packages``: Debian's, ``site-packages`` elsewhere (``site`` in the docs);
* ``$(pyexecdir)``, ``@pkgpythondir@``: Automake's ``AM_PATH_PYTHON``;
* ``${Python3_SITEARCH}``, ``$(PYTHON_PLATFORM_SITE_PKG)``, ``${SKBUILD_PLATLIB_DIR}``, ``$SP_DIR``:
  variables of FindPython, ``AX_PYTHON_DEVEL``, scikit-build, conda and people.
"""

from __future__ import annotations

import re

_VARIABLE = (
    r"(?:PKG)?PY(?:THON|EXEC)\d?_?DIR|PY(?:THON)?\d?_?SITE_?(?:ARCH|LIB|DIR|PKG|PACKAGES)?(?:_DIR)?"
    r"|(?:SKBUILD_PLATLIB|SP)_DIR|SITE_?(?:ARCH|LIB|PACKAGES)(?:_DIR)?"
    r"|\w{0,99}PY(?:THON)?[\d.]*_\w{0,99}(?:SITE|DEST|INST|ARCH|PLATLIB|PACKAGE)\w*"
)
_FOLDER = re.compile(rf"(?:site|dist)-packages|[({{@$](?:{_VARIABLE})(?![\w.])", re.IGNORECASE)
#: A folder of a folder of libraries, neither of them with Python in its name.
_HOST = re.compile(
    r"(?:\$\{CMAKE_INSTALL_PREFIX\}/|/usr(?:/local)?/)?"
    r"(?:lib(?:64|exec)?|\$\{\w*LIB(?:EXEC)?_?DIR\})/(?!.*py)[^/]+/[^/]+",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"\b(?:plat|pure)lib\b|\bget_python_lib\b|\bget(?:user)?sitepackages\b")


def names_python_folder(text: str) -> bool:
    """Return whether a path, which may hold variables, is a folder that Python imports from.

    >>> names_python_folder("$(PYTHON_SITELIB)/tune"), names_python_folder("${libdir}/host")
    (True, False)
    """
    return _FOLDER.search(text) is not None


def names_host_folder(text: str) -> bool:
    """Return whether a path is where a program other than Python looks for what it loads.

    >>> names_host_folder("lib/irc/scripts"), names_host_folder("lib/tune/python")
    (True, False)
    """
    return _HOST.match(text) is not None


def prints_python_folder(code: str) -> bool:
    """Return whether Python code that is run for its output prints such a folder.

    >>> prints_python_folder("print(sysconfig.get_path('platlib'))")
    True
    """
    return _PRINTED.search(code) is not None
