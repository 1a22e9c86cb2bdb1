"""Texts that make a regular expression begin anew at each character: time grows with the length.

A quarter of a megabyte of them is read within seconds; a search that tries each beginning to the
end would take minutes, and no limit of time interrupts it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine.api import check_bytes
from tests.hostile.confined import confined

pytestmark = pytest.mark.slow

SIZE = 250_000
LINK = "gcc -shared -o m.abi3.so m.o -lpython3.11"
RULE = f"m.abi3.so: m.o\n\t{LINK}\n"
AUTOMAKE = "pyexec_LTLIBRARIES = m.la\nm_la_LIBADD = -lpython3.11 $"
MESON = "project('a', 'c')\np = import('python').find_installation()\n"
LOAD = "import ctypes\nctypes.PyDLL('libpython3.11.so').Py_X()\n"

CELL = '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": ["'
CELL += LOAD.replace("\n", "\\n")
CELL_END = '"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'

#: The file's name, what is before the part that repeats, that part, and what is behind it.
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "make: words that contain py": ("Makefile", RULE, "pyx", "\n"),
    "make: names of folders": ("Makefile", RULE + "A = $", "PY_P", "@\n"),
    "make: tabs behind if": ("Makefile", RULE + "#if", "\t", "\nif" + "\t" * 9_999 + "?\n"),
    "make: ifs without a name": ("Makefile", RULE, "if \t", "\n"),
    "make: colons without an assignment": ("Makefile", RULE + "a: b", ":", "\n"),
    "Automake: variables with -embed": ("Makefile.am", AUTOMAKE, "PY0", "\n"),
    "Autoconf: blanks behind a bracket": (
        *("configure.ac", "AC_SUBST(PYTHON_LIBS)\nPYTHON_LIBS=-lpython3.11\nAC_SUBST("),
        *("\t", "@\n"),
    ),
    "shell: options of Python": ("a.sh", LINK + "\npython3 -c x\n", "python -", "\n"),
    "shell: words that contain py": ("a.sh", LINK + "\n", "py_", "\n"),
    "shell: variables of Python": ("a.sh", LINK + "\npython3 -c x\n", "PYt", "@\n"),
    "shell: programs of Python": ("a.sh", LINK + "\npython3 -c x\n", "p+", "\n"),
    "Dockerfile: copied Python files": (
        *("Dockerfile", f"FROM a\nRUN {LINK}\n" + LOAD.replace("import", "RUN python3 <<E\nimport")),
        *("", "E\nCOPY <<E " + "a.pya" * 50_000 + "\nimport ctypes\nE\n"),
    ),
    "CMake: quotes in what does not lex": ("CMakeLists.txt", "link(python", '\\"!', "\n"),
    "Meson: quotes in what does not lex": ("meson.build", MESON, "!\\'", "\n"),
    "Rust: holes that do not end": (
        *("build.rs", 'fn main() { println!("cargo:rustc-link-lib=python3.11{'),
        *("0", '"); }\n'),
    ),
    "RPM: macros that do not end": ("a.spec", f"%build\n{LINK} %{{", "f", "\n"),
    "YAML: expressions of names": ("a.gitlab-ci.yml", f"a:\n  script:\n    - {LINK} ${{{{a", ".", "\n"),
    "YAML: expressions of blanks": (
        *(".github/workflows/a.yml", f"jobs:\n  a:\n    steps:\n    - run: {LINK} ${{{{ "),
        *(" \t", "@\n"),
    ),
    "YAML: selectors": ("meta.yaml", f"build:\n  script: {LINK}  # ", "[", "\n"),
    "Python: quotes that do not end": ("a.py", LOAD + "x = ", '\\"', "\\\n"),
    "Python: a literal of escapes": ("a.py", LOAD + 'x = "', "\\n", "\n"),
    "Python: Python in a string": ("a.py", LOAD + "subprocess.run('''python -c ", "p+", "''')\n"),
    "Python: options of Python in a string": (
        *("a.py", LOAD + "subprocess.run('''python -c "),
        *("pypy\t-", "''')\n"),
    ),
    "notebook: options of a magic": ("a.ipynb", CELL + "%prun", "\\t-ri", CELL_END),
    "make: a long line beside a suppression": ("Makefile", RULE + "# nolibpy: ignore\n", "a", "\n"),
    "any: lists of codes that do not end": ("Makefile", RULE, "# nolibpy: ignore[", "\n"),
    "any: suppressions of others": ("Makefile", RULE + "# nlp\n# ", "noqa", "\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_time_grows_with_the_length(what: str) -> None:
    name, before, part, after = TEXTS[what]
    text = before + part * (SIZE // len(part) if part else 0) + after
    confined(lambda: len(check_bytes(text.encode(), name)), seconds=6)


def test_the_public_names_of_imported_modules_are_found_in_time(tmp_path: Path) -> None:
    """They are searched before the analysis, which has a clock."""
    (tmp_path / "pyproject.toml").write_text("")
    package = tmp_path / "spam"
    package.mkdir()
    for number in range(8):
        names = "# " + "__all__ " * 7_000
        (package / f"m{number}.py").write_text(f"from ctypes import PyDLL\n{names}\n")
    imports = "".join(f"from .m{number} import *\n" for number in range(8))
    path = package / "__init__.py"
    path.write_text(f"{imports}PyDLL('libpython3.11.so').Py_X()\n")
    data = path.read_bytes()
    confined(lambda: len(check_bytes(data, str(path))), seconds=6)


#: What is before the part that repeats, and that part: records of a search for each character.
LONG: dict[str, tuple[str, str, str]] = {
    "CMake: a comment": ("CMakeLists.txt", "link(python)\n#", "a "),
    "CMake: a string": ("CMakeLists.txt", 'link(python "', "\\n"),
    "CMake: references": ("CMakeLists.txt", "link(python ", "$"),
    "Meson: a string": ("meson.build", MESON + "a = '", "\\n"),
    "make: a line": ("Makefile", RULE, "a"),
    "shell: a string": ("a.sh", LINK + ' "', "a\\n"),
    "TOML: a string": (
        *("pyproject.toml", '[[tool.setuptools.ext-modules]]\nlibraries = ["python3.11"]\na = "'),
        "a",
    ),
    "YAML: a line": (".gitlab-ci.yml", f"a:\n  script:\n    - {LINK} ", "a "),
}


@pytest.mark.parametrize("what", LONG)
def test_memory_does_not_grow_by_a_hundred_bytes_for_each_character(what: str) -> None:
    name, before, part = LONG[what]
    text = before + part * (3_000_000 // len(part)) + "\n"
    found = confined(
        lambda: [one.message for one in check_bytes(text.encode(), name)], memory=300 << 20
    )
    assert not any("memory" in message for message in found), found
