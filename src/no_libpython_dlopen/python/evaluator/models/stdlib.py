"""What the standard library's and other well-known names are worth to the evaluator.

Values are those of plain Unix (``platforms``); what differs between builds and
versions is a hole. Sources: the documentation of ``sys``, ``sysconfig``, ``platform``,
``ctypes`` and ``find_libpython``; CPython's ``configure.ac`` and ``Makefile.pre.in``
for the configuration variables.
"""

from __future__ import annotations

import posixpath

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import (
    UNKNOWN_PART,
    is_libpython,
    is_link_library,
)
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    External,
    concatenate,
    items,
    one_of,
    texts,
    union,
)

#: What ``sysconfig.get_platform()`` and ``platform.platform()`` look like there.
_PLATFORM_TAGS = ("linux-x86_64", "linux-aarch64", "macosx-11.0-arm64", "freebsd-14.0-amd64")
_LONG_NAMES = ("Linux-6.1-x86_64-with-glibc2.36", "macOS-14.0-arm64", "FreeBSD-14.0-amd64")

_VERSION = f"3.{UNKNOWN_PART}"
_LIBRARY = f"libpython3.{UNKNOWN_PART}.so"
_VERSION_INFO = items(one_of(3), UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT)
_UNAME = items(one_of(*platforms.PLATFORM_SYSTEM, labels=FROM_PLATFORM), *[UNKNOWN_TEXT] * 4)

_CONSTANTS: dict[str, AbstractValue] = {
    "sys.platform": one_of(*platforms.SYS_PLATFORM, labels=FROM_PLATFORM),
    "os.name": one_of(*platforms.OS_NAME, labels=FROM_PLATFORM),
    "os.sep": one_of("/", labels=FROM_PLATFORM),
    "os.path.sep": one_of("/", labels=FROM_PLATFORM),
    "os.pathsep": one_of(":"),
    "os.linesep": one_of("\n"),
    "os.extsep": one_of("."),
    "os.curdir": one_of("."),
    "kivy.platform": one_of(*platforms.KIVY_PLATFORM, labels=FROM_PLATFORM),
    "kivy.utils.platform": one_of(*platforms.KIVY_PLATFORM, labels=FROM_PLATFORM),
    "sys.version_info": one_of(_VERSION_INFO),
    "sys.version_info.major": one_of(3),
    "sys.version_info.minor": UNKNOWN_TEXT,
    "sys.version": one_of(_VERSION),
    "sys.abiflags": UNKNOWN_TEXT,
    "typing.TYPE_CHECKING": one_of(False, labels=FROM_PLATFORM),
    "typing_extensions.TYPE_CHECKING": one_of(False, labels=FROM_PLATFORM),
    "six.PY2": one_of(False, labels=FROM_PLATFORM),
    "six.PY3": one_of(True, labels=FROM_PLATFORM),
}

#: Configuration variables whose value has a fixed shape where libpython is shared.
CONFIG_VARS: dict[str, str] = {
    "LDLIBRARY": _LIBRARY,
    "INSTSONAME": f"{_LIBRARY}.1.0",
    "DLLLIBRARY": "",
    "PY3LIBRARY": "libpython3.so",
    "LIBRARY": f"libpython3.{UNKNOWN_PART}.a",
    "LIBPYTHON": "",
    "BLDLIBRARY": f"-L. -lpython3.{UNKNOWN_PART}",
    "VERSION": _VERSION,
    "py_version_short": _VERSION,
    "LDVERSION": _VERSION,
    "SHLIB_SUFFIX": ".so",
    "PYTHONFRAMEWORK": UNKNOWN_PART,
}

_SAME_TEXT = frozenset(
    {"str", "bytes", "os.fspath", "os.fsencode", "os.fsdecode", "repr", "os.path.realpath"}
    | {"os.path.abspath", "os.path.normpath", "os.path.expanduser", "os.path.expandvars"}
    | {"builtins.str", "six.ensure_str", "six.u", "six.b", "sys.intern", "shutil.which"}
    | {"os.readlink", "os.path.normcase", "typing.cast", "string.Template"}
)
_PATHS = frozenset(
    {"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath"}
)
_FIND_LIBPYTHON = frozenset(
    {"find_libpython.find_libpython", "find_libpython.main", "julia.find_libpython.find_libpython"}
)
_CONFIG_VAR = frozenset({"sysconfig.get_config_var", "distutils.sysconfig.get_config_var"})
_CONFIG_VARS = frozenset({"sysconfig.get_config_vars", "distutils.sysconfig.get_config_vars"})


def external(name: str) -> AbstractValue:
    """Return what a qualified name is worth: at least itself."""
    found = _CONSTANTS.get(name)
    return found if found is not None else AbstractValue((External(name),))


def config_var(key: str) -> AbstractValue:
    """Return what ``sysconfig.get_config_var(key)`` may give."""
    if UNKNOWN_PART in key:
        return UNKNOWN
    return one_of(CONFIG_VARS.get(key, UNKNOWN_PART))


def call_external(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return what a well-known function gives; ``None`` where it is not one."""
    first = arguments.get(0, "name")
    if name in _SAME_TEXT:
        index = 1 if name == "typing.cast" else 0
        given = arguments.get(index)
        return concatenate([given]) if given is not None else one_of("")
    if name in ("os.path.join", "posixpath.join") or name in _PATHS:
        return join_paths(arguments.positional, arguments.complete)
    if name in ("pathlib.Path.cwd", "pathlib.Path.home", "os.getcwd"):
        return UNKNOWN_TEXT
    if name.endswith(".joinpath"):
        return join_paths((UNKNOWN_TEXT, *arguments.positional), arguments.complete)
    if name in _CONFIG_VAR and first is not None:
        return union(config_var(key) for key in texts(first))
    if name in _CONFIG_VARS:
        if not arguments.positional:
            return one_of(External("sysconfig.get_config_vars()"))
        return one_of(items(*(union(map(config_var, texts(one))) for one in arguments.positional)))
    if name in ("ctypes.util.find_library", "ctypes.util._findLib_gcc") and first is not None:
        return union(map(_find_library, texts(first)))
    if name in _FIND_LIBPYTHON:
        return one_of(_LIBRARY, None)
    if name == "find_libpython.candidate_names":
        return one_of(Bag(one_of(_LIBRARY)))
    if name == "find_libpython.candidate_paths":
        return one_of(Bag(one_of(f"{UNKNOWN_PART}/{_LIBRARY}")))
    if name == "sysconfig.get_config_vars().get" and first is not None:
        return union(config_var(key) for key in texts(first))
    if name in ("glob.glob", "glob.iglob") and first is not None:
        return one_of(Bag(one_of(*map(_match_pattern, texts(first)))))
    if name == "fnmatch.filter" and (pattern := arguments.get(1, "pat")) is not None:
        return one_of(Bag(one_of(*map(_match_pattern, texts(pattern)))))
    return _platform_call(name, arguments)


def _platform_call(name: str, arguments: Arguments) -> AbstractValue | None:
    first = arguments.get(0)
    if name == "platform.system":
        return one_of(*platforms.PLATFORM_SYSTEM, labels=FROM_PLATFORM)
    if name in ("platform.uname", "os.uname"):
        return one_of(_UNAME)
    if name == "platform.python_version":
        return one_of(f"3.{UNKNOWN_PART}.{UNKNOWN_PART}")
    if name == "platform.python_version_tuple":
        return one_of(items(one_of("3"), UNKNOWN_TEXT, UNKNOWN_TEXT))
    if name in ("sysconfig.get_python_version", "distutils.sysconfig.get_python_version"):
        return one_of(_VERSION)
    if name in ("sysconfig.get_platform", "distutils.util.get_platform"):
        return one_of(*_PLATFORM_TAGS, labels=FROM_PLATFORM)
    if name == "platform.platform":
        return one_of(*_LONG_NAMES, labels=FROM_PLATFORM)
    if name == "platform.win32_ver":
        return one_of(items(*[one_of("", labels=FROM_PLATFORM)] * 4))
    if name == "distutils.ccompiler.get_default_compiler":
        return one_of("unix", labels=FROM_PLATFORM)
    if name == "hasattr" and first is not None:
        return _has_attribute(arguments)
    if name in ("os.path.basename", "posixpath.basename", "ntpath.basename") and first:
        return one_of(*(one.rpartition("/")[2] for one in texts(first)), labels=first.labels)
    if name in ("os.path.dirname", "posixpath.dirname") and first:
        return one_of(
            *(one.rpartition("/")[0] or UNKNOWN_PART for one in texts(first)), labels=first.labels
        )
    if name == "os.path.splitext" and first:
        cut = map(_split_extension, texts(first))
        return one_of(
            *(items(one_of(stem), one_of(suffix)) for stem, suffix in cut), labels=first.labels
        )
    if name in ("os.environ.get", "os.getenv"):
        default = arguments.get(1, "default")
        if first is not None and all(map(platforms.is_foreign_variable, texts(first))):
            return (default or one_of(None)).with_labels(FROM_PLATFORM)
        # What a user sets is not known; the default is what everybody else gets.
        return union([default, UNKNOWN]) if default is not None else UNKNOWN
    return None


def _has_attribute(arguments: Arguments) -> AbstractValue:
    owner, attribute = arguments.get(0), arguments.get(1)
    if owner is None or attribute is None or len(attribute.alternatives) != 1:
        return UNKNOWN
    only = owner.alternatives[0] if len(owner.alternatives) == 1 else None
    pair = (only.name if isinstance(only, External) else "", attribute.alternatives[0])
    return one_of(False, labels=FROM_PLATFORM) if pair in platforms.ABSENT else UNKNOWN


def _find_library(name: str) -> AbstractValue:
    """Return what ``find_library`` may give: a soname, or nothing."""
    found = f"lib{name}.so"
    if is_link_library(name):
        return one_of(found, None)
    return one_of(None, found if UNKNOWN_PART not in name or is_libpython(found) else UNKNOWN_PART)


def _split_extension(path: str) -> tuple[str, str]:
    """Return what ``os.path.splitext`` gives: where no dot is seen, a hole may have one."""
    stem, suffix = posixpath.splitext(path)
    return (stem, suffix) if suffix or UNKNOWN_PART not in path else (UNKNOWN_PART, UNKNOWN_PART)


def _match_pattern(pattern: str) -> str:
    """Return a pattern as a name with unknown parts."""
    out: list[str] = []
    inside = False
    for letter in pattern:
        if letter == "[":
            inside = True
        if inside or letter in "*?":
            out.append(UNKNOWN_PART)
            inside = inside and letter != "]"
        else:
            out.append(letter)
    return "".join(out)


def join_paths(parts: tuple[AbstractValue, ...], complete: bool = True) -> AbstractValue:
    """Return what paths joined with a slash may be; an absolute one drops those before."""
    if not parts:
        return one_of(".") if complete else UNKNOWN_TEXT
    result = concatenate([parts[0]])
    for part in parts[1:]:
        tails = texts(part)
        labels = result.labels | part.labels
        heads = texts(result)
        if len(heads) * len(tails) > 64:
            heads = [UNKNOWN_PART]
        result = one_of(*(_path(head, tail) for head in heads for tail in tails), labels=labels)
    return result if complete else concatenate([result, UNKNOWN_TEXT])


def _path(head: str, tail: str) -> str:
    if tail.startswith("/") or not head:
        return tail
    return head + tail if head.endswith("/") else f"{head}/{tail}"
