"""Variables that a fix leaves unused: deleted where that is certain, and left elsewhere."""

from __future__ import annotations

import textwrap

import pytest

from no_libpython_dlopen.engine.api import fix_bytes

#: A function's body before a fix and after it; the load is the last use of a name or not.
DELETED = {
    "a literal": (
        """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "annotated, with a comment for a tool": (
        """
        name: str = "libpython3.11.so"  # noqa: S105
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "several in a row": (
        """
        version = "3.11"
        name = f"libpython{version}.so"
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "several at once": (
        """
        stem = "libpython"
        suffix = ".so"
        api = ctypes.PyDLL(stem + "3.11" + suffix)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "between others": (
        """
        first = 1; name = "libpython3.11.so"; print(first)
        api = ctypes.PyDLL(name)
        """,
        """
        first = 1; print(first)
        api = ctypes.pythonapi
        """,
    ),
    "with blank lines": (
        """
        print(1)

        name = "libpython3.11.so"

        api = ctypes.PyDLL(name)
        """,
        """
        print(1)

        api = ctypes.pythonapi
        """,
    ),
    "changed on the way": (
        """
        name = "libpython3.10.so"
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "in all branches": (
        """
        if sys.platform == "linux":
            name = "libpython3.11.so"
        elif other:
            stem = "libpython3.11"
            name = stem + ".dylib"
        else:
            name = "libpython3.11.so.1.0"
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "a condition that was only asked for it": (
        """
        first = 1
        linux = sys.platform == "linux"

        if linux:
            name = "libpython3.11.so"
        else:
            name = "libpython3.12.so"

        api = ctypes.PyDLL(name)
        print(first)
        """,
        """
        first = 1

        api = ctypes.pythonapi
        print(first)
        """,
    ),
    "without its neighbour, which has a comment": (
        """
        stem = "libpython"  # Debian's
        suffix = ".so"
        api = ctypes.PyDLL(stem + "3.11" + suffix)
        """,
        """
        stem = "libpython"  # Debian's
        api = ctypes.pythonapi
        """,
    ),
    "an attribute of that name": (
        """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        print(api.name, dict(name=1))
        """,
        """
        api = ctypes.pythonapi
        print(api.name, dict(name=1))
        """,
    ),
    **{
        f"another variable of that name: {line}": (
            f'\nname = "libpython3.11.so"\napi = ctypes.PyDLL(name)\n{line}\n',
            f"\napi = ctypes.pythonapi\n{line}\n",
        )
        for line in (
            "print([name for name in other])",
            "print({name.x: name for name in other if name})",
            "print({name for key, (name, *rest) in other for rest in name})",
            "print(any(x for [*name] in other for x in name))",
            "print(list(x for x in other for name in x if name))",
            "print([lambda: name for name in other])",
            "print([x for x in (name for name in other)])",
            "print(sorted(other, key=lambda name: name.lower()))",
            "print(sorted(other, key=lambda *name: (lambda: name)))",
            "print(lambda x=(lambda name, /: name): x)",
            "def inner(name=1, **rest): return [name for _ in rest if name]",
            "async def inner(*, name): await name; name = 1",
        )
    },
    "the elements of another list": (
        """
        name = "libpython3.11.so"
        names = [name for name in (name,)]
        api = ctypes.PyDLL(names[0])
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "imports of modules": (
        """
        import os, platform
        import sysconfig as config
        from pathlib import Path

        name = config.get_config_var("LDLIBRARY")
        api = ctypes.PyDLL(str(Path(os.sep) / platform.machine() / name))
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "some of the names of an import": (
        """
        import glob, os, platform
        from os.path import (
            basename,
            dirname,
            join,
        )
        print(platform.machine(), dirname(other))
        api = ctypes.PyDLL(join(os.sep, basename("libpython3.11.so")))
        """,
        """
        import glob, platform
        from os.path import (
            dirname,
        )
        print(platform.machine(), dirname(other))
        api = ctypes.pythonapi
        """,
    ),
    "imports in a branch": (
        """
        if other:
            import os
            name = os.path.join("/usr/lib", "libpython3.11.so")
        else:
            name = "libpython3.12.so"
        api = ctypes.PyDLL(name)
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
    "the module of another import": (
        """
        import os
        from os.path import sep
        api = ctypes.PyDLL(os.path.join(sep, "libpython3.11.so"))
        """,
        """
        api = ctypes.pythonapi
        """,
    ),
}

#: Bodies in which an import stays.
IMPORTED = {
    "read elsewhere": """
        import os
        api = ctypes.PyDLL(os.path.join("/usr/lib", "libpython3.11.so"))
        print(os.sep)
        """,
    "read in an inner function": """
        import os
        api = ctypes.PyDLL(os.path.join("/usr/lib", "libpython3.11.so"))
        read = lambda: os.sep
        """,
    "global": """
        global os
        import os
        api = ctypes.PyDLL(os.path.join("/usr/lib", "libpython3.11.so"))
        """,
    "seen by locals": """
        import os
        api = ctypes.PyDLL(os.path.join("/usr/lib", "libpython3.11.so"))
        print(locals())
        """,
    "what is written": """
        import ctypes.util
        api = ctypes.PyDLL(ctypes.util.find_library("python3.11"))
        """,
    "a module that others may lack": """
        try:
            import distutils.sysconfig as config
        except ImportError:
            import sysconfig as config
        api = ctypes.PyDLL(config.get_config_var("LDLIBRARY"))
        """,
    "a module that acts": """
        from idlelib.config import idleConf
        api = ctypes.PyDLL("libpython3.11.so" or idleConf)
        """,
    "a submodule, which any code can read then": """
        from ctypes.util import find_library
        api = ctypes.PyDLL(find_library("python3.11"))
        """,
    "a submodule, from its package": """
        from ctypes import util
        api = ctypes.PyDLL(util.find_library("python3.11"))
        """,
    "a name in an annotation": """
        from pathlib import Path
        x: "list[Path]" = []
        api = ctypes.PyDLL(str(Path("/usr/lib") / "libpython3.11.so"))
        """,
    "a comment in the list": """
        from os.path import (
            basename,  # the name
            dirname, join)
        print(dirname(other))
        api = ctypes.PyDLL(join("/usr/lib", basename("libpython3.11.so")))
        """,
}

#: Functions that only preload, before and after.
PRELOADS = {
    "in a function": (
        """
        from sysconfig import get_config_var
        print(1)
        ctypes.CDLL(get_config_var("LDLIBRARY"), mode=ctypes.RTLD_GLOBAL)
        """,
        """
        print(1)
        """,
    ),
    "all of a function": (
        """
        import ctypes
        from sysconfig import get_config_var
        ctypes.CDLL(get_config_var("LDLIBRARY"), ctypes.RTLD_GLOBAL)
        """,
        """
        pass
        """,
    ),
    "all of a branch": (
        """
        if other:
            from ctypes import CDLL, RTLD_GLOBAL
            name = "libpython3.11.so"
            CDLL(name, RTLD_GLOBAL)
        """,
        """
        if other:
            pass
        """,
    ),
}

#: Bodies in which the variable stays.
LEFT = {
    "imported by an inner class": """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        class Inner:
            import name
        """,
    "read elsewhere": """
        name = "libpython3.11.so"
        print(name)
        api = ctypes.PyDLL(name)
        """,
    "read before": """
        name = "libpython3.11.so"
        log(f"{name}")
        api = ctypes.PyDLL(name)
        """,
    "read by an inner function": """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        read = lambda: name
        """,
    **{
        f"the same variable: {line}": f"""
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        {line}
        """
        for line in (
            "print([x for x in other if name])",
            "print([name for x in other])",
            "print([name for name in name])",
            "print([name for name in (name for x in other)])",
            "print([name for name in [x for x in (lambda: name)()]])",
            "print([x for x in other for y in name])",
            "print([name := x for x in other])",
            "print([x for other[name] in other])",
            "print([(x, name) for x.name in other])",
            "print([x.name for x in name], [name for name in other])",
            "print(lambda x=name: x)",
            "print(lambda name=name: name)",
            "print(lambda x: name)",
            "print(lambda names, *, name_=1: name)",
            "print((lambda name: name)(name))",
            "def inner(x=name): return x",
            "def inner(name=name): return name",
            "def inner(name: 'name'): return name",
            "def inner(name) -> name: return name",
            "def inner(x): nonlocal name; print(name)",
            "def inner(x): return (lambda name: name)(x) or name",
            "@name\n        def inner(name): return name",
            "class Inner:\n            def f(self, name): return name\n            x = name",
        )
    },
    "deleted": """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        del name
        """,
    "global": """
        global name
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        """,
    "seen by locals": """
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        log("%(name)s" % locals())
        """,
    "two targets": """
        name = other = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        print(other)
        """,
    "unpacked": """
        name, other = "libpython3.11.so", 1
        api = ctypes.PyDLL(name)
        print(other)
        """,
    "a condition that does something": """
        if print(other):
            name = "libpython3.11.so"
        else:
            name = "libpython3.12.so"
        api = ctypes.PyDLL(name)
        """,
    "a branch that does something": """
        if other:
            name = "libpython3.11.so"
            print(other)
        else:
            name = "libpython3.12.so"
        api = ctypes.PyDLL(name)
        """,
    "a comment in a branch": """
        if other:
            name = "libpython3.11.so"  # Debian
        else:
            name = "libpython3.12.so"
        api = ctypes.PyDLL(name)
        """,
    "a comment behind it": """
        name = "libpython3.11.so"  # see bug 42
        api = ctypes.PyDLL(name)
        """,
    "a comment inside": """
        name = (  # see bug 42
            "libpython3.11.so"
        )
        api = ctypes.PyDLL(name)
        """,
    "a comment on one of two": """
        name = "libpython3.10.so"  # too old
        name = "libpython3.11.so"
        api = ctypes.PyDLL(name)
        """,
    "a comment behind several": """
        stem = "libpython"; name = stem + "3.11.so"  # see bug 42
        api = ctypes.PyDLL(name)
        """,
    "all of another block": """
        for _ in range(1):
            stem = "libpython"
            name = stem + "3.11.so"
        api = ctypes.PyDLL(name)
        """,
}

FUNCTION = "import ctypes\nimport sys\n\n\ndef api(other):\n{}    return api.PyErr_Clear()\n"


def function(body: str) -> str:
    return FUNCTION.format(textwrap.indent(textwrap.dedent(body).lstrip("\n"), "    "))


def fixed(text: str) -> str:
    return fix_bytes(text.encode(), "a.py", unsafe=True).data.decode()


@pytest.mark.parametrize("case", DELETED)
def test_a_variable_that_the_fix_leaves_unused_is_deleted(case: str) -> None:
    before, after = map(function, DELETED[case])
    assert fixed(before) == after
    compile(after, "a.py", "exec")


@pytest.mark.parametrize("case", LEFT)
def test_a_variable_that_may_be_used_stays(case: str) -> None:
    after = fixed(function(LEFT[case]))
    assert "ctypes.pythonapi" in after
    assert "name = " in after or "name, " in after


@pytest.mark.parametrize("case", IMPORTED)
def test_an_import_that_may_be_needed_stays(case: str) -> None:
    before = function(IMPORTED[case])
    after = fixed(before)
    assert after != before
    assert [one for one in after.splitlines() if "import" in one] == [
        one for one in before.splitlines() if "import" in one
    ]


@pytest.mark.parametrize("case", PRELOADS)
def test_what_only_a_preload_needs_goes_with_it(case: str) -> None:
    head = "import ctypes\n\n\ndef preload(other):\n"
    before, after = (
        head + textwrap.indent(textwrap.dedent(body).lstrip("\n"), "    ")
        for body in PRELOADS[case]
    )
    assert fixed(before) == after


def test_names_of_a_module_and_of_a_class_stay() -> None:
    text = 'import ctypes\nname = "libpython3.11.so"\napi = ctypes.PyDLL(name)\nprint(api.f)\n'
    assert fixed(text) == text.replace("PyDLL(name)", "pythonapi")
    inner = 'import ctypes\nclass A:\n    name = "libpython3.11.so"\n    api = ctypes.PyDLL(name)\n'
    assert 'name = "libpython3.11.so"' in fixed(inner + "print(A.api.f)\n")


def test_a_fix_that_is_safe_stays_safe() -> None:
    before, after = map(function, DELETED["a literal"])
    assert fix_bytes(before.encode(), "a.py", unsafe=False).data.decode() == after


@pytest.mark.parametrize(
    "module", ['importlib.import_module("ctypes")', '__import__("ctypes")', "ctypes"]
)
def test_the_module_that_the_replacement_reads_stays(module: str) -> None:
    head = f"import ctypes, importlib\n\n\ndef api():\n    ct = {module}\n"
    after = fixed(head + '    return ct.PyDLL("libpython3.11.so").PyErr_Clear()\n')
    assert after.startswith(head)
    assert "pythonapi.PyErr_Clear()" in after


@pytest.mark.parametrize(
    "line",
    [
        "print(sys._getframe(1).f_locals)",
        "print(sys.exc_info()[2].tb_lineno)",
        "print(api.__closure__)",
        "import logging; logging.basicConfig(format='%(lineno)d')",
        "import inspect; print(inspect.stack()[1].lineno)",
        "import traceback; traceback.TracebackException(*e, capture_locals=True)",
        "import traceback; print(traceback.extract_stack())",
    ],
)
def test_a_variable_that_code_elsewhere_may_see_stays(line: str) -> None:
    body = '    name = "libpython3.11.so"\n    api = ctypes.PyDLL(name)\n'
    text = f"{FUNCTION.format(body)}\n\ndef look():\n    {line}\n"
    after = fix_bytes(text.encode(), "x.py", unsafe=False).data.decode()
    assert after == text.replace("ctypes.PyDLL(name)", "ctypes.pythonapi")
