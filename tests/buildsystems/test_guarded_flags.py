"""Makefiles that ask for the platform: their own questions keep a flag where it is needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found
from tests.buildsystems.test_real_builds import LIBRARY, needed

NAME = "Makefile"
SUFFIX = "EXT := $(shell python3-config --extension-suffix)\n"
LINK = "_spam$(EXT): spam.o\n\t$(CC) -shared -o $@ $< {} -lm\n"
FLAG = "-lpython3.11"
WINDOWS = "$(if $(filter Windows_NT,$(OS)),-lpython3.11)"
MACOS = "$(if $(filter Darwin,$(UNAME)),-undefined dynamic_lookup)"
UNAME = "UNAME := $(shell uname -s)\n"
ON_WINDOWS = "ifeq ($(OS),Windows_NT)\nCFLAGS += -DWINDOWS\nendif\n"
ON_MACOS = "ifeq ($(UNAME),Darwin)\nCFLAGS += -DMACOS\nendif\n"

#: What the makefile asks, and what comes in the flag's place.
ASKED = {
    "for Windows": (ON_WINDOWS, WINDOWS),
    "for macOS": (UNAME + ON_MACOS, MACOS),
    "for both": (UNAME + ON_WINDOWS + ON_MACOS, f"{WINDOWS} {MACOS}"),
    "in quotation marks": ('ifeq "$(OS)" "Windows_NT"\nX = 1\nendif\n', WINDOWS),
    "the other way round": ("ifneq (Windows_NT,$(OS))\nX = 1\nendif\n", WINDOWS),
    "in one of several branches": (
        "ifdef DEBUG\nX = 1\nelse ifeq ($(OS),Windows_NT)\nX = 2\nendif\n",
        WINDOWS,
    ),
    "the system itself": (
        "ifeq ($(shell uname),Darwin)\nX = 1\nendif\n",
        "$(if $(filter Darwin,$(shell uname)),-undefined dynamic_lookup)",
    ),
    "by a search": (
        UNAME + "ifneq (,$(findstring MINGW,$(UNAME)))\nX = 1\nendif\n",
        "$(if $(findstring MINGW,$(UNAME)),-lpython3.11)",
    ),
    "for two Windows": (
        UNAME + ON_WINDOWS + "ifeq ($(UNAME),CYGWIN_NT-10.0)\nX = 1\nendif\n",
        "$(if $(or $(filter Windows_NT,$(OS)),$(filter CYGWIN_NT-10.0,$(UNAME))),-lpython3.11)",
    ),
}
#: What says nothing of the platform, or asks where the answer is not known yet.
NOT_ASKED = {
    "nothing": "",
    "for Linux": UNAME + "ifeq ($(UNAME),Linux)\nX = 1\nendif\n",
    "for a mode": "ifeq ($(MODE),debug)\nX = 1\nendif\n",
}


@pytest.mark.parametrize(("question", "instead"), ASKED.values(), ids=ASKED)
def test_a_flag_is_kept_where_the_makefile_s_question_says(question: str, instead: str) -> None:
    text = question + SUFFIX + LINK.format(FLAG)
    (finding,) = found(text, NAME)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    after = fixed(text, NAME)
    assert after == question + SUFFIX + LINK.format(instead)
    assert found(after, NAME) == []


@pytest.mark.parametrize("question", NOT_ASKED.values(), ids=NOT_ASKED)
def test_without_a_question_the_flag_is_deleted(question: str) -> None:
    text = question + SUFFIX + LINK.format(FLAG)
    assert fixed(text, NAME) == text.replace(f" {FLAG}", "")


def test_a_variable_that_is_set_later_asks_for_nothing() -> None:
    text = SUFFIX + f"LIBS := {FLAG} -lm\n" + UNAME + ON_MACOS + LINK.format("$(LIBS)")
    assert fixed(text, NAME) == text.replace(f"{FLAG} ", "")


BRANCHES = """\
UNAME := $(shell uname -s)
EXT := $(shell python3-config --extension-suffix)
ifneq (,$(findstring MINGW,$(UNAME)))
LIBS = -lpython3.11 -lm
else ifeq ($(UNAME),Darwin)
LIBS = {} -lm
else
LIBS = {}-lm
endif
_spam$(EXT): spam.o
	$(CC) -shared -o $@ $< $(LIBS)
"""


def test_branches_for_a_platform_need_no_question() -> None:
    before = BRANCHES.format(FLAG, f"{FLAG} ")
    assert fixed(before, NAME) == BRANCHES.format("-undefined dynamic_lookup", "")


def test_an_option_of_another_command_gets_nothing_of_the_linker_s() -> None:
    text = UNAME + ON_MACOS + ON_WINDOWS + SUFFIX
    link = LINK.format("$(shell python3-config --ldflags {})")
    option = "$(if $(filter Windows_NT,$(OS)),--embed)"
    assert fixed(text + link.format("--embed"), NAME) == text + link.format(option)


SPAM = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_spam", "", -1, NULL};
PyMODINIT_FUNC PyInit__spam(void) { return PyModule_Create(&definition); }
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("make") or not shutil.which("gcc"), reason="no make or gcc")
@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF")
@pytest.mark.skipif(
    LIBRARY.suffix != ".so" or not LIBRARY.exists(), reason="no libpython to link to"
)
def test_a_built_module_needs_libpython_before_and_not_after(tmp_path: Path) -> None:
    flag = f"-lpython{sysconfig.get_config_var('LDVERSION')}"
    link = "_spam$(EXT): spam.o\n\t$(CC) -shared -o $@ $< $(LIBS)\n"
    text = UNAME + ON_WINDOWS + ON_MACOS + SUFFIX + f"LIBS = -L{LIBRARY.parent} {flag}\n" + link
    (tmp_path / "spam.c").write_text(SPAM)
    flags = [
        f"CFLAGS=-fPIC -I{sysconfig.get_path('include')}",
        f"EXT={sysconfig.get_config_var('EXT_SUFFIX')}",
        "CC=gcc -Wl,--no-as-needed",
    ]

    def make(*arguments: str) -> str:
        command = ["make", *flags, *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    for content, expected in ((text, 1), (fixed(text, NAME), 0)):
        (tmp_path / NAME).write_text(content)
        make("-B")
        assert len(needed(tmp_path, "_spam*.so")) == expected
    subprocess.run([sys.executable, "-c", "import _spam"], cwd=tmp_path, check=True)
    assert flag in make("-nB", "OS=Windows_NT")
    assert "-undefined dynamic_lookup" in make("-nB", "UNAME=Darwin")
    assert flag not in make("-nB", "UNAME=FreeBSD")
