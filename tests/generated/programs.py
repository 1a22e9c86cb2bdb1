"""Programs around one load of libpython, with what is true of each known beforehand.

A program is drawn along the ways in which loads differ: how the library's name is made,
which loader opens it, how ctypes is imported, in which scope and between what the load
stands, and what is done with the result. Whoever draws knows therefore whether the tool
has to find something, on which row, and whether a *safe* fix would be a lie.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hypothesis import strategies as st


class Truth(Enum):
    """What the load opens."""

    LIBPYTHON = "libpython"
    LOOK_ALIKE = "another library whose name resembles it"
    UNKNOWN = "nobody knows"
    WINDOWS = "libpython, on Windows only"
    NOT_CTYPES = "nothing: what is called only has a loader's name"


@dataclass(frozen=True)
class Program:
    """A program and its truth.

    ``row`` is the row of the load. ``may_change`` are the rows that a fix may touch: the
    load's and those of imports. ``unsafe`` says why a fix of it cannot be safe, empty
    where it can. ``plain`` is true where nothing at all speaks against a safe fix.
    """

    text: str
    truth: Truth
    row: int
    may_change: frozenset[int]
    unsafe: str
    plain: bool

    def __repr__(self) -> str:
        return f"{self.truth}, row {self.row}, unsafe: {self.unsafe or 'no'}\n{self.text}"


@dataclass
class Parts:
    """A program that is being put together."""

    imports: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    load: str = ""
    unsafe: str = ""
    plain: bool = True

    def need(self, *imports: str) -> None:
        """Import something once."""
        self.imports += [one for one in imports if one not in self.imports]

    def risk(self, reason: str) -> None:
        """Note why a safe fix would be a lie."""
        self.unsafe = self.unsafe or reason
        self.plain = False


LIBPYTHON = (
    *("libpython3.11.so.1.0", "libpython3.11.so", "libpython3.11.so.1", "libpython3.12.so.1.0"),
    *("libpython3.so", "libpython3.10.so", "libpython3.13t.so.1.0"),
)
LOOK_ALIKES = (
    *("libpython3.11.a", "libpythonqt.so", "libpython_bridge.so", "libboost_python311.so"),
    *("libmypython3.11.so", "libpython3.11.so.debug", "libpypy3-c.so", "python311.dll"),
    *("libpython3.11.so/other.so", "libc.so.6", "libpython3-minimal.so"),
)
#: Expressions that nothing in the file decides.
UNKNOWN = ("sys.argv[-1]", 'os.environ["LIBRARY"]', "input()", "open(__file__).readline()")

#: A loader, as a member of ctypes and what is written with it: ``{m}`` the member, ``{n}`` the name.
LOADERS = (
    *(("PyDLL", "{m}({n})"), ("CDLL", "{m}({n})"), ("PyDLL", "{m}(name={n})")),
    *(("pydll", "{m}.LoadLibrary({n})"), ("cdll", "{m}.LoadLibrary({n})")),
    *(("pydll", "{m}[{n}]"), ("cdll", "{m}[{n}]")),
    *(("pydll", "getattr({m}, {n})"), ("cdll", "getattr({m}, {n})")),
)
#: How a member of ctypes comes into the program, and how it is then spelled.
IMPORTS = (
    *(("import ctypes", "ctypes.{m}"), ("import ctypes as ct", "ct.{m}")),
    *(("import ctypes.util", "ctypes.{m}"), ("from ctypes import *", "{m}")),
    *(("from ctypes import {m}", "{m}"), ("from ctypes import {m} as opener", "opener")),
    *(
        ("from ctypes import c_int, {m}, sizeof", "{m}"),
        ("from ctypes import {m}, pythonapi", "{m}"),
    ),
    ("from ctypes import (\n    c_int,\n    {m},\n)", "{m}"),
    ('import importlib\n\nct = importlib.import_module("ctypes")', "ct.{m}"),
    ("try:\n    import ctypes\nexcept ImportError:\n    ctypes = None", "ctypes.{m}"),
)
#: What may be called through a library opened in any way, on builds of every kind.
CALLS = ("Py_GetCopyright() != 0", "Py_GetVersion() != 0", "Py_GetCompiler() is None")
#: What asks the opened copy of the runtime about itself.
ASKING = ("Py_IsInitialized()", "PyGILState_Check()")
#: What needs the GIL, and therefore ``PyDLL``; it crashes with a second runtime.
CALLS_WITH_GIL = ('PyRun_SimpleString(b"pass")', "PyErr_Clear() is None")

WINDOWS_ONLY = (
    'sys.platform == "win32"',
    '"win32" == sys.platform',
    'os.name == "nt"',
    'platform.system() == "Windows"',
    'sys.platform.startswith("win")',
    'sys.platform in ("win32", "cygwin")',
    'not sys.platform != "win32"',
    'sys.platform == "win32" and sys.argv',
)
NOT_WINDOWS = (
    'sys.platform != "win32"',
    'os.name != "nt"',
    'os.name == "posix"',
    "sys.argv is not None",
    'sys.platform == "linux"',
    'not sys.platform.startswith("win")',
)


# How a name is made


PYTHON = "python"


def _places(word: str) -> list[int]:
    """Return where a word can be cut. "python" is cut once at most: the prefilter says so."""
    first, last = 1, len(word) - 1
    if PYTHON not in word:
        first = max([n for n in range(1, len(PYTHON)) if word.startswith(PYTHON[-n:])] or [first])
        end = max([n for n in range(1, len(PYTHON)) if word.endswith(PYTHON[:n])] or [1])
        last = len(word) - end
    return list(range(first, last + 1))


@st.composite
def spelled(draw: st.DrawFn, word: str, parts: Parts, depth: int = 0) -> str:
    """Return an expression whose value is ``word``; what it needs goes into ``parts``."""
    places = _places(word)
    if depth > 2 or not places:
        return draw(st.sampled_from([repr(word), '"' + word + '"']))
    at = draw(st.sampled_from(places))
    one, two = word[:at], word[at:]
    way = draw(st.sampled_from(_WAYS))
    if way == "whole":
        return f'"{word}"'
    if way == "implicit":
        return f'("{one}" "{two}")'
    left, right = draw(spelled(one, parts, depth + 1)), draw(spelled(two, parts, depth + 1))
    if way == "fstring":
        hole = _named(parts, right)
        return f'f"{one}{{{hole}}}"'
    if way == "variable":
        return _named(parts, f"({left} + {right})")
    if way == "branches":
        name = f"part_{len(parts.before)}"
        parts.before += [f"if sys.argv:\n    {name} = {left}\nelse:\n    {name} = {left}"]
        parts.need("import sys")
        return f"({name} + {right})"
    if way == "augmented":
        name = _named(parts, left)
        parts.before.append(f"{name} += {right}")
        return name
    if way == "platform":
        parts.need("import sys")
        return f'("python311.dll" if sys.platform == "win32" else {left} + {right})'
    if way == "choice":
        parts.need("import sys")
        return f"({left} if sys.argv else {left}) + {right}"
    if way == "dictionary":
        name = _named(parts, f'{{"a": {left} + {right}, "b": "libc.so.6"}}')
        return f'{name}["a"]'
    if way == "element":
        return f"({left} + {right}, None)[0]"
    if way == "fspath":
        parts.need("import os", "import pathlib")
        return f"os.fspath(pathlib.PurePath({left} + {right}))"
    if way == "version" and "3.11" in word:
        parts.need("import sys")
        first, _, last = word.partition("3.11")
        made = draw(st.sampled_from(_VERSIONS)).format(first=first, last=last)
        parts.need(*(["import sysconfig"] if "sysconfig" in made else []))
        return made
    joined = draw(st.sampled_from(_JOINED))
    parts.plain = parts.plain and "lambda" not in joined  # a call is dropped with it
    return joined.format(left=left, right=right)


_JOINED = (
    *("({left} + {right})", '"%s%s" % ({left}, {right})', '"{{}}{{}}".format({left}, {right})'),
    *(
        '"".join([{left}, {right}])',
        '"{{1}}{{0}}".format({right}, {left})',
        "str({left} + {right})",
    ),
    *('"%(a)s%(b)s" % {{"a": {left}, "b": {right}}}', '"{{a}}{{b}}".format(a={left}, b={right})'),
    *("(lambda a: a + {right})({left})", '({left} + "-").replace("-", {right})'),
)
_VERSIONS = (
    'f"{first}{{sys.version_info.major}}.{{sys.version_info.minor}}{last}"',
    'f"{first}{{sys.version_info[0]}}.{{sys.version_info[1]}}{last}"',
    '"{first}%d.%d{last}" % sys.version_info[:2]',
    '"{first}{{}}.{{}}{last}".format(*sys.version_info)',
    '"{first}{{v.major}}.{{v.minor}}{last}".format(v=sys.version_info)',
    '("{first}" + ".".join(str(part) for part in sys.version_info[:2]) + "{last}")',
    '("{first}" + sysconfig.get_python_version() + "{last}")',
    '("{first}%s{last}" % sysconfig.get_config_var("VERSION"))',
    '("{first}" + ".".join(map(str, sys.version_info[:2])) + sys.abiflags + "{last}")',
)
_WAYS = (
    *("whole", "implicit", "fstring", "variable", "branches", "augmented", "platform", "choice"),
    *("dictionary", "element", "fspath", "version", "joined", "joined", "joined"),
)


def _named(parts: Parts, expression: str) -> str:
    name = f"part_{len(parts.before)}"
    parts.before.append(f"{name} = {expression}")
    return name


# How it is opened


@st.composite
def loads(draw: st.DrawFn, name: str, parts: Parts) -> bool:
    """Fill in a load of the expression ``name``. Return whether it is ``PyDLL``'s."""
    member, template = draw(st.sampled_from(LOADERS))
    imported, spelling = draw(st.sampled_from(IMPORTS))
    parts.imports.append(imported.format(m=member))
    opener = spelling.format(m=member)
    way = draw(
        st.sampled_from(["itself", "itself", "itself", "alias", "subclass", "partial", "mode"])
    )
    is_class = member in ("PyDLL", "CDLL")
    if way == "alias":
        parts.before.append(f"Opener = {opener}")
        opener, parts.plain = "Opener", False
    elif way == "subclass" and is_class:
        parts.before.append(f"class Library({opener}):\n    pass")
        opener, parts.plain = "Library", False
    elif way == "partial" and is_class:
        parts.need("import functools")
        parts.before.append(f"opening = functools.partial({opener}, {name})")
        parts.load, parts.plain = "opening()", False
        return member == "PyDLL"
    elif way == "mode" and is_class:
        parts.need("import os")
        parts.load = f"{opener}({name}, mode=os.RTLD_NOW | os.RTLD_GLOBAL)"
        parts.risk("other code may rely on global symbols")
        return member == "PyDLL"
    parts.load = template.format(m=opener, n=name)
    return member in ("PyDLL", "pydll")


# What is done with it, and where


@st.composite
def blocks(draw: st.DrawFn, parts: Parts, gil: bool) -> list[str]:
    """Return the lines that load the library and use it."""
    call = draw(st.sampled_from((*CALLS, *ASKING, *(CALLS_WITH_GIL if gil else ()))))
    if call in ASKING:
        parts.risk("it asks the opened library about itself")
    load = parts.load
    way = draw(st.sampled_from(_USES))
    if way == "direct":
        return [f"print({load}.{call})"]
    if way == "walrus":
        return [f"print((api := {load}).{call})"]
    if way == "kept" and call.endswith("()"):
        return [f"api = {load}", f"call = api.{call.removesuffix('()')}", "print(call())"]
    if way == "annotated":
        return [f"api: object = {load}", f"print(api.{call})"]
    if way == "one line":
        return [f"first = 1; api = {load}; last = 2", f"print(api.{call}, first + last)"]
    if way == "comment":
        return [f"api = {load}  # the runtime", f"print(api.{call})"]
    if way == "lambda":
        parts.plain = False
        return [f"opened = lambda: {load}", f"print(opened().{call})"]
    if way == "comprehension":
        return [f"print([{load}.{call} for _ in range(2)])"]
    if way == "prototype":
        parts.plain = False
        parts.need("import ctypes as native")
        setup = "api.Py_GetVersion.restype = native.c_char_p"
        return [f"api = {load}", setup, f"print(api.{call}, api.Py_GetVersion()[:2])", SHARED]
    if way == "prototype of pythonapi":
        parts.plain = False
        parts.need("import ctypes as native")
        setup = "native.pythonapi.Py_GetPlatform.restype = native.c_char_p"
        print_it = f"print(api.{call}, type(api.Py_GetPlatform()))"
        return [setup, f"api = {load}", print_it]
    if way == "stored":
        parts.plain = False
        holder = ["class Holder:", "    pass", "holder = Holder()", f"holder.api = {load}"]
        return [*holder, f"print(holder.api.{call})", f"print(holder.api.{call})"]
    if way == "only exported":
        parts.plain = False
        return [f"api = {load}", f'print(globals().get("api", locals().get("api")).{call})']
    if way == "looked at":
        parts.plain = False
        return [f"api = {load}", f"print(api.{call}, str(api._name)[-3:], type(api).__name__)"]
    if way == "passed on":
        parts.plain = False
        return [f"api = {load}", f"print(api.{call}, isinstance(vars(api), dict))"]
    if way == "lifecycle":
        parts.risk("perhaps a second interpreter is meant")
        return [f"api = {load}", f"print(api.{call})", "api.Py_InitializeEx(0)"]
    return [f"api = {load}", f"print(api.{call})", f"print(api.{call})"]


_USES = (
    *("bound", "bound", "direct", "walrus", "kept", "annotated", "one line", "comment", "lambda"),
    *("comprehension", "prototype", "looked at", "passed on", "lifecycle", "stored"),
    *("prototype of pythonapi", "only exported"),
)


#: Prints whether ``pythonapi`` has a prototype that was set on something else.
SHARED = "print(native.pythonapi.Py_GetVersion.restype is native.c_char_p)"


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for text in lines for line in text.splitlines()]


@st.composite
def surrounded(draw: st.DrawFn, lines: list[str], parts: Parts) -> list[str]:
    """Return the lines inside something that changes neither what they do nor when."""
    way = draw(st.sampled_from(_SURROUNDINGS))
    inner = _indented(lines)
    if way == "function":
        return ["def main():", *inner, "", "main()"]
    if way == "method":
        return ["class Program:", "    def main(self):", *_indented(inner), "", "Program().main()"]
    if way == "inner function":
        return ["def main():", "    def inner():", *_indented(inner), "    inner()", "", "main()"]
    if way == "class":
        parts.plain = False
        if parts.before:  # a comprehension would not see the class's names
            return lines
        return ["class Program:", *inner]
    if way == "condition":
        parts.need("import os", "import sys")
        return [f"if {draw(st.sampled_from(NOT_WINDOWS))}:", *inner]
    if way == "other branch":
        parts.need("import os", "import platform", "import sys")
        return [f"if {draw(st.sampled_from(WINDOWS_ONLY))}:", "    pass", "else:", *inner]
    if way == "loop":
        return ["for _ in range(1):", *inner]
    if way == "finally":
        return ["try:", *inner, "finally:", '    print("end")']
    if way == "except":
        parts.risk("the handler becomes unreachable")
        error = draw(
            st.sampled_from(["OSError", "Exception", "(OSError, ValueError)", "OSError as e"])
        )
        return ["try:", *inner, f"except {error}:", '    print("none")']
    if way == "suppress":
        parts.risk("the handler becomes unreachable")
        parts.need("import contextlib")
        return ["with contextlib.suppress(OSError):", *inner]
    if way == "except around the call":
        parts.risk("the handler around the caller becomes unreachable")
        return ["def main():", *inner, "", "try:", "    main()", "except OSError:", "    pass"]
    if way == "except in a decorator":
        parts.risk("the handler in the decorator becomes unreachable")
        inside = ["def wrapper():", "    try:", "        function()", "    except OSError: pass"]
        decorator = ["def quiet(function):", *_indented([*inside, "return wrapper"])]
        return [*decorator, "", "@quiet", "def main():", *inner, "", "main()"]
    if way == "except elsewhere":
        handler = ["try:", "    int('1')", "except OSError:", "    pass"]
        return ["def main():", *inner, "", *handler, "main()"]
    if way == "with":
        parts.need("import contextlib")
        return ["with contextlib.nullcontext():", *inner]
    if way == "main":
        return ['if __name__ == "__main__":', *inner]
    return lines


_SURROUNDINGS = (
    *("nothing", "function", "method", "inner function", "class", "condition", "other branch"),
    *("loop", "finally", "except", "suppress", "with", "main", "except around the call"),
    *("except in a decorator", "except elsewhere"),
)


@st.composite
def windows_only(draw: st.DrawFn, lines: list[str], parts: Parts) -> list[str]:
    """Return the lines so that only Windows runs them."""
    parts.need("import os", "import platform", "import sys")
    test = draw(st.sampled_from(WINDOWS_ONLY))
    inner = _indented(lines)
    way = draw(st.sampled_from(["if", "elif", "else", "return", "exit", "if in a function"]))
    if way == "elif":
        return ["if not sys.argv:", "    pass", f"elif {test}:", *inner]
    if way == "else" and "argv" not in test:
        return [f"if not ({test}):", "    pass", "else:", *inner]
    if way == "return":
        return ["def main():", f"    if not ({test}):", "        return", *inner, "", "main()"]
    if way == "exit":
        return [f"if not ({test}):", "    raise SystemExit", *lines]
    if way == "if in a function":
        return ["def main():", f"    if {test}:", *_indented(inner), "", "main()"]
    return [f"if {test}:", *inner]


@st.composite
def programs(draw: st.DrawFn, truths: tuple[Truth, ...] = tuple(Truth)) -> Program:
    """Draw a program."""
    truth = draw(st.sampled_from(truths))
    parts = Parts()
    if truth is Truth.UNKNOWN:
        parts.need("import os", "import sys")
        name = draw(st.sampled_from(UNKNOWN))
    else:
        words = LOOK_ALIKES if truth is Truth.LOOK_ALIKE else LIBPYTHON
        name = draw(spelled(draw(st.sampled_from(words)), parts))
    gil = draw(loads(name, parts))
    if truth is Truth.NOT_CTYPES:
        _without_ctypes(parts)
    lines = draw(blocks(parts, gil))
    inside = draw(st.booleans())
    names, parts.before = ([], parts.before) if inside else (parts.before, [])
    imports = parts.imports
    if inside and draw(st.booleans()) and not any("*" in one for one in imports):
        parts.imports, parts.before = [], [*imports, *parts.before]
    lines = draw(surrounded([*parts.before, *lines], parts))
    if truth is Truth.WINDOWS:
        lines = draw(windows_only(lines, parts))
    head = ['"""A program."""', "from __future__ import annotations"] if draw(st.booleans()) else []
    body = "\n".join([*head, *parts.imports, "", *names, *lines, ""])
    return _program(body, parts, truth)


def _without_ctypes(parts: Parts) -> None:
    """Let the program bind its own things to the names that it would import."""
    known = {"CDLL", "PyDLL", "cdll", "pydll", "ctypes", "ct", "opener"}
    own = "from anywhere import " + ", ".join(sorted(known))
    parts.imports = [one for one in parts.imports if "ctypes" not in one]
    parts.imports.append(own)


def _program(body: str, parts: Parts, truth: Truth) -> Program:
    load = parts.load
    lines = body.split("\n")
    row = next(i for i, line in enumerate(lines, 1) if load in line)
    may_change = {row}
    inside = False
    for index, line in enumerate(lines, 1):
        inside = inside or "import" in line
        if inside:
            may_change.add(index)
            inside = line.endswith(("(", ","))
    return Program(body, truth, row, frozenset(may_change), parts.unsafe, parts.plain)
