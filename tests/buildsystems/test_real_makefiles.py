"""Small projects of make and Automake, built as found and after ``nolibpy fix --unsafe-fixes``.

The modules no longer need libpython, and are imported by all interpreters of this version. The
programs that embed Python beside them are linked as before, and run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.buildsystems.test_real_builds import LIBRARY, NAME, C, needed, pytestmark
from tests.runtime.interpreters import interpreters

__all__ = ["pytestmark"]

PROGRAM = """
#include <Python.h>
int main(void)
{
    Py_Initialize();
    int failed = PyRun_SimpleString("print(6 * 7)");
    Py_Finalize();
    return failed;
}
"""
SOURCES = {"tally.c": C, "eggs.c": C.replace("tally", "eggs"), "prog.c": PROGRAM}
HEAD = f"""
CC = gcc
CFLAGS = -fPIC -I{sysconfig.get_path("include")}
EXT := $(shell python3-config --extension-suffix)
LIBDIR = {LIBRARY.parent}
"""
LINK = "tally$(EXT): tally.o\n\t$(CC) -shared -o $@ $^ -L$(LIBDIR) "
EMBEDDED = f"prog: prog.o\n\t$(CC) -o $@ $^ -L$(LIBDIR) -l{NAME}\n"

#: Makefiles behind that head; what they make is `tally`, and perhaps `eggs` and `prog`.
MAKEFILES = {
    "pattern": f"LDLIBS = -L$(LIBDIR) -l{NAME}\nall: tally$(EXT) eggs$(EXT)\n"
    "%$(EXT): %.o\n\t$(CC) -shared -o $@ $^ $(LDLIBS)\n",
    "config": "all: tally$(EXT) prog\n"
    + EMBEDDED
    + LINK
    + "$(shell python3-config --libs --embed)\n",
    "branches": f"ifeq ($(OS),Windows_NT)\nPY = -lpython3\nelse\nPY = -l{NAME}\nendif\n"
    f"all: tally$(EXT)\n{LINK}$(PY)\n",
    "for Linux": f"ifeq ($(shell uname -s),Linux)\nPY = -lm -l{NAME}\nendif\nall: tally$(EXT)\n{LINK}$(PY)\n",
    "of targets": f"all: tally$(EXT) prog\ntally$(EXT): LDLIBS += -l{NAME}\n{LINK}$(LDLIBS)\n"
    f"prog: LDLIBS += -L$(LIBDIR) -l{NAME}\nprog: prog.o\n",
    "override": f"override LDFLAGS += -l{NAME}\nall: tally$(EXT) prog\n{LINK}$(LDFLAGS)\n"
    f"prog: prog.o\n\t$(CC) -o $@ $^ -L$(LIBDIR) -l{NAME}\n",
    "linker": f"all: tally$(EXT)\ntally$(EXT): tally.o\n\tld -shared -o $@ $^ -L$(LIBDIR) -l{NAME} -lc\n",
    "names": f"NAMES = {NAME} m\nall: tally$(EXT)\n{LINK}$(addprefix -l,$(NAMES))\n",
    "one name": f"NAMES = {NAME}\nall: tally$(EXT)\n{LINK}$(NAMES:%=-l%)\n",
    "two words": f"all: tally$(EXT)\n{LINK}-Xlinker -l{NAME} -l {NAME}\n",
    "path": f"all: tally$(EXT)\n{LINK}$(LIBDIR)/lib{NAME}.so\n",
    "continued": f"PY = \\\n\t-lm \\\n\t-l{NAME}\nall: tally$(EXT)\n{LINK}\\\n\t$(PY)\n",
    "loop": "all: tally.o eggs.o\n\tfor m in tally eggs; do \\\n\t  "
    f"$(CC) -shared -o $$m$(EXT) $$m.o -L$(LIBDIR) \\\n\t    -l{NAME}; \\\n\tdone\n",
    "strict": f"LDFLAGS = -Wl,-z,defs\nall: tally$(EXT) prog\n{LINK}$(LDFLAGS) -l{NAME}\n"
    f"prog: prog.o\n\t$(CC) $(LDFLAGS) -o $@ $^ -L$(LIBDIR) -l{NAME}\n",
}

CONFIGURE = f"""
AC_INIT([tally], [1])
AC_CONFIG_MACRO_DIR([m4])
AM_INIT_AUTOMAKE([foreign subdir-objects])
LT_INIT([disable-static])
AC_PROG_CC
AM_PATH_PYTHON([3.8])
PYTHON_CPPFLAGS="-I{sysconfig.get_path("include")}"
AC_SUBST([PYTHON_CPPFLAGS])
AC_SUBST([PYTHON_LIBS], ["-L{LIBRARY.parent} -l{NAME}"])
AM_CONDITIONAL([HOST_WIN32], [test "$host_os" = mingw32])
AC_CONFIG_FILES([Makefile {{}}])
AC_OUTPUT
"""
#: ``Makefile.am`` of the folders of one project, behind the module's sources.
FOLDERS = {
    "added": "tally_la_LDFLAGS = -module -avoid-version\ntally_la_LIBADD = $(PYTHON_LIBS)\n",
    "flags": "tally_la_LDFLAGS = -module -avoid-version -no-undefined $(PYTHON_LIBS)\n",
    "general": "AM_LDFLAGS = -module -avoid-version $(PYTHON_LIBS)\nLIBS = $(PYTHON_LIBS)\n",
    "strict": "AM_LDFLAGS = -Wl,--no-undefined\ntally_la_LDFLAGS = $(AM_LDFLAGS) -module"
    " -avoid-version\ntally_la_LIBADD = $(PYTHON_LIBS)\n",
    "branches": "tally_la_LDFLAGS = -module -avoid-version\nif HOST_WIN32\ntally_la_LDFLAGS += "
    "-no-undefined\ntally_la_LIBADD = $(PYTHON_LIBS)\nelse\ntally_la_LIBADD = -lm "
    "$(PYTHON_LIBS)\nendif\n",
    "program": "tally_la_LDFLAGS = -module -avoid-version\nMOD_LIBS = $(PYTHON_LIBS)\n"
    "tally_la_LIBADD = $(MOD_LIBS)\nnoinst_PROGRAMS = prog\nprog_SOURCES = prog.c\n"
    "prog_LDADD = $(PYTHON_LIBS)\n",
}
MODULE = """
AM_CPPFLAGS = $(PYTHON_CPPFLAGS)
pyexec_LTLIBRARIES = tally.la
tally_la_SOURCES = tally.c
"""


def _run(folder: Path, *command: str) -> str:
    names = ("LD", "CFLAGS", "PYTHON", "MAKE")
    environment = {each: os.environ[each] for each in os.environ if not each.startswith(names)}
    environment["PATH"] = f"{sysconfig.get_config_var('BINDIR')}{os.pathsep}{os.environ['PATH']}"
    environment["LD_LIBRARY_PATH"] = str(LIBRARY.parent)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def _fix(folder: Path, *files: str) -> None:
    command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", "--unsafe-fixes"]
    _run(folder, *command, *files)


def _assert_works(folder: Path, modules: Path, *, is_linked: bool) -> None:
    """Assert that modules, and the program if there is one, work with and without libpython."""
    for module in modules.glob("*.so"):
        name = module.name.partition(".")[0]
        assert bool(needed(modules, module.name)) is is_linked, module
        for each in interpreters() if not is_linked else ():
            if each.version == sys.version_info[:2]:
                code = f"import {name}; print({name}.sum(40, 2))"
                assert each("-c", code, PYTHONPATH=str(modules)).stdout == "42\n", each
    if (folder / "prog").exists():
        assert _run(folder, "./prog") == "42\n"


@pytest.mark.skipif(not shutil.which("make") or not shutil.which("gcc"), reason="no make or gcc")
@pytest.mark.parametrize("makefile", MAKEFILES.values(), ids=MAKEFILES)
def test_a_module_of_make_works_without_libpython(makefile: str, tmp_path: Path) -> None:
    for name, text in {**SOURCES, "Makefile": HEAD + makefile}.items():
        (tmp_path / name).write_text(text)
    _run(tmp_path, "make")
    _assert_works(tmp_path, tmp_path, is_linked=True)
    _fix(tmp_path, "Makefile")
    _run(tmp_path, "make", "-B")
    _assert_works(tmp_path, tmp_path, is_linked=False)


@pytest.mark.skipif(not all(map(shutil.which, ("autoreconf", "libtoolize"))), reason="no libtool")
def test_modules_of_automake_work_without_libpython(tmp_path: Path) -> None:
    made = " ".join(f"{folder}/Makefile" for folder in FOLDERS)
    files = {"configure.ac": CONFIGURE.format(made).lstrip("\n")}
    files["Makefile.am"] = f"ACLOCAL_AMFLAGS = -I m4\nSUBDIRS = {' '.join(FOLDERS)}\n"
    for folder, text in FOLDERS.items():
        (tmp_path / folder).mkdir()
        files |= {f"{folder}/{name}": source for name, source in SOURCES.items()}
        files[f"{folder}/Makefile.am"] = MODULE.lstrip("\n") + text
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "m4").mkdir()
    _run(tmp_path, "autoreconf", "-fi")
    _run(tmp_path, "./configure", "--quiet", f"PYTHON={sys.executable}")
    _run(tmp_path, "make")
    for folder in FOLDERS:
        _assert_works(tmp_path / folder, tmp_path / folder / ".libs", is_linked=True)
    _fix(tmp_path, *(f"{folder}/Makefile.am" for folder in FOLDERS))
    # Automake's own rules make the makefiles anew.
    for folder in FOLDERS:
        (tmp_path / folder / "tally.la").unlink()
    _run(tmp_path, "make")
    for folder in FOLDERS:
        _assert_works(tmp_path / folder, tmp_path / folder / ".libs", is_linked=False)
