"""Links of modules that libtool makes: what goes, what moves under a condition, what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import fixed, found

DEVEL = "AX_PYTHON_DEVEL\n"
WINDOWS = DEVEL + "AM_CONDITIONAL([OS_WIN32], [test x$win = xyes])\n"
BOTH = "AM_CONDITIONAL(CYGWIN, false)\n" + WINDOWS
MODULE = "pyexec_LTLIBRARIES = x.la\nx_la_SOURCES = x.c\n"

#: What configure.ac says, the Makefile.am behind its module, and what the fix makes of it.
CASES: dict[str, tuple[str, str, str]] = {
    "libtool needs it nowhere": (
        WINDOWS,
        "x_la_LDFLAGS = -module\nx_la_LIBADD = a.la $(PYTHON_LIBS) -lm\n",
        "x_la_LDFLAGS = -module\nx_la_LIBADD = a.la -lm\n",
    ),
    "no condition is known": (
        DEVEL,
        "x_la_LDFLAGS = -module -no-undefined\nx_la_LIBADD = a.la $(PYTHON_LIBS)\n",
        "x_la_LDFLAGS = -module\nx_la_LIBADD = a.la\n",
    ),
    "Windows needs both": (
        WINDOWS,
        "x_la_LDFLAGS = -module -no-undefined\nx_la_LIBADD = a.la $(PYTHON_LIBS)\nEND = 1\n",
        (
            "x_la_LDFLAGS = -module\nx_la_LIBADD = a.la\nif OS_WIN32\nx_la_LIBADD += $(PYTHON_LIBS)\n"
            "x_la_LDFLAGS += -no-undefined\nendif\nEND = 1\n"
        ),
    ),
    "both in one assignment, continued": (
        WINDOWS,
        "x_la_LDFLAGS = \\\n\t-module \\\n\t$(PYTHON_LIBS) \\\n\t-no-undefined\n\nx_la_LIBADD = a.la\n",
        (
            "x_la_LDFLAGS = \\\n\t-module\nif OS_WIN32\nx_la_LDFLAGS += $(PYTHON_LIBS) -no-undefined\n"
            "endif\n\nx_la_LIBADD = a.la\n"
        ),
    ),
    "an assignment that is left empty": (
        WINDOWS,
        "x_la_LDFLAGS = -no-undefined\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        (
            "x_la_LDFLAGS =\nx_la_LIBADD =\nif OS_WIN32\nx_la_LIBADD += $(PYTHON_LIBS)\n"
            "x_la_LDFLAGS += -no-undefined\nendif\n"
        ),
    ),
    "a file without a last line end": (
        WINDOWS,
        "x_la_LIBADD = $(PYTHON_LIBS)\nx_la_LDFLAGS = -no-undefined -module",
        (
            "x_la_LIBADD =\nx_la_LDFLAGS = -module\nif OS_WIN32\nx_la_LIBADD += $(PYTHON_LIBS)\n"
            "x_la_LDFLAGS += -no-undefined\nendif\n"
        ),
    ),
    "two conditions": (
        BOTH,
        "x_la_LDFLAGS = -no-undefined $(PYTHON_LIBS)\n",
        (
            "x_la_LDFLAGS =\nif OS_WIN32\nx_la_LDFLAGS += $(PYTHON_LIBS) -no-undefined\nelse\nif CYGWIN\n"
            "x_la_LDFLAGS += $(PYTHON_LIBS) -no-undefined\nendif\nendif\n"
        ),
    ),
    "one of two conditions is excluded": (
        BOTH,
        "if !CYGWIN\nx_la_LDFLAGS = -no-undefined $(PYTHON_LIBS)\nendif\n",
        (
            "if !CYGWIN\nx_la_LDFLAGS =\nif OS_WIN32\n"
            "x_la_LDFLAGS += $(PYTHON_LIBS) -no-undefined\nendif\nendif\n"
        ),
    ),
    "the file excludes Windows itself": (
        WINDOWS,
        (
            "x_la_LDFLAGS = -no-undefined\nif OS_WIN32\nx_la_LIBADD = -lws2_32 $(PYTHON_LIBS)\nelse\n"
            "x_la_LIBADD = -lm $(PYTHON_LIBS)\nendif\n"
        ),
        (
            "x_la_LDFLAGS =\nif OS_WIN32\nx_la_LDFLAGS += -no-undefined\nendif\n"
            "if OS_WIN32\nx_la_LIBADD = -lws2_32 $(PYTHON_LIBS)\nelse\nx_la_LIBADD = -lm\nendif\n"
        ),
    ),
    "the file excludes Windows, and the flag is for macOS as well": (
        WINDOWS,
        (
            "if OS_WIN32\nx_la_LIBADD = -lws2_32\nelse\nx_la_LDFLAGS = -no-undefined\n"
            "x_la_LIBADD = -lm -lpython3.11\nendif\n"
        ),
        ("if OS_WIN32\nx_la_LIBADD = -lws2_32\nelse\nx_la_LDFLAGS =\nx_la_LIBADD = -lm\nendif\n"),
    ),
    "a flag that libraries share stays": (
        WINDOWS,
        "AM_LDFLAGS = -no-undefined\nlib_LTLIBRARIES = liby.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        (
            "AM_LDFLAGS = -no-undefined\nlib_LTLIBRARIES = liby.la\nx_la_LIBADD =\nif OS_WIN32\n"
            "x_la_LIBADD += $(PYTHON_LIBS)\nendif\n"
        ),
    ),
    "a list of the file's own": (
        WINDOWS,
        "PY = $(PYTHON_LIBS) -lm\nx_la_LDFLAGS = -no-undefined\nx_la_LIBADD = $(PY)\n",
        (
            "PY = -lm\nx_la_LDFLAGS =\nif OS_WIN32\nPY += $(PYTHON_LIBS)\nx_la_LDFLAGS += -no-undefined\n"
            "endif\nx_la_LIBADD = $(PY)\n"
        ),
    ),
    "a library by its name": (
        WINDOWS,
        "x_la_LDFLAGS = -no-undefined\nx_la_LIBADD = -lpython3.11\n",
        (
            "x_la_LDFLAGS =\nx_la_LIBADD =\nif OS_WIN32\nx_la_LIBADD += -lpython3.11\n"
            "x_la_LDFLAGS += -no-undefined\nendif\n"
        ),
    ),
    "two references of one module": (
        WINDOWS,
        "x_la_LDFLAGS = -no-undefined $(PYTHON_LIBS)\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        (
            "x_la_LDFLAGS =\nif OS_WIN32\nx_la_LDFLAGS += $(PYTHON_LIBS) -no-undefined\nendif\n"
            "x_la_LIBADD =\n"
        ),
    ),
    "inside a condition of another kind": (
        WINDOWS + "AM_CONDITIONAL(WITH_PY, true)\n",
        "if WITH_PY\nx_la_LDFLAGS = -no-undefined\nx_la_LIBADD = $(PYTHON_LIBS)\nendif\n",
        (
            "if WITH_PY\nx_la_LDFLAGS =\nx_la_LIBADD =\nif OS_WIN32\nx_la_LIBADD += $(PYTHON_LIBS)\n"
            "x_la_LDFLAGS += -no-undefined\nendif\nendif\n"
        ),
    ),
}
#: A condition that says by its name where it holds, and one that does not.
CONDITIONS = {
    **dict.fromkeys(("WIN32", "OS_WIN32", "PLATFORM_WINDOWS", "MINGW32", "HOST_CYGWIN"), True),
    **dict.fromkeys(("WITH_WINDOW", "RC_IS_WINDRES", "NOT_WIN32", "DARWIN", "HAVE_WINE"), False),
}


def project(tmp_path: Path, configure: str, makefile: str, name: str = "Makefile.am") -> str:
    """Write a project of two files; return the path of its makefile."""
    (tmp_path / "configure.ac").write_text(configure)
    (tmp_path / name).write_text(makefile)
    return str(tmp_path / name)


@pytest.mark.parametrize(("configure", "before", "after"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("name", ["Makefile.am", "common.mk"])
def test_the_link_of_a_module_of_libtool(
    tmp_path: Path, configure: str, before: str, after: str, name: str
) -> None:
    path = project(tmp_path, configure, MODULE + before, name)
    assert fixed(MODULE + before, path) == MODULE + after
    by_name = "-lpython3.11" in before and "-no-undefined" not in before
    assert by_name or fixed(MODULE + before, path, unsafe=False) == MODULE + before


@pytest.mark.parametrize(("name", "holds"), CONDITIONS.items())
def test_a_condition_is_known_by_its_name(tmp_path: Path, name: str, holds: bool) -> None:
    text = MODULE + "x_la_LDFLAGS = -no-undefined $(PYTHON_LIBS)\n"
    path = project(tmp_path, DEVEL + f"AM_CONDITIONAL({name}, true)\n", text)
    assert (f"if {name}\n" in fixed(text, path)) is holds


def test_line_ends_stay(tmp_path: Path) -> None:
    text = (MODULE + "x_la_LDFLAGS = -no-undefined $(PYTHON_LIBS)\n").replace("\n", "\r\n")
    path = project(tmp_path, WINDOWS, text)
    assert fixed(text, path).count("\r\n") == fixed(text, path).count("\n") > 3


@pytest.mark.parametrize(
    ("configure", "libs"),
    [
        ('AX_PYTHON_DEVEL\nMOD_LIBS="$PYTHON_LIBS $BOOST_LIBS"\n', "$(MOD_LIBS)"),
        ('AX_PYTHON_DEVEL\n[MOD_LIBS="${PYTHON_LIBS} -lboost_python3"]\n', "$(MOD_LIBS)"),
        ("PKG_CHECK_MODULES(DEPS, [python3-embed >= 3.8 glib-2.0])\n", "$(DEPS_LIBS)"),
        ('AX_PYTHON_DEVEL\nPYTHON_LIBS="$PYTHON_LIBS $ZLIB_LIBS"\n', "@PYTHON_LIBS@"),
    ],
)
def test_what_else_configure_puts_there_is_not_lost(
    tmp_path: Path, configure: str, libs: str
) -> None:
    text = MODULE + f"x_la_LIBADD = {libs}\n"
    path = project(tmp_path, configure, text)
    (finding,) = found(text, path)
    assert finding.fix is None
    assert "configure may set it to other libraries" in finding.no_fix_reason
    assert "where `configure.ac` sets it" in finding.no_fix_reason
    assert api.fix_bytes(text.encode(), path, unsafe=True).data == text.encode()


@pytest.mark.parametrize(
    ("before", "is_known"),
    [
        ("LT_INIT([win32-dll])\n", True),
        ("AM_CONDITIONAL([HOST_WIN32], [test x$host = xmingw32])\n", True),
        ("case $host in\n*mingw*)\n  ", False),
        ("case $host in *mingw* | *cygwin*) ", False),
        ("case $host in\n*mingw*) X=1 ;;\nesac\n", True),
    ],
)
def test_a_variable_is_known_that_configure_sets_behind_windows_names(
    tmp_path: Path, before: str, is_known: bool
) -> None:
    text = MODULE + "x_la_LIBADD = @MOD_LIBS@\n"
    path = project(tmp_path, f'{before}MOD_LIBS="-lpython3.11"\n', text)
    assert bool(found(text, path)) is is_known


@pytest.mark.parametrize("flag", ["-Wl,--no-undefined", "-Wl,-z,defs", "-Wl,-no-undefined"])
@pytest.mark.parametrize("variable", ["x_la_LDFLAGS", "AM_LDFLAGS"])
def test_a_strict_flag_goes_with_the_link(tmp_path: Path, flag: str, variable: str) -> None:
    text = MODULE + f"{variable} = {flag}\nx_la_LIBADD = $(PYTHON_LIBS)\n"
    path = project(tmp_path, WINDOWS, text)
    assert api.fix_bytes(text.encode(), path, unsafe=False).data == text.encode()
    fixed = api.fix_bytes(text.encode(), path, unsafe=True).data.decode()
    assert fixed == MODULE + f"{variable} =\nx_la_LIBADD =\n"


@pytest.mark.parametrize("flag", ["-Wl,--no-undefined", "-Wl,-z,defs"])
@pytest.mark.parametrize("line", ['LDFLAGS="$LDFLAGS {}"', "AC_SUBST([STRICT], [{}])"])
def test_a_strict_flag_of_configure_stays(tmp_path: Path, flag: str, line: str) -> None:
    text = MODULE + "x_la_LDFLAGS = $(STRICT)\nx_la_LIBADD = -lpython3.11\n"
    path = project(tmp_path, f"{WINDOWS}{line.format(flag)}\n", text)
    (finding,) = found(text, path)
    assert finding.fix is None
    assert "forbids undefined symbols" in finding.no_fix_reason
    path = project(tmp_path, f"{WINDOWS}LDFLAGS=-no-undefined\n", text)
    assert found(text, path)[0].fix is not None


def test_a_module_that_a_program_links_keeps_libpython(tmp_path: Path) -> None:
    module = MODULE + "x_la_LIBADD = -lpython3.11\n"
    program = module + "bin_PROGRAMS = p\np_SOURCES = p.c\np_LDADD = x.la\n"
    (finding,) = found(program, project(tmp_path, DEVEL, program))
    assert finding.fix is None
    assert "links the module" in finding.no_fix_reason
    other = module + "pyexec_LTLIBRARIES += y.la\ny_la_SOURCES = y.c\ny_la_LIBADD = x.la\n"
    (finding,) = found(other, project(tmp_path, DEVEL, other))
    assert finding.fix is not None


@pytest.mark.parametrize(
    ("line", "is_linked"),
    [
        ("p_LDADD = ../py/x.la", True),
        ("p_LDADD = $(top_builddir)/py/x.la -lm", True),
        ("p_LDADD = ../py/libx.la ../py/x.lai", False),
        ("p_LDADD = x.la", False),
    ],
)
def test_a_module_that_a_program_of_another_folder_links(
    tmp_path: Path, line: str, is_linked: bool
) -> None:
    makefiles = "AC_CONFIG_FILES([Makefile src/Makefile\n py/Makefile])\n"
    (tmp_path / "configure.ac").write_text(DEVEL + makefiles)
    for name in ("src", "py"):
        (tmp_path / name).mkdir()
    (tmp_path / "src" / "Makefile.am").write_text(f"bin_PROGRAMS = p\n{line}\n")
    text = MODULE + "x_la_LIBADD = -lpython3.11\n"
    path = tmp_path / "py" / "Makefile.am"
    path.write_text(text)
    (finding,) = found(text, str(path))
    assert (finding.fix is None) is is_linked
    assert ("links the module" in finding.no_fix_reason) is is_linked


RECIPE = """\
PYTHON_LIBS = @PYTHON_LIBS@
wrap.c: x.i
\t$(swig) -python -o $@ x.i
_x.la: x_wrapper.lo
\t$(LIBTOOL) --tag=CC --mode=link $(CC) -module{flag} -o $@ x_wrapper.lo -rpath $(site){libs}
"""


@pytest.mark.parametrize("flag", ["", " -no-undefined"])
def test_a_recipe_of_one_s_own_runs_libtool(tmp_path: Path, flag: str) -> None:
    text = RECIPE.format(flag=flag, libs=" $(PYTHON_LIBS)")
    path = project(tmp_path, DEVEL, text, "Makefile.in")
    assert fixed(text, path) == RECIPE.format(flag="", libs="")
    (finding,) = found(text, path)
    assert finding.fix is not None
    assert ("on Windows and Cygwin" in " ".join(finding.fix.caveats)) is bool(flag)
