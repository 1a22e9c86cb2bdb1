"""Models of the standard library and of other well-known libraries.

Values are those of Unix (``platforms``); what differs between builds and versions is
unknown. Sources: the documentation of ``sys``, ``sysconfig``, ``platform``,
``ctypes`` and ``find_libpython``; CPython's ``configure.ac`` and ``Makefile.pre.in``
for the configuration variables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import (
    UNKNOWN_PART,
    is_libpython,
    is_link_library,
)
from no_libpython_dlopen.python.dataflow.import_tables import is_foreign_module
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    UNKNOWN,
    UNKNOWN_TEXT,
    AbstractValue,
    Arguments,
    Bag,
    Element,
    External,
    Items,
    Mapping,
    concatenate,
    is_output,
    items,
    iterate,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import pattern_functions
from no_libpython_dlopen.python.evaluator.models.command_output import (
    file_content,
    finished_process,
    output_text,
)
from no_libpython_dlopen.python.evaluator.models.parsed_data import (
    PARSERS,
    new_configuration,
    parse_data,
)
from no_libpython_dlopen.python.evaluator.models.paths import (
    file_exists,
    join_paths,
    path_part,
    split_extension,
)
from no_libpython_dlopen.python.evaluator.models.patterns import glob_text, regex_of_glob

#: What ``platform.platform()`` looks like there.
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
    "os.altsep": one_of(None, labels=FROM_PLATFORM),
    "os.pathsep": one_of(":", labels=FROM_PLATFORM),
    "os.linesep": one_of("\n", labels=FROM_PLATFORM),
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

#: Those that are the suffix of extension modules.
_SUFFIXES = frozenset({"EXT_SUFFIX", "SO"})
#: The dictionary of them in the module that ``sysconfig`` imports, whatever that is called.
BUILD_VARS = "build_time_vars"
#: All of them, for templates.
_ALL_CONFIG_VARS = Mapping(
    tuple((key, Element(None, one_of(value))) for key, value in CONFIG_VARS.items()), open=True
)
_CONFIG_VARS_RESULT = External("sysconfig.get_config_vars()")

Model = AbstractValue | None

#: What a call gives whatever its arguments are.
_RESULTS: dict[str, AbstractValue] = {
    "platform.system": one_of(*platforms.PLATFORM_SYSTEM, labels=FROM_PLATFORM),
    **dict.fromkeys(("platform.uname", "os.uname"), one_of(_UNAME)),
    "platform.architecture": one_of(items(UNKNOWN_TEXT, one_of("ELF", "", labels=FROM_PLATFORM))),
    "platform.python_version": one_of(f"3.{UNKNOWN_PART}.{UNKNOWN_PART}"),
    "platform.python_version_tuple": one_of(items(one_of("3"), UNKNOWN_TEXT, UNKNOWN_TEXT)),
    "sysconfig.get_python_version": one_of(_VERSION),
    "distutils.sysconfig.get_python_version": one_of(_VERSION),
    "sysconfig.get_platform": one_of(*platforms.PLATFORM_TAGS, labels=FROM_PLATFORM),
    "distutils.util.get_platform": one_of(*platforms.PLATFORM_TAGS, labels=FROM_PLATFORM),
    "platform.platform": one_of(*_LONG_NAMES, labels=FROM_PLATFORM),
    "platform.win32_ver": one_of(items(*[one_of("", labels=FROM_PLATFORM)] * 4)),
    "distutils.ccompiler.get_default_compiler": one_of("unix", labels=FROM_PLATFORM),
    **dict.fromkeys(("pathlib.Path.cwd", "pathlib.Path.home", "os.getcwd"), UNKNOWN_TEXT),
    "find_libpython.find_libpython": one_of(_LIBRARY, None),
    "find_libpython.main": one_of(_LIBRARY, None),
    "julia.find_libpython.find_libpython": one_of(_LIBRARY, None),
    "find_libpython.candidate_names": one_of(Bag(one_of(_LIBRARY))),
    "find_libpython.candidate_paths": one_of(Bag(one_of(f"{UNKNOWN_PART}/{_LIBRARY}"))),
}


def external(name: str) -> AbstractValue:
    """Return the abstract value of a qualified name: at least itself."""
    found = _CONSTANTS.get(name)
    return found if found is not None else AbstractValue((External(name),))


def as_mapping(option: Any) -> Any:
    """Return the value of ``get_config_vars()`` as a dictionary; other alternatives as they are."""
    return _ALL_CONFIG_VARS if option == _CONFIG_VARS_RESULT else option


def config_var(key: str) -> AbstractValue:
    """Return the value of ``sysconfig.get_config_var(key)``."""
    if UNKNOWN_PART in key:
        return UNKNOWN
    if key in _SUFFIXES:
        return one_of(f"{UNKNOWN_PART}.so", labels=FROM_PLATFORM)
    return one_of(CONFIG_VARS.get(key, UNKNOWN_PART))


def call_external(name: str, arguments: Arguments) -> AbstractValue | None:
    """Return the abstract value of a call of a library's function; ``None`` without a model."""
    if name in _RESULTS:
        return _RESULTS[name]
    if name.endswith(f".{BUILD_VARS}.get"):
        return _by_text(config_var, arguments)
    if name.endswith(".joinpath"):
        return join_paths((UNKNOWN_TEXT, *arguments.positional), arguments.complete)
    model = _FUNCTIONS.get(name)
    if model is None and name.endswith((".glob", ".rglob")):  # of a folder that is not known
        return match_files(arguments, name="pattern")
    return model(arguments) if model is not None else None


def _row(arguments: Arguments) -> AbstractValue:
    """Return the value of ``pytest.param``: a row of arguments, none that a mark may skip."""
    marks = arguments.keyword("marks")
    several = iterate(marks) if marks and isinstance(marks.only, Items) else marks
    named = (
        [one.name for one in several.alternatives if isinstance(one, External)] if several else []
    )
    is_skipped = any(one.startswith(("pytest.mark.skip", "pytest.mark.xfail")) for one in named)
    return AbstractValue() if is_skipped else one_of(items(*arguments.positional))


def _same_text(arguments: Arguments, index: int = 0) -> AbstractValue:
    given = arguments.get(index)
    return concatenate([given]) if given is not None else one_of("")


def _by_text(function: Callable[[str], AbstractValue], arguments: Arguments) -> Model:
    """Return the value of a function for each text that its first argument may be."""
    first = arguments.get(0, "name")
    return None if first is None else union(map(function, texts(first)))


def match_files(arguments: Arguments, index: int = 0, name: str = "name") -> Model:
    """Return the names that match a pattern, which is an argument."""
    pattern = arguments.get(index, name)
    return None if pattern is None else one_of(Bag(one_of(*map(glob_text, texts(pattern)))))


def _config_vars(arguments: Arguments) -> AbstractValue:
    if not arguments.positional:
        return one_of(_CONFIG_VARS_RESULT)
    return one_of(items(*(union(map(config_var, texts(one))) for one in arguments.positional)))


def _find_module(name: str) -> AbstractValue:
    """Return the value of ``find_spec``: nothing where only another platform has the module."""
    is_foreign = is_foreign_module(name)
    return one_of(None, labels=FROM_PLATFORM) if is_foreign else UNKNOWN


def _is_absolute(arguments: Arguments) -> Model:
    """Return whether a path is absolute, as far as its beginning is known."""
    first = arguments.get(0, "s")
    if first is None or not first.exhaustive:
        return UNKNOWN
    heads = [one[:1] for one in first.alternatives if isinstance(one, str) and one]
    if len(heads) < len(first.alternatives) or UNKNOWN_PART in heads:
        return UNKNOWN
    return one_of(*(head == "/" for head in heads))


def _find_program(name: str) -> AbstractValue:
    """Return the value of ``shutil.which``."""
    is_foreign = platforms.is_foreign_path(name)
    return one_of(None, labels=FROM_PLATFORM) if is_foreign else one_of(name)


def _environment(arguments: Arguments) -> AbstractValue:
    first, default = arguments.get(0), arguments.get(1, "default")
    if first is not None and all(map(platforms.is_foreign_variable, texts(first))):
        return (default or one_of(None)).with_labels(FROM_PLATFORM)
    # What a user sets is not known; the default is what everybody else gets.
    return union([default, UNKNOWN]) if default is not None else UNKNOWN


def _resource_path(arguments: Arguments) -> AbstractValue:
    """Return the path of a file in a package."""
    return join_paths((UNKNOWN_TEXT, *arguments.positional[1:]), arguments.complete)


def _words(arguments: Arguments) -> Model:
    """Return the value of ``shlex.split``: of a known command's output that again."""
    first = arguments.get(0, "s")
    return first if first is not None and any(map(is_output, first.alternatives)) else None


def _has_attribute(arguments: Arguments) -> Model:
    owner, attribute = arguments.get(0), arguments.get(1)
    if owner is None:
        return None
    if attribute is None or len(attribute.alternatives) != 1:
        return UNKNOWN
    pair = (owner.only.name if isinstance(owner.only, External) else "", attribute.only)
    is_known = pair in platforms.ABSENT or pair in platforms.PRESENT
    return one_of(pair in platforms.PRESENT, labels=FROM_PLATFORM) if is_known else UNKNOWN


def _find_library(name: str) -> AbstractValue:
    """Return the value of ``find_library``: a soname, or nothing.

    Without a version it finds nothing on Linux, and on macOS, whose file system ignores case,
    the framework of any Python (``ctypes.macholib.dyld``).
    """
    found = f"lib{name}.so"
    if name.casefold() == "python":
        return one_of("Python.framework/Python", None)
    if is_link_library(name):
        return one_of(found, None)
    return one_of(None, found if UNKNOWN_PART not in name or is_libpython(found) else UNKNOWN_PART)


_SAME_TEXT = (
    *("str", "bytes", "os.fspath", "os.fsencode", "os.fsdecode", "repr", "os.path.realpath"),
    *("os.path.abspath", "os.path.normpath", "os.path.expanduser", "os.path.expandvars"),
    *("builtins.str", "six.ensure_str", "six.u", "six.b", "sys.intern"),
    *("ctypes.c_char_p", "ctypes.create_string_buffer"),
    *("os.readlink", "os.path.normcase", "string.Template", "codecs.decode", "codecs.encode"),
)
_CONFIGURATIONS = tuple(
    f"configparser.{name}" for name in ("ConfigParser", "RawConfigParser", "SafeConfigParser")
)
#: Functions that give what a coroutine gives.
_AWAITING = (
    *(f"asyncio.{name}" for name in ("run", "wait_for", "shield", "create_task", "ensure_future")),
    *("asyncio.get_event_loop().run_until_complete", "asyncio.new_event_loop().run_until_complete"),
    *("asyncio.run_coroutine_threadsafe", "asyncio.TaskGroup().create_task"),
)
#: Context managers that give what they are given.
_HANDING_ON = (
    *("contextlib.closing", "importlib.resources.as_file", "importlib_resources.as_file"),
)
_RESOURCE_PATHS = ("importlib.resources.path", "importlib_resources.path")
_MATCHING = ("match", "fullmatch", "search")
_EXISTS = ("os.path.exists", "os.path.isdir", "os.path.isfile", "os.path.lexists", "os.access")
_JOINS = (
    *("os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath"),
    *("pathlib.PosixPath", "pathlib.PurePosixPath"),
)
_CONFIG_VAR = (
    *("sysconfig.get_config_var", "distutils.sysconfig.get_config_var"),
    "setuptools._distutils.sysconfig.get_config_var",
    "sysconfig.get_config_vars().get",
)
#: Functions that read the variables of Python's makefile.
_MAKEFILES = (
    *("sysconfig._parse_makefile", "distutils.sysconfig.parse_makefile"),
    *("setuptools._distutils.sysconfig.parse_makefile", "distutils.sysconfig._parse_makefile"),
)
_basename = partial(path_part, lambda path: path.rpartition("/")[2])
_dirname = partial(path_part, lambda path: path.rpartition("/")[0] or UNKNOWN_PART)
#: What a call gives for its arguments; ``None`` where one is missing.
_FUNCTIONS: dict[str, Callable[[Arguments], Model]] = {
    **dict.fromkeys(_SAME_TEXT, _same_text),
    **dict.fromkeys(("pytest.param", "parameterized.param"), _row),
    "typing.cast": partial(_same_text, index=1),
    **dict.fromkeys(_JOINS, lambda given: join_paths(given.positional, given.complete)),
    **dict.fromkeys(_CONFIG_VAR, partial(_by_text, config_var)),
    "sysconfig.get_config_vars": _config_vars,
    "distutils.sysconfig.get_config_vars": _config_vars,
    "setuptools._distutils.sysconfig.get_config_vars": _config_vars,
    "sysconfig.get_config_vars().copy": lambda _: one_of(_CONFIG_VARS_RESULT),
    "sys.modules.get": partial(_by_text, lambda name: one_of(External(name))),
    "ctypes.util.find_library": partial(_by_text, _find_library),
    "ctypes.util._findLib_gcc": partial(_by_text, _find_library),
    "glob.glob": match_files,
    "glob.iglob": match_files,
    "fnmatch.filter": partial(match_files, index=1, name="pat"),
    "re.sub": pattern_functions.replace,
    **{f"re.{one}": partial(pattern_functions.match, function=one) for one in _MATCHING},
    **dict.fromkeys(("fnmatch.fnmatch", "fnmatch.fnmatchcase"), pattern_functions.match_glob),
    "re.finditer": pattern_functions.match_all,
    "re.findall": partial(pattern_functions.match_all, is_text=True),
    "fnmatch.translate": partial(_by_text, lambda name: one_of(regex_of_glob(name))),
    "shutil.which": partial(_by_text, _find_program),
    "importlib.util.find_spec": partial(_by_text, _find_module),
    "hasattr": _has_attribute,
    **dict.fromkeys(_EXISTS, lambda given: file_exists(given.get(0))),
    **dict.fromkeys(("os.path.basename", "posixpath.basename", "ntpath.basename"), _basename),
    **dict.fromkeys(("os.path.dirname", "posixpath.dirname"), _dirname),
    "os.path.isabs": _is_absolute,
    "os.path.splitext": partial(path_part, split_extension),
    **dict.fromkeys(("subprocess.check_output", "subprocess.getoutput", "os.popen"), output_text),
    **dict.fromkeys(("subprocess.run", "subprocess.Popen"), finished_process),
    **dict.fromkeys(("open", "io.open"), lambda given: file_content(given.get(0, "file"))),
    **dict.fromkeys(_MAKEFILES, lambda _: one_of(_CONFIG_VARS_RESULT)),
    "shlex.split": _words,
    **{name: partial(parse_data, parse) for name, parse in PARSERS.items()},
    **dict.fromkeys(_CONFIGURATIONS, new_configuration),
    **dict.fromkeys(_AWAITING, lambda given: given.get(0)),
    "asyncio.gather": lambda given: one_of(items(*given.positional)),
    "contextlib.nullcontext": lambda given: one_of(Bag(given.get(0) or one_of(None))),
    **dict.fromkeys(_RESOURCE_PATHS, lambda given: one_of(Bag(_resource_path(given)))),
    "pkg_resources.resource_filename": _resource_path,
    **dict.fromkeys(_HANDING_ON, lambda given: one_of(Bag(given.get(0) or UNKNOWN))),
    "ord": partial(_by_text, lambda one: one_of(ord(one)) if len(one) == 1 else UNKNOWN),
    "optparse.OptionGroup": lambda given: given.get(0, "parser"),
    **dict.fromkeys(("enum.Enum", "enum.StrEnum"), lambda given: given.get(1, "names")),
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "os.environ.setdefault": _environment,
}
