"""Programs other than Python that load modules, and what tells those from extension modules.

A plug-in of Apache, PostgreSQL, PAM or Lua that runs Python embeds it, and needs libpython.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

#: The stand-in for the output of a tool that says where plug-ins belong.
PLUGIN_TOOL = "${APXS}"
PLUGIN = re.compile(r"plug-?in", re.IGNORECASE)
#: Suffixes that Python does not import: MATLAB, Octave and Java load such files.
_OTHER_SUFFIX = re.compile(r"\.(?!so\b|pyd\b|dylib\b|bundle\b|dll\b)[A-Za-z]\w*")
#: Folders of programs that load modules of their own kind.
_FOLDER = re.compile(
    r"gstreamer|\blua\b|ruby|postgres|\bPG_|PGSQL|apache|httpd|nginx|\bqml\b|_QML\b|octave"
    r"|/security\b",
    re.IGNORECASE,
)
#: A folder right below the libraries': most programs with plug-ins look for them in one.
_OWN_FOLDER = re.compile(
    r"(?:.*/)?(?:lib(?:64|exec)?|\$\{\w*LIB(?:EXEC)?_?DIR\})/(?![^/]*py)[^/]+/?\Z"
)
#: Headers, folders, tools and libraries with which such a program is extended. The library that
#: PostgreSQL's clients link is none of them.
_SDK = re.compile(
    r"(?i:apxs)|\bAPACHE|HTTPD_|\bhttpd\.h\b|\bngx_|nginx"
    r"|(?i:pg_config)\b.{0,200}--(?:pkglibdir|includedir-server|pgxs|sharedir)\b"
    r"|PostgreSQL_SERVER|postgresql/\S{0,80}server|\bPG_?(?:PKG|SERVER|INCLUDE_?(?:DIR_?)?SERVER)"
    r"|\bLUA\w{0,20}_(?:LIB|INC)|\blua[\d.]*\Z|\bLua::|\bTCL_|\btclstub|\bRuby_|\bRUBY_"
    r"|\bJNI_|\bJNI::|\bJAVA_(?:INC|JVM|AWT)|\bjvm\b|\bPERL_(?:LIB|INC)|\bR_(?:LIB|INC)"
    r"|OCTAVE_|\bMatlab|\bKODI_|XCHAT|WEECHAT|\bOBS::|libobs|LIBOBS_|ASTERISK|NAGIOS|\bLLDB"
    r"|\bGST(?:REAMER)?_|\bgst(?:reamer|base)-1|\bVLC_|PkgConfig::(?:VLC|GST|PURPLE)|\bPURPLE_"
    r"|COLLECTD|FREERADIUS|\bsqlite3ext"
)
#: Names of modules of PAM and NSS, as distutils can build them.
_TOP_LEVEL = re.compile(r"(?:pam|nss)_\w+\Z")
#: Names of modules of Apache, nginx, PAM, NSS and FreeRADIUS.
_NAME = re.compile(r"(?:lib)?(?:(?:mod|pam|nss|rlm)_\w+|ngx_\w+)\Z")
_IMPORTED = re.compile(r"[^\W\d]\w*\Z")
#: Words of build scripts of jep (JNI) and mod_wsgi (Apache's ``apxs``).
BUILDS_FOR_HOST = re.compile(
    r"\bjni(?:\.h)?\b|javac|libjvm|_jni\b|\bapxs\d?\b|get_java|java_(?:home|include)", re.IGNORECASE
)


def is_plugin(name: str, folders: Iterable[str] = ()) -> bool:
    """Return whether a library's name is like another program's modules', or cannot be imported.

    One with Python's name is also a plug-in where it is installed into a program's folder.

    >>> [is_plugin(one) for one in ("mod_proxy", "lua-python", "_pam", "model")]
    [True, True, False, False]
    >>> is_plugin("python", ["lib/tune"]), is_plugin("pitch", ["lib/tune"])
    (True, False)
    """
    if "$" in name or UNKNOWN_PART in name:
        return False
    if _NAME.match(name) or not _IMPORTED.match(name):
        return True
    return "python" in name.lower() and any(map(_OWN_FOLDER.match, folders))


def is_no_extension(name: str) -> bool:
    """Return whether a distutils extension has the dotted name of another program's module.

    >>> [is_no_extension(one) for one in ("pam_python", "lua-python", "pypam.pam_core")]
    [True, True, False]
    """
    return _TOP_LEVEL.match(name) is not None or "-" in re.split(r"[./]", name)[-1]


def has_other_suffix(suffix: str) -> bool:
    """Return whether a suffix is one that Python does not import."""
    return _OTHER_SUFFIX.fullmatch(suffix) is not None


def names_plugin_sdk(text: str) -> bool:
    """Return whether a library, folder or tool is what plug-ins of another program are built with.

    >>> names_plugin_sdk("${LUA_LIBRARIES}"), names_plugin_sdk("${PostgreSQL_LIBRARIES}")
    (True, False)
    """
    return _SDK.search(text) is not None


def names_plugin_folder(text: str) -> bool:
    """Return whether another program looks for its modules in a folder.

    >>> names_plugin_folder("lib/apache2/modules"), names_plugin_folder("lib/python3")
    (True, False)
    """
    return _FOLDER.search(text) is not None or names_plugin_sdk(text)
