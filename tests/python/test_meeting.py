"""A loader and a piece of libpython's name: where they may meet, and where they cannot."""

from __future__ import annotations

import ast

import pytest

from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.python.local_names import tell_apart
from no_libpython_dlopen.python.meeting import may_meet
from no_libpython_dlopen.python.mentions import look

#: Each hands the name on in another way; ``NAME`` is a text that the load is given.
HANDED_ON = {
    "outright": "import ctypes\nctypes.CDLL(NAME)\n",
    "by a variable": "import ctypes\nname = NAME\nctypes.CDLL(name)\n",
    "by a parameter": """
        import ctypes
        def load(path, flags=0):
            return ctypes.CDLL(path, flags)
        def outer(name):
            value = name
            return load(value)
        outer(NAME)
        """,
    "by a keyword": """
        import ctypes
        def load(*, path):
            return ctypes.CDLL(path)
        load(path=NAME)
        """,
    "by any keywords": """
        import ctypes
        def load(**given):
            return ctypes.CDLL(given["path"])
        load(path=NAME)
        """,
    "by a default": "import ctypes\ndef load(path=NAME):\n    return ctypes.CDLL(path)\nload()\n",
    "by what is returned": """
        import ctypes
        def name():
            found = NAME
            return found
        ctypes.CDLL(name())
        """,
    "by what is yielded": """
        import ctypes
        def names():
            yield NAME
        for one in names():
            ctypes.CDLL(one)
        """,
    "by another name of the function": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        also = load
        also(NAME)
        """,
    "by a function in a table": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        table = {"linux": load}
        table["linux"](NAME)
        """,
    "by a function that a function gives": """
        import ctypes
        def outer():
            def load(path):
                return ctypes.CDLL(path)
            return load
        outer()(NAME)
        """,
    "by a function that is handed on": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        def each(do, names):
            for name in names:
                do(name)
        each(load, [NAME])
        """,
    "by a partial call": """
        import ctypes, functools
        def load(path, flags):
            return ctypes.CDLL(path)
        functools.partial(load, flags=0)(NAME)
        """,
    "by a lambda": "import ctypes\nload = lambda path: ctypes.CDLL(path)\nload(NAME)\n",
    "by a decorator": """
        import ctypes
        def given(do):
            return lambda: do(NAME)
        @given
        def load(path):
            return ctypes.CDLL(path)
        load()
        """,
    "by the variable of an enclosing function": """
        import ctypes
        def outer():
            path = ""
            def name():
                nonlocal path
                path = NAME
            name()
            return ctypes.CDLL(path)
        outer()
        """,
    "by the module's variable": """
        import ctypes
        path = ""
        def name():
            global path
            path = NAME
        name()
        def load():
            return ctypes.CDLL(path)
        """,
    "by an attribute": """
        import ctypes
        class Library:
            def __init__(self, path):
                self.path = path
            def load(self):
                return ctypes.CDLL(self.path)
        Library(NAME).load()
        """,
    "by an attribute's name": """
        import ctypes
        class Library:
            path = NAME
            def load(self):
                return ctypes.CDLL(getattr(self, "path"))
        """,
    "by a template's attribute": """
        import ctypes
        class Library:
            path = NAME
        ctypes.CDLL("{0.path}".format(Library))
        """,
    "by a property": """
        import ctypes
        class Library:
            @property
            def path(self):
                return NAME
            def load(self):
                return ctypes.CDLL(self.path)
        """,
    "by a base class": """
        import ctypes
        class Base:
            def __init__(self, path):
                self.library = ctypes.CDLL(path)
        class Library(Base):
            def __init__(self, name):
                super().__init__(name)
        Library(NAME)
        """,
    "by what calls an object": """
        import ctypes
        class Load:
            def __call__(self, path):
                return ctypes.CDLL(path)
        load = Load()
        load(NAME)
        """,
    "by the members of a class": """
        import ctypes, enum
        class Names(enum.Enum):
            LINUX = NAME
        for one in Names:
            ctypes.CDLL(one.value)
        """,
    "by a list that grows": """
        import ctypes
        def names():
            found = []
            found.append(NAME)
            return found
        for one in names():
            ctypes.CDLL(one)
        """,
    "by a table": """
        import ctypes
        names = {}
        names["linux"] = NAME
        def load():
            name = names["linux"]
            return ctypes.CDLL(name)
        """,
    "by a comprehension": "import ctypes\n[ctypes.CDLL(one) for one in [NAME]]\n",
    "by what a name begins with": """
        import ctypes, os
        for name in os.listdir("/usr/lib"):
            if name.startswith(NAME[:12]):
                ctypes.CDLL(name)
        """.replace("NAME[:12]", "'libpython3.'"),
    "by a comparison": """
        import ctypes
        def load(path):
            if path == NAME:
                ctypes.CDLL(path)
        """,
    "by a pattern": """
        import ctypes
        def load(path):
            match path:
                case "libpython3.11.so" as name:
                    ctypes.CDLL(name)
        """,
    "by an import and a variable": """
        import ctypes
        def load():
            try:
                from somewhere import path
            except ImportError:
                path = NAME
            ctypes.CDLL(path)
        """,
    "by all local names": """
        import ctypes
        def load():
            path = NAME
            ctypes.CDLL("{path}".format(**locals()))
        """,
    "by a parameter that is called self": """
        import ctypes
        def load(flags, self):
            ctypes.CDLL(self)
        load(0, NAME)
        """,
    "by what finds it": """
        import ctypes
        from find_libpython import find_libpython
        def load():
            path = find_libpython()
            return ctypes.CDLL(path)
        """,
    "by a configuration variable": """
        import ctypes, sysconfig
        def load():
            path = sysconfig.get_config_var("LDLIBRARY")
            return ctypes.CDLL(path)
        """,
    "by a loader that is handed on": """
        import ctypes
        def load(do):
            def closer(path):
                return do(path)
            return closer(NAME)
        load(ctypes.CDLL)
        """,
}


def dedented(text: str) -> str:
    import textwrap

    return textwrap.dedent(text).lstrip().replace("NAME", "'libpython3.11.so.1.0'")


@pytest.mark.parametrize("way", HANDED_ON)
def test_where_a_name_is_handed_on_to_a_loader_they_may_meet(way: str) -> None:
    assert may_meet(dedented(HANDED_ON[way]))


APART = {
    "a parameter's name in two functions": """
        import ctypes
        def load(name):
            return ctypes.CDLL(name)
        def describe(name="libpython3.11.so"):
            return name.upper()
        """,
    "a variable's name in two functions": """
        import ctypes
        def load(path):
            value = path
            return ctypes.CDLL(value)
        def link(build, key):
            value = "python%d.%d" % build.version
            key.add(value)
            return value
        """,
    "the variables of lambdas": """
        import ctypes
        load = lambda name: ctypes.CDLL(name)
        link = lambda name: name + "python3"
        """,
    "methods of one object": """
        import ctypes
        class Builder:
            def load(self, name):
                return ctypes.CDLL(name)
            def link(self, word="python3"):
                self.words = [word]
        """,
    "a version that is compared with": """
        import ctypes, sys
        def load(name):
            return ctypes.CDLL(name)
        if sys.version_info < (3,):
            word = "python3"
        """,
}


@pytest.mark.parametrize("way", APART)
def test_where_no_name_is_handed_on_they_do_not_meet(way: str) -> None:
    text = dedented(APART[way])
    looked = look(text)
    assert not isinstance(looked, SyntaxError)
    assert looked.may_load
    assert looked.names_libpython
    assert not may_meet(text)
    assert check_bytes(text.encode(), "m.py") == []


def test_python_s_warnings_about_a_text_are_not_passed_on() -> None:
    # An invalid escape warns wherever it is compiled; here every warning is an error.
    assert not may_meet(dedented(APART["methods of one object"]) + "x = '\\d'\n")


def test_a_file_that_goes_on_for_long_is_given_up() -> None:
    # Every step hands on one more of many functions.
    count = 400
    lines = ["import ctypes", "def load(path):", "    return ctypes.CDLL(path)", "p = 'libpython3'"]
    for number in range(count):
        lines += [f"def f{number}(a):", f"    return f{(number + 1) % count}(g{number})"]
        lines += [f"g{(number + 1) % count} = g{number} or f{number}"]
    assert may_meet("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "def f(a, *b, c=1, **d):\n    e = a\n    return e, b, c, d, x\n",
            "def f(a@0, *b@0, c@0=1, **d@0):\n    e@0 = a@0\n    return (e@0, b@0, c@0, d@0, x)",
        ),
        (
            "def f(a):\n    def g(b):\n        return a + b\n    return g\n",
            "def f(a@0):\n\n    def g(b@1):\n        return a@0 + b@1\n    return g",
        ),
        (
            "def f():\n    global a\n    a = 1\n    b = a\n",
            "def f():\n    global a\n    a = 1\n    b@0 = a",
        ),
        (
            "def f(a):\n    def g():\n        nonlocal a\n        a = 1\n    return a\n",
            "def f(a@0):\n\n    def g():\n        nonlocal a\n        a@0 = 1\n    return a@0",
        ),
        ("a = lambda b: b + a\n", "a = lambda b@0: b@0 + a"),
        (
            "class A:\n    a = 1\n    def f(self, a, b):\n        self.b = a, b\n",
            "class A:\n    a = 1\n\n    def f(self, a, b@0):\n        self.b = (a, b@0)",
        ),
        (
            "def f(a):\n    import b\n    b = a\n    with a as c, b as d:\n        pass\n",
            "def f(a@0):\n    import b\n    b = a@0\n    with a@0 as c@0, b as d@0:\n        pass",
        ),
        (
            "def f(a: b = c, *, d: b = c) -> b:\n    return [e for e in a]\n",
            "def f(a@0: b=c, *, d@0: b=c) -> b:\n    return [e@0 for e@0 in a@0]",
        ),
        (
            "def f():\n    try:\n        pass\n    except E as e:\n        e = 1\n",
            "def f():\n    try:\n        pass\n    except E as e:\n        e = 1",
        ),
        (
            "def f(a):\n    match a:\n        case [b, *c] | {'k': d, **e}:\n            b = c = e\n",
            "def f(a@0):\n    match a@0:\n        case [b, *c] | {'k': d, **e}:\n            b = c = e",
        ),
    ],
)
def test_names_of_functions_are_told_apart(text: str, told: str) -> None:
    tree = ast.parse(text)
    assert tell_apart(tree)
    assert ast.unparse(tree) == told


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    a = 1\n    return locals()\n",
        "def f(a):\n    return eval('a')\n",
        "def f(a, self):\n    return self\n",
        "def f(self=1):\n    return self\n",
        "def f(a, /, *, cls):\n    return cls\n",
        "def f(*self):\n    return self\n",
    ],
)
def test_names_that_may_be_reached_unspelled_are_not_told_apart(text: str) -> None:
    assert not tell_apart(ast.parse(text))
