"""Random Python programs around ctypes, grown from its documentation as a tree of statements.

Other than ``tests.generated.programs``, which varies one load along known ways and knows what
is true of it, this writer knows nothing of the answer: a program has any number of loads, in
functions, classes, closures, threads, generators and handlers that are nested at random, and
prints what it observes as it goes. What is right is that a safe fix changes nothing of that.
"""

from __future__ import annotations

import random
from collections.abc import Callable

#: Functions that need neither the GIL nor an initialised runtime, and return a string.
STRINGS = ("Py_GetVersion", "Py_GetPlatform", "Py_GetCopyright", "Py_GetCompiler")
ERRORS = (
    *("OSError", "Exception", "(OSError, KeyError)", "BaseException", "EnvironmentError"),
    *("AttributeError", "ValueError", "(TypeError, ValueError)", "KeyError"),
)
OTHER_LIBRARIES = ("libc.so.6", "libm.so.6")

Lines = list[str]


def indented(lines: Lines) -> Lines:
    """Return lines one level deeper; an empty block becomes ``pass``."""
    return [f"    {line}" for line in lines] or ["    pass"]


class Writer:
    """Writes one program. ``libraries`` and ``functions`` are the names in reach, innermost last.

    A name that was bound in an inner scope is forgotten with it, so that a program fails
    with a NameError only where a statement deletes names.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0
        self.libraries: list[str] = []
        self.callables: list[str] = []
        self.imports: Lines = ["import sys"]
        self.is_direct = self.random.random() < 0.35
        self.module = self.random.choice(("ctypes", "ctypes", "ct", "C"))
        alias = "" if self.module == "ctypes" else f" as {self.module}"
        self.imports.append(f"import ctypes{alias}")
        self.depth = 0
        #: Kinds of statement that stand in a function's body, or may not.
        self.functions = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def need(self, line: str) -> None:
        if line not in self.imports:
            self.imports.append(line)

    def member(self, name: str) -> str:
        """Return how a member of ctypes is spelled here."""
        if self.is_direct and self.chance(0.7):
            self.need(f"from ctypes import {name}")
            return name
        return f"{self.module}.{name}"

    # Names of libraries, and loads

    def name(self) -> str:
        minor = self.one("11", "12", "11", "10")
        end = self.one(".so.1.0", ".so", ".so.1.0")
        whole = f"libpython3.{minor}{end}"
        if self.chance(0.1):
            return repr(self.one(*OTHER_LIBRARIES))
        way = self.random.randrange(9)
        if way == 0:
            return f'f"libpython{{sys.version_info[0]}}.{{sys.version_info[1]}}{end}"'
        if way == 1:
            return f'"libpython" + "3.{minor}" + "{end}"'
        if way == 2:
            return f'"libpython%d.%d{end}" % sys.version_info[:2]'
        if way == 3:
            constant = self.fresh("NAME_")
            self.imports.append(f'{constant} = "{whole}"')
            return constant
        if way == 4:
            chosen = self.fresh("names_")
            self.imports.append(f'{chosen} = {{"linux": "{whole}"}}')
            return f"{chosen}[{self.one(chr(34) + 'linux' + chr(34), 'sys.platform')}]"
        if way == 5:
            maker = self.fresh("name_of_")
            self.imports.append(f'def {maker}(end):\n    return "libpython3.{minor}" + end')
            return f'{maker}("{end}")'
        return f'"{whole}"'

    def load(self, name: str = "") -> str:
        """Return an expression that opens a library, mostly libpython."""
        name = name or self.name()
        if self.chance(0.2):
            opener = self.one("cdll", "pydll", "pydll")
            how = self.one(".LoadLibrary({})", "[{}]", ".LoadLibrary({})")
            return self.member(opener) + how.format(name)
        kind = self.one("PyDLL", "PyDLL", "CDLL")
        options = self.random.choices(
            ("", ", use_errno=True", f", mode={self.module}.RTLD_GLOBAL", ", None", ", 0"),
            (20, 1, 1, 1, 1),
        )[0]
        if self.chance(0.08):
            derived = self.fresh("Library")
            body = self.one("pass", "_func_restype_ = ctypes.c_char_p", "extra = 3")
            if "ctypes.c" in body:
                self.need("import ctypes")
            self.imports.append(f"class {derived}({self.module}.{kind}): {body}")
            return f"{derived}({name})"
        if not options and self.chance(0.1):
            return f"{self.member(kind)}(name={name})"
        return f"{self.member(kind)}({name}{options})"

    def library(self) -> str:
        """Return an expression for a library: a name in reach, or a load on the spot."""
        if self.libraries and self.chance(0.85):
            return self.random.choice(self.libraries[-4:])
        return self.load()

    # What is observed

    def observation(self, library: str = "") -> Lines:
        """Return lines that use a library and print what they see."""
        library = library or self.library()
        function = self.one(*STRINGS)
        m = self.module
        ways: tuple[Callable[[], Lines], ...] = (
            lambda: [f"print({library}.{function}() != 0)"],
            lambda: [f'print({library}["{function}"]() != 0)'],
            lambda: [f'print(getattr({library}, "{function}")() != 0)'],
            lambda: [
                f"{library}.{function}.restype = {m}.c_char_p",
                f"print(type({library}.{function}()).__name__)",
            ],
            lambda: [f"print({library}.{function}.restype, {m}.pythonapi.{function}.restype)"],
            lambda: [f'print(hasattr({library}, "{self.one(function, "no_such", "extra")}"))'],
            lambda: [f"print(type({library}).__name__)"],
            lambda: [f"print({library}._name)"],
            lambda: [f"print({library} is {self.library()})"],
            lambda: [f"print({library} == {m}.pythonapi)"],
            lambda: [f"{library}.extra = 5", f'print(getattr({m}.pythonapi, "extra", None))'],
            lambda: [f'print(sorted(name for name in vars({library}) if name[:2] == "Py"))'],
            lambda: [f"print(isinstance({library}, {m}.PyDLL), bool({library}))"],
            lambda: [f"print({library}.{function} is {library}.{function})"],
            lambda: [f"print({m}.c_int.in_dll({library}, 'Py_OptimizeFlag').value)"],
            lambda: [
                f"{library}.Py_GetVersion.argtypes = []",
                f"print({library}.Py_GetVersion() != 0)",
            ],
            lambda: self.prototype(library, function),
            lambda: self.error_check(library, function),
            lambda: self.python_error(library),
            lambda: [f"print({library}.PyThread_get_thread_ident() != 0)"],
            lambda: [
                f"{library}.PyLong_FromLong.restype = {m}.py_object",
                f"print({library}.PyLong_FromLong({self.random.randrange(9)}))",
            ],
            lambda: [f"print({library}.PyMem_Free(None) is None)"],
            lambda: [f"print({library}.Py_IncRef({m}.py_object(())) is not Ellipsis)"],
            lambda: self.weak(library),
            lambda: [f"print(len({{{library}: 1, {self.library()}: 2}}))"],
            lambda: [f"print({library}.{function}.__name__)"],
        )
        return self.random.choice(ways)()

    def prototype(self, library: str, function: str) -> Lines:
        made = self.fresh("made")
        kind = self.one("CFUNCTYPE", "PYFUNCTYPE")
        return [
            f'{made} = {self.member(kind)}({self.module}.c_char_p)(("{function}", {library}))',
            f"print(type({made}()).__name__)",
        ]

    def error_check(self, library: str, function: str) -> Lines:
        check, opened = self.fresh("check"), self.fresh("lib")
        if "(" in library or "[" in library:  # what is opened anew has no errcheck
            return [f"{opened} = {library}", *self.error_check(opened, function)]
        return [
            f"def {check}(result, function, arguments):",
            f"    return {self.one('function.__name__', '7', 'len(arguments)', 'result != 0')}",
            f"{library}.{function}.errcheck = {check}",
            f"print({library}.{function}())",
            *([f"print({self.module}.pythonapi.{function}() != 0)"] if self.chance(0.5) else []),
        ]

    def python_error(self, library: str) -> Lines:
        raising = f"{library}.PyErr_SetString({self.module}.py_object(ValueError), b'told')"
        return [
            "try:",
            f"    {raising}",
            '    print("no error")',
            "except ValueError as told:",
            "    print(told)",
        ]

    def weak(self, library: str) -> Lines:
        self.need("import weakref")
        return [f"print(weakref.ref({library})() is not None)"]

    # Statements

    def statements(self, number: int = 0) -> Lines:
        """Return a block; the names that it binds stay in reach until its caller drops them."""
        lines: Lines = []
        for _ in range(number or self.random.randrange(1, 4)):
            lines += self.statement()
        return lines

    def inner(self, number: int = 0) -> Lines:
        """Return a block one level deeper, whose names are out of reach after it."""
        libraries, callables = len(self.libraries), len(self.callables)
        self.depth += 1
        lines = self.statements(number) if self.depth < 5 else self.observation()
        self.depth -= 1
        del self.libraries[libraries:], self.callables[callables:]
        return indented(lines)

    def statement(self) -> Lines:
        simple = (self.bind, self.bind, self.observation, self.observation, self.call, self.rebind)
        compound = (
            *(self.function, self.function, self.method, self.handler, self.handler, self.branch),
            *(self.loop, self.context, self.generator, self.thread, self.closure, self.decorated),
            *(self.stored, self.default, self.text_program, self.deferred, self.matched, self.pool),
        )
        return self.random.choice(simple if self.depth >= 4 or self.chance(0.55) else compound)()

    def bind(self) -> Lines:
        name, load = self.fresh("lib"), self.load()
        ways = (
            [f"{name} = {load}"],
            [f"{name} = {load}"],
            [f"{name}: object = {load}"],
            [f"{name} = other_{name} = {load}"],
            [f"{name}, count_{name} = {load}, 3"],
            [f"print(({name} := {load}) is not None)"],
            [f"{name} = {load} if sys.argv else None"],
            [f"{name} = (lambda: {load})()"],
            [f"{name} = [{load} for _ in range(2)][-1]"],
            [f"for {name} in ({load},): pass"],
            [f"({name}) = (", f"    {load}", ")"],
            [f"if sys.argv: {name} = {load}", f"else: {name} = None"],
            [f"{name} = None or {load}"],
            [f"{name} = sys.argv and {load}"],
        )
        lines = self.random.choice(ways)
        self.libraries.append(name)
        return list(lines)

    def rebind(self) -> Lines:
        if not self.libraries:
            return self.bind()
        library = self.random.choice(self.libraries)
        return [
            f"{library} = {self.one(self.load(), self.load('None'), f'{self.module}.pythonapi')}"
        ]

    def call(self) -> Lines:
        return [f"{self.random.choice(self.callables)}()"] if self.callables else self.observation()

    def function(self) -> Lines:
        """Return a function, which reads or returns a library, and its calls."""
        name, outer = self.fresh("function"), list(self.libraries)
        # A name bound outside is read as a free name, unless this body binds it again.
        body = self.inner()
        bound = [one for one in outer if any(line.strip().startswith(f"{one} = ") for line in body)]
        body[:0] = [
            f"    {self.one('global', 'global')} {one}" for one in bound if not self.functions
        ]
        if self.functions and bound:
            body[:0] = [f"    {one} = None" for one in bound]
        returned = self.library()
        body.append(
            f"    return {returned if returned not in bound or not self.functions else None}"
        )
        self.callables.append(name)
        use = self.one("{0}()", "print({0}() is not None)", "{0}().Py_GetVersion()", "")
        return [f"def {name}():", *body, *([use.format(name)] if use else [])]

    def closure(self) -> Lines:
        name, kept = self.fresh("outer"), self.fresh("lib")
        inner = indented([f"nonlocal {kept}", *self.observation(kept), f"{kept} = {self.load()}"])
        body = [f"{kept} = {self.load()}", "def again():", *inner, "return again"]
        return [f"def {name}():", *indented(body), f"{name}()()"]

    def method(self) -> Lines:
        name, m = self.fresh("Owner"), self.module
        load = self.load()
        bodies: tuple[Lines, ...] = (
            [f"library = {load}", "def use(self):", "    print(self.library.Py_GetVersion() != 0)"],
            [
                *("def __init__(self):", f"    self.library = {load}", "def use(self):"),
                "    print(self.library.Py_GetPlatform() != 0)",
            ],
            [
                *("@property", "def library(self):", f"    return {load}", "def use(self):"),
                "    print(self.library is self.library)",
            ],
            [
                *("@classmethod", "def open(cls):", f"    return {load}", "def use(self):"),
                "    print(self.open().Py_GetCompiler() != 0)",
            ],
            [
                *("def __getattr__(self, name):", f"    return getattr({load}, name)"),
                *("def use(self):", "    print(self.Py_GetCopyright() != 0)"),
            ],
            [
                *("def __enter__(self):", f"    return {load}"),
                f"def __exit__(self, *error): return {self.one('True', 'None', 'False')}",
                *("def use(self):", "    with self as opened:"),
                "        print(opened.Py_GetVersion() != 0)",
            ],
            [
                f"_fields_ = [('value', {m}.c_int)]",
                *("def use(self):", f"    opened = {load}", "    print(opened._name)"),
            ],
        )
        body = self.random.choice(bodies)
        base = f"({m}.Structure)" if body[0].startswith("_fields_") else ""
        return [f"class {name}{base}:", *indented(body), f"{name}().use()"]

    def handler(self) -> Lines:
        lines = ["try:", *self.inner()]
        if self.chance(0.85):
            error = self.one(*ERRORS)
            end = self.one('print("caught")', "raise", "pass", "sys.exit(0)", 'print("and on")')
            lines += [f"except {error}:", *indented([end])]
            if self.chance(0.3):
                lines += ["else:", *self.inner(1)]
            if self.chance(0.3):
                lines += ["finally:", *self.inner(1)]
        else:
            lines += ["finally:", *self.inner(1)]
        return lines

    def branch(self) -> Lines:
        condition = self.one(
            *("sys.platform == 'linux'", "sys.version_info >= (3, 12)", "sys.argv", "not sys.argv"),
            *("sys.platform == 'win32'", f"{self.library()} is not None", f"{self.load()}"),
        )
        lines = [f"if {condition}:", *self.inner()]
        return [*lines, "else:", *self.inner()] if self.chance(0.5) else lines

    def loop(self) -> Lines:
        turn = self.fresh("turn")
        head = self.one(
            f"for {turn} in range(2):", f"for {turn} in ({self.name()}, {self.name()}):"
        )
        body = self.inner()
        if "range" not in head:
            opened = self.fresh("lib")
            tried = [f"{opened} = {self.load(turn)}", f"print({opened}._name is not None)"]
            if self.chance(0.5):
                tried = [
                    "try:",
                    *indented(tried),
                    "except OSError:",
                    "    continue",
                    "else:",
                    "    break",
                ]
            body += indented(tried)
        return [head, *body]

    def context(self) -> Lines:
        self.need("import contextlib")
        if self.chance(0.4):
            name = self.fresh("manager")
            handler = f"    except {self.one(*ERRORS)}:\n        print('swallowed')"
            head = f"@contextlib.contextmanager\ndef {name}():\n    try:\n        yield\n"
            self.imports.append(head + handler)
            return [f"with {name}():", *self.inner()]
        held = self.one(
            *("contextlib.suppress(OSError)", "contextlib.nullcontext()", "contextlib.ExitStack()"),
            *("contextlib.suppress(KeyError)", "open('/dev/null')"),
        )
        return [f"with {held}:", *self.inner()]

    def generator(self) -> Lines:
        name = self.fresh("opened")
        body = indented([f"yield {self.load()}", *self.observation(), f"yield {self.load()}"])
        use = self.one(
            f"print(len(list({name}())))",
            f"for one in {name}(): print(one.Py_GetVersion() != 0)",
            f"print(next({name}()) is not None)",
            f"with __import__('contextlib').suppress(OSError): print(*map(bool, {name}()))",
        )
        return [f"def {name}():", *body, use]

    def thread(self) -> Lines:
        self.need("import threading")
        name = self.fresh("work")
        return [
            *(f"def {name}():", *self.own_block()),
            f"thread = threading.Thread(target={name})",
            *("thread.start()", "thread.join()", 'print("joined", thread.is_alive())'),
        ]

    def pool(self) -> Lines:
        self.need("import concurrent.futures")
        name, m = self.fresh("task"), "concurrent.futures.ThreadPoolExecutor(1)"
        seen = self.one(".exception()", ".done()", ".result()")
        return [
            *(f"def {name}():", *self.own_block()),
            f"with {m} as pool: future = pool.submit({name})",
            f"print(type(future{seen}).__name__)",
        ]

    def own_block(self) -> Lines:
        """Return the body of a function that reads no name from outside."""
        libraries, self.libraries = self.libraries, []
        self.functions += 1
        body = self.inner()
        self.functions -= 1
        self.libraries = libraries
        return body

    def decorated(self) -> Lines:
        keep, name = self.fresh("decorator"), self.fresh("function")
        call = self.one("return function()", "return (function(), function())", "return None")
        wrapped = [
            "def wrapper():",
            *indented(["try:", f"    {call}", f"except {self.one(*ERRORS)}:", "    print('no')"]),
        ]
        if self.chance(0.4):
            wrapped = ["def wrapper():", f"    {call}"]
        self.callables.append(name)
        return [
            *(f"def {keep}(function):", *indented([*wrapped, "return wrapper"])),
            *(f"@{keep}", f"def {name}():", *self.own_block(), f"    return {self.load()}"),
            f"print(type({name}()).__name__)",
        ]

    def stored(self) -> Lines:
        name, load, m = self.fresh("table"), self.load(), self.module
        ways = (
            [f"{name} = {{'api': {load}}}", f"print({name}['api'].Py_GetVersion() != 0)"],
            [f"{name} = [{load}, {m}.pythonapi]", f"print(len(set(map(id, {name}))))"],
            [
                f"{name} = {{}}",
                f"{name}.setdefault('api', {load})",
                f"print({name}['api'] is {m}.pythonapi)",
            ],
            [f"sys.api = {load}", "print(sys.api.Py_GetVersion() != 0)"],
            [f"globals()['{name}'] = {load}", f"print({name}.Py_GetVersion() != 0)"],
            [f"{name} = vars({load})", f"print('_name' in {name})"],
            [f"{name} = {load}.Py_GetVersion", f"print({name}() != 0, {name}.restype)"],
            [
                f"{name} = getattr({load}, 'Py_GetPlatform')",
                f"{name}.restype = {m}.c_char_p",
                f"print({name}()[:3])",
            ],
            [f"{name} = {load}", f"print(eval('{name}.Py_GetVersion() != 0'))"],
            [f"{name} = {load}", f"del {name}"],
        )
        return self.random.choice(ways)

    def default(self) -> Lines:
        name = self.fresh("function")
        use = self.observation("library")
        return [f"def {name}(library={self.load()}):", *indented(use), f"{name}()"]

    def text_program(self) -> Lines:
        load = self.load('"libpython3.11.so.1.0"')
        text = f"opened = {load}; print(opened.Py_GetVersion() != 0)"
        return [self.one(f"exec({text!r})", f"exec(compile({text!r}, 'inner', 'exec'))")]

    def deferred(self) -> Lines:
        name = self.fresh("later")
        self.need("import atexit")
        head = [f"def {name}():", *self.own_block()]
        return [*head, self.one(f"atexit.register({name})", f"print(callable({name}))")]

    def matched(self) -> Lines:
        m = self.module
        return [
            f"match {self.library()}:",
            *(f"    case {m}.PyDLL():", *indented(indented(self.observation()))),
            *("    case None:", "        print('none')", "    case _:", "        print('other')"),
        ]

    def program(self) -> str:
        """Return the whole program."""
        lines = self.statements(self.random.randrange(2, 6))
        lines += ["print('end')"]
        text = "\n".join([*self.imports, *lines])
        return f"{text}\n"


def program(seed: int) -> str:
    """Return the program of a seed: the same one each time."""
    return Writer(seed).program()
