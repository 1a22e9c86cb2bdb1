"""Python programs in the strings of a Python file: run, evaluated, written, or shown as examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding

LOAD = "import ctypes; ctypes.PyDLL('libpython3.12.so').PyErr_Clear()"
START = "import asyncio, os, shlex, subprocess, sys, textwrap, timeit\nfrom pathlib import Path\n"


def check(code: str, path: str = "app.py") -> list[Finding]:
    return api.check_bytes(code.encode(), path)


#: What hands ``LOAD``, or what is written out, to a Python.
FOUND = {
    "run": f'subprocess.run([sys.executable, "-c", "{LOAD}"])',
    "check_output": f'subprocess.check_output([sys.executable, "-c", "{LOAD}"], text=True)',
    "Popen": f'subprocess.Popen((sys.executable, "-c", "{LOAD}"))',
    "call, with options": f'subprocess.call([sys.executable, "-I", "-X", "dev", "-W", "error", "-c", "{LOAD}"])',
    "options together": f'subprocess.call([sys.executable, "-Ic", "{LOAD}"])',
    "a name": f'subprocess.run(["python3", "-c", "{LOAD}"])',
    "a path": f'subprocess.run(["/usr/bin/python3.12", "-c", "{LOAD}"])',
    "behind another program": f'subprocess.run(["env", "A=1", "python3", "-c", "{LOAD}"])',
    "a path put together": f'subprocess.run([f"{{sys.prefix}}/bin/python", "-c", "{LOAD}"])',
    "an interpreter in a variable": f'def f(python): subprocess.run([python, "-c", "{LOAD}"])',
    "a command in a variable": f'command = [sys.executable, "-c", "{LOAD}"]\nsubprocess.run(command)',
    "two lists": f'subprocess.run([sys.executable] + ["-c", "{LOAD}"])',
    "a star": f'PYTHON = [sys.executable, "-I"]\nsubprocess.run([*PYTHON, "-c", "{LOAD}"])',
    "a constant": f'CODE = "{LOAD}"\nsubprocess.run([sys.executable, "-c", CODE])',
    "a parameter": f'def run(code): subprocess.run([sys.executable, "-c", code])\nrun("{LOAD}")',
    "a keyword": f'def run(*, code): subprocess.run([sys.executable, "-c", code])\nrun(code="{LOAD}")',
    "arguments one by one": f'asyncio.create_subprocess_exec(sys.executable, "-c", "{LOAD}")',
    "os.execl": f'os.execl(sys.executable, "python", "-c", "{LOAD}")',
    "os.spawnv": f'os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", "{LOAD}"])',
    "a session": f'def tests(session): session.run("python", "-c", "{LOAD}")',
    "a test helper": f'from test.support.script_helper import assert_python_ok\nassert_python_ok("-c", "{LOAD}")',
    "standard input": f'subprocess.run([sys.executable, "-"], input="{LOAD}", text=True)',
    "dedented": 'subprocess.run([sys.executable, "-c", textwrap.dedent("""\n    import ctypes\n    ctypes.PyDLL("libpython3.12.so").PyErr_Clear()\n    """)])',
    "stripped": f'subprocess.run([sys.executable, "-c", """\n{LOAD}\n""".strip()])',
    "joined": """subprocess.run([sys.executable, "-c", "\\n".join(["import ctypes", "ctypes.PyDLL('libpython3.12.so').PyErr_Clear()"])])""",
    "added": """subprocess.run([sys.executable, "-c", "import ctypes;" + "ctypes.PyDLL('libpython3.12.so').PyErr_Clear()"])""",
    "side by side": """subprocess.run([sys.executable, "-c", "import ctypes;" "ctypes.PyDLL('libpython3.12.so').PyErr_Clear()"])""",
    "a template": """def f(v): subprocess.run([sys.executable, "-c", f"import ctypes; ctypes.PyDLL('libpython{v}.so').PyErr_Clear()"])""",
    "a template's name": """NAME = "libpython3.12.so"\nsubprocess.run([sys.executable, "-c", f"import ctypes; ctypes.PyDLL({NAME!r}).PyErr_Clear()"])""",
    "a template with more in it": """def f(x): subprocess.run([sys.executable, "-c", f"import ctypes; print({x}); ctypes.PyDLL('libpython3.12.so').PyErr_Clear()"])""",
    "percent": """subprocess.run([sys.executable, "-c", "import ctypes; ctypes.PyDLL('libpython%s.so').PyErr_Clear()" % sys.argv[1]])""",
    "format": """subprocess.run([sys.executable, "-c", "import ctypes; ctypes.PyDLL('{}').PyErr_Clear()".format("libpython3.12.so")])""",
    "escapes": """subprocess.run([sys.executable, "-c", "import ctypes\\nctypes.PyDLL(\\"libpython3.12.so\\").PyErr_Clear()"])""",
    "a raw text": f'subprocess.run([sys.executable, "-c", r"{LOAD}"])',
    "one of two": f'subprocess.run([sys.executable, "-c", "pass" if sys.argv else "{LOAD}"])',
    "os.system": f'os.system("python3 -c \\"{LOAD}\\"")',
    "os.system, single quotes": """os.system("python3 -c 'import ctypes; ctypes.PyDLL(\\"libpython3.12.so\\").PyErr_Clear()'")""",
    "os.popen": f'os.popen("cd /tmp && python -I -c \\"{LOAD}\\" | cat")',
    "with a shell": f'subprocess.run("python3 -c \\"{LOAD}\\"", shell=True)',
    "with a shell, a template": f"subprocess.run(f\"\"\"{{sys.executable}} -c \"{LOAD}\" \"\"\", shell=True)",
    "getoutput": f'subprocess.getoutput("python3 -c \\"{LOAD}\\"")',
    "shlex": f"subprocess.run(shlex.split(\"\"\"python3 -c \"{LOAD}\" \"\"\"))",
    "exec": f'exec("{LOAD}")',
    "exec, compiled": f'exec(compile("{LOAD}", "name", "exec"), {{}})',
    "eval": """eval("__import__('ctypes').PyDLL('libpython3.12.so').PyErr_Clear()")""",
    "timeit": f'timeit.timeit("{LOAD}")',
    "timeit's setup": f'timeit.repeat("f()", setup="{LOAD}")',
    "Timer": f'timeit.Timer("f()", "{LOAD}").timeit()',
    "write_text": f'Path("x.py").write_text("{LOAD}")',
    "write_text below a folder": f'def f(folder): (folder / "x.py").write_text("{LOAD}", encoding="utf-8")',
    "write": f'with open("x.py", "w") as file:\n    file.write("{LOAD}")',
    "write at once": f'open("x.py", "w").write("{LOAD}")',
    "Path.open": f'with Path("x.py").open("w") as file:\n    file.write("{LOAD}")',
    "inside of another": 'exec("import subprocess, sys; subprocess.run([sys.executable, \\\'-c\\\', \\\'import ctypes; ctypes.PyDLL(\\\\\\"libpython3.12.so\\\\\\").PyErr_Clear()\\\'])")',
    "a doctest": 'def f():\n    """Do.\n\n    >>> import ctypes\n    >>> ctypes.PyDLL("libpython3.12.so").PyErr_Clear()\n    """',
    "a doctest of the module's names": 'import ctypes\n\n\nclass C:\n    """\n    >>> for name in ("libpython3.12.so",):\n    ...     ctypes.PyDLL(name).PyErr_Clear()\n    """',
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_finds_loads_in_programs(name: str) -> None:
    code = START + FOUND[name] + "\n"
    (finding,) = check(code)
    assert (finding.code, finding.fix) == ("NLP101", None)
    assert finding.no_fix_reason == "programs in strings are not rewritten"
    line = code.splitlines()[finding.start.row - 1][finding.start.column - 1 :]
    assert line.startswith(("ctypes.PyDLL(", "__import__('ctypes').PyDLL("))


SILENT = {
    "another library": 'subprocess.run([sys.executable, "-c", "import ctypes; ctypes.CDLL(\'libm.so.6\')"])',
    "not run": f'CODE = "{LOAD}"\nprint(CODE)',
    "checked": f'check("{LOAD}")',
    "compared": f'assert source == "{LOAD}"',
    "parsed": f'import ast\nast.parse("{LOAD}")',
    "compiled for its tree": f'import ast\ncompile("{LOAD}", "name", "exec", ast.PyCF_ONLY_AST)',
    "of another shell": f'subprocess.run(["bash", "-c", "{LOAD}"])',
    "an option of a module": f'subprocess.run([sys.executable, "-m", "pytest", "-c", "{LOAD}"])',
    "an option of a script": f'subprocess.run([sys.executable, "script.py", "-c", "{LOAD}"])',
    "an input of a module": f'subprocess.run([sys.executable, "-m", "flake8", "-"], input="{LOAD}")',
    "an input of a script": f'subprocess.run([sys.executable, "check.py"], input="{LOAD}")',
    "broken": f'exec("{LOAD} (")',
    "broken by a hole": f'def f(x): exec(f"{{x}}{LOAD}")',
    "no program": 'os.system("ls -c libpython3.12.so; CDLL(libpython3.12.so)")',
    "prose": 'print("python3 -c: use ctypes.PyDLL(\'libpython3.12.so\')")',
    "a text file": f'Path("x.txt").write_text("{LOAD}")',
    "a docstring": 'def f():\n    """Never use ctypes.PyDLL("libpython3.12.so").PyErr_Clear()."""',
    "a docstring's listing": 'def f():\n    """Never do::\n\n        import ctypes\n        ctypes.PyDLL("libpython3.12.so").PyErr_Clear()\n    """',
    "a skipped example": 'def f():\n    """\n    >>> import ctypes\n    >>> ctypes.PyDLL("libpython3.12.so").PyErr_Clear()  # doctest: +SKIP\n    """',
    "output of an example": 'def f():\n    """\n    >>> f()\n    ctypes.PyDLL("libpython3.12.so").PyErr_Clear()\n    """',
    "where it is never run": f'if sys.platform == "win32":\n    exec("{LOAD}")',
    "of another platform": """exec("import ctypes, sys\\nif sys.platform == 'win32': ctypes.PyDLL('libpython3.12.so')")""",
    "re.compile": f'import re\nre.compile("{LOAD}")',
    "a method called exec": f'class C:\n    def exec(self, code): pass\nC().exec("{LOAD}")',
    "shadowed": f'def exec(code): pass\nexec("{LOAD}")',
    "an unknown command": f'def f(tool): subprocess.run([tool, "-c", "{LOAD}"])',
}  # fmt: skip


#: Ways to write a load, each in a program.
SPELLED = [
    "from ctypes import PyDLL as load\nload(NAME)",
    "from ctypes import pydll\npydll.LoadLibrary(NAME)",
    "from ctypes import cdll\nload = cdll.LoadLibrary\nload(NAME)",
    "from ctypes import cdll\ncdll[NAME]",
    "import cffi\ncffi.FFI().dlopen(NAME)",
    "import cffi\nload = cffi.FFI().dlopen\nload(NAME)",
    "import _ctypes\ngetattr(_ctypes, 'dlopen')(NAME, 2)",
    "from _ctypes import (\n    dlopen as load,\n)\nload(NAME, 2)",
    "import numpy\nnumpy.ctypeslib.load_library(NAME, '.')",
]


@pytest.mark.parametrize("program", SPELLED)
@pytest.mark.parametrize("given", ["exec({})\n", "CODE = {}\nexec(CODE)\n"])
def test_finds_each_spelling_of_a_load(given: str, program: str) -> None:
    text = program.replace("NAME", "'libpython3.12.so'")
    assert len(check(given.format(repr(text)))) == 1
    pieces = [repr(line) for line in text.splitlines(keepends=True)]
    assert len(check(given.format(f"({' '.join(pieces)})"))) == 1


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_other_texts(name: str) -> None:
    assert check(START + SILENT[name] + "\n") == []


WRITTEN = f'def test_it(tmp_path):\n    path = tmp_path / "app.py"\n    path.write_text("{LOAD}")\n'


@pytest.mark.parametrize("name", ["tests/case.py", "test_case.py", "case_test.py", "conftest.py"])
@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("    check(path)\n", 0),
        ('    subprocess.run([sys.executable, "-m", "flake8", str(path)])\n', 0),
        ("    subprocess.run([sys.executable, str(path)])\n", 1),
        ("    import runpy\n    runpy.run_path(str(path))\n", 1),
    ],
)
def test_what_a_test_writes_counts_if_it_is_run(name: str, more: str, count: int) -> None:
    assert len(check(START + WRITTEN + more, name)) == count


def test_the_place_is_in_the_string() -> None:
    code = f'{START}CODE = """\nimport ctypes\n\napi = ctypes.PyDLL("libpython3.12.so")\n"""\nexec(CODE)\n'
    (finding,) = check(code)
    assert (finding.start.row, finding.start.column) == (6, 7)
    assert (finding.end.row, finding.end.column) == (6, 39)


def test_a_shared_text_is_reported_once() -> None:
    code = f'CODE = "{LOAD}"\nexec(CODE)\nexec(CODE)\neval(CODE)\n'
    assert len(check(code)) == 1


def test_a_file_is_fixed_beside_its_programs() -> None:
    code = f'import ctypes\n\nexec("{LOAD}")\nctypes.PyDLL("libpython3.12.so").PyErr_Clear()\n'
    fixed = api.fix_bytes(code.encode(), "app.py", unsafe=False).data.decode()
    assert f'exec("{LOAD}")' in fixed
    assert fixed.endswith("\nctypes.pythonapi.PyErr_Clear()\n")


def test_a_load_that_many_programs_share_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text("CODE = 'import ctypes; ctypes.PyDLL(\"libpython3.12.so\")'\n" + "exec(CODE + ' # more')\n" * 300)  # fmt: skip
    assert len(api.check_bytes(path.read_bytes(), str(path))) == 1
