"""Link lines of random flags: where the linker itself refuses a module, no safe fix is offered.

One that is not safe takes the strict flags away with the link, or undoes them.

The truth is the linker's: each line is run on an object that leaves a symbol undefined, as an
extension module does without libpython.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.buildsystems.rewriting import fixed, found

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="needs GNU ld"),
]

#: Flags that make a link strict, that undo it, and that only look so.
FLAGS = (
    *("-Wl,--no-undefined", "-Wl,-no-undefined", "-Wl,-z,defs", "-Wl,-z -Wl,defs", "-z defs"),
    *("-Xlinker --no-undefined", "-Xlinker -z -Xlinker defs", "-Wl,-O1,--no-undefined,-z,now"),
    *("-Wl,-z,now,-z,defs", "-Wl,--unresolved-symbols=report-all", "-Wl,-zdefs"),
    *("-Wl,-z,nodefs", "-Wl,-z,undefs", "-Wl,--unresolved-symbols=ignore-all"),
    *("-Wl,--no-undefined-version", "-Wl,-z,now", "-Wl,--as-needed", "-lm", "-s"),
    *("-Wl,--allow-shlib-undefined", "-Wl,--no-allow-shlib-undefined", "-Wl,--undefined=defs"),
)
SETUP = (
    "from setuptools import Extension, setup\n"
    'setup(ext_modules=[Extension("a", ["a.c"], libraries=["python3.11"], extra_link_args={})])\n'
)
PYPROJECT = (
    '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\nlibraries = ["python3.11"]\n'
    "extra-link-args = {}\n"
)
MAKE = "a$(EXT_SUFFIX): a.o\n\t$(CC) -shared {} -o $@ $< -lpython3.11\n"
CMAKE = (
    "cmake_minimum_required(VERSION 3.18)\nproject(a C)\n"
    "find_package(Python3 COMPONENTS Development)\nPython3_add_library(a MODULE a.c)\n"
    'target_link_libraries(a PRIVATE Python3::Python "{}")\n'
)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


@cache
def _object() -> Path:
    folder = Path(_folder().name)
    (folder / "a.c").write_text("extern int missing(void); int f(void) { return missing(); }\n")
    subprocess.run(["gcc", "-c", "-fPIC", "a.c"], cwd=folder, check=True)
    return folder / "a.o"


@cache
def refuses(flags: tuple[str, ...]) -> bool:
    """Return whether the linker makes no shared library of an object with these flags."""
    words = [word for flag in flags for word in flag.split()]
    command = ["gcc", "-shared", *words, "-o", "/dev/null", str(_object())]
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


def written(flags: tuple[str, ...]) -> dict[str, str]:
    """Return a build file of each language whose module is linked with some flags."""
    words = [word for flag in flags for word in flag.split()]
    items = str(words).replace("'", '"')
    return {
        "setup.py": SETUP.format(words),
        "pyproject.toml": PYPROJECT.format(items),
        "Makefile": MAKE.format(" ".join(words)),
        "CMakeLists.txt": CMAKE.format(" ".join(words)),
    }


def flags_in(text: str) -> tuple[str, ...]:
    """Return the flags of the linker in a build file, in order."""
    words = re.split(r"[\s\"'\[\])]+", text)
    return tuple(
        word for word in words if word == "defs" or re.match("-[WXlsz-](?!hared|pyth)", word)
    )


def _check_fixes(flags: tuple[str, ...]) -> None:
    for name, text in written(flags).items():
        (finding,) = found(text, name)
        is_refused = refuses(flags)
        rewritten = fixed(text, name)
        assert (finding.fix is None) is (rewritten == text), name
        if is_refused:
            assert fixed(text, name, unsafe=False) == text, name
            assert finding.fix is None or not refuses(flags_in(rewritten)), (name, rewritten)
            assert (finding.fix is None) is (name == "pyproject.toml"), name


@settings(max_examples=25)
@given(st.lists(st.sampled_from(FLAGS), max_size=4).map(tuple))
def test_a_link_that_the_linker_would_refuse_has_no_safe_fix(flags: tuple[str, ...]) -> None:
    _check_fixes(flags)


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_strict_if_the_linker_says_so(flag: str) -> None:
    _check_fixes((flag,))
    for name, text in written((flag,)).items():
        (finding,) = found(text, name)
        assert finding.fix or refuses((flag,)), name
        assert flags_in(text.replace("-lpython3.11", "")) == tuple(flag.split()), name
