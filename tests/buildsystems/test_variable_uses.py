"""Who else reads what a makefile links modules with: conditions, other makefiles, other commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.model.finding import Applicability, Finding
from tests.buildsystems.rewriting import found

EXT = "EXT := $(shell python3-config --extension-suffix)\n"
MODULE = "_spam$(EXT): spam.o\n\t$(CC) -shared -o $@ $< $(LIBS)\n"
LIBS = "LIBS = -lpython3.11 -lm\n"
PLAIN = EXT + LIBS + MODULE

#: Lines of a makefile that read the variable, and what the fix says of them.
TOLD = {
    "a condition": ("ifeq ($(LIBS),)\n$(error no LIBS)\nendif\n", "condition of the makefile"),
    "ifdef": ("ifdef LIBS\nall: _spam$(EXT)\nendif\n", "condition of the makefile"),
    "else ifneq": (
        'ifdef X\nelse ifneq "$(LIBS)" ""\nall: x\nendif\n',
        "condition of the makefile",
    ),
    "a function": ("all: $(if $(LIBS),_spam$(EXT))\n", "condition of the makefile"),
    "a variable made of it": ("ALL = $(LIBS)\nifdef ALL\nX = 1\nendif\n", "reads `ALL`"),
    "words by position": ("FIRST = -L. $(firstword $(LIBS))\n", "by position"),
    "eval": (
        (
            "define PROGRAM\nifdef A\n$(1): $(1).o\n\t$$(CC) -o $$@ $$^ $$(LIBS)\nendif\nendef\n"
            "$(eval $(call PROGRAM,prog))\n"
        ),
        "`$(eval)` reads may use `LIBS`",
    ),
    "eval of a line": ("$(foreach p,a b,$(eval $(p)_LIBS = $(LIBS)))\n", "`$(eval)` reads"),
    "flags of every make": ("AM_MAKEFLAGS = LIBS='$(LIBS)'\n", "to other makefiles"),
    "exported to scripts": ("export LIBS\nx:\n\tsh build.sh\n", "is exported to everything"),
    "exported with others": ("export CC LIBS\nx:\n\t./build.sh\n", "is exported to everything"),
    "all exported": ("export\nx:\n\t./build.sh\n", "is exported to everything"),
    "all exported by a target": (
        ".EXPORT_ALL_VARIABLES:\nx:\n\t./b.sh\n",
        "is exported to everything",
    ),
    "a response file": ("x:\n\techo '$(LIBS)' > x.rsp\n", "writes `LIBS` into a text"),
    "a template": ("x.pc: x.in\n\tsed 's,@L@,$(LIBS),' $< > $@\n", "writes `LIBS`"),
    "a pipe": ("x:\n\tprintf '%s' '$(LIBS)' | xargs ld\n", "writes `LIBS`"),
    "a file by make": ("x:\n\t$(file >x.rsp,$(LIBS))\n", "writes `LIBS`"),
    "its text": ("x:\n\tgcc -o $@ main.c $(value LIBS)\n", "reads `LIBS` by its name"),
    "where it is set": ("ifeq ($(origin LIBS),file)\nX = 1\nendif\n", "reads `LIBS` by its name"),
    "parts of its words": ("P = $(LIBS:-l%=%)\nx:\n\ttest -n '$(P)'\n", "parts of the words"),
    "a makefile that is not found": ("include $(TOP)/rules.mk\n", "`$(TOP)/rules.mk` may use"),
}
#: Lines that read other variables, or what compilers write.
NOT_TOLD = {
    "nothing": "",
    "a condition on something else": "ifdef DEBUG\nX = 1\nendif\n",
    "a name that contains it": "ifdef MY_LIBS\nX = 1\nendif\n",
    "dependencies": "-include $(OBJS:.o=.d)\n-include $(DEPS)\ninclude .depend\n",
    "another variable is exported": "export CC\nunexport LIBS\nx:\n\t./build.sh\n",
    "parts of other words": "OBJS = $(SRC:.c=.o)\nx:\n\ttest -f y && touch x\n",
    "a message": "x:\n\t@echo 'linked with $(LIBS)'\n\t@echo $(LIBS) >&2\n",
    "another text": "x:\n\techo '$(CC)' > x.rsp\n",
    "a define without eval": "define HELP\nset LIBS to more\nendef\n",
}
#: Recipes that hand the variable to something else than a module's linker.
OTHER_COMMANDS = {
    "make": "sub:\n\t$(MAKE) -C sub LDFLAGS='$(LIBS)'\n",
    "make by its name": "sub:\n\tmake -C sub LIBS='$(LIBS)'\n",
    "a script's environment": "sub:\n\tLIBS='$(LIBS)' sh build.sh\n",
    "a script's argument": "sub:\n\t./build.sh '$(LIBS)'\n",
    "configure": "sub:\n\tcd sub && ./configure LIBS='$(LIBS)'\n",
    "exported": "export LIBS\nsub:\n\t$(MAKE) -C sub\n",
    "exported where it is set": "export LIBS := $(LIBS)\nsub:\n\t${MAKE} -C sub\n",
    "a test": "sub:\n\tif test -n '$(LIBS)'; then touch $@; fi\n",
}


@pytest.mark.parametrize(("lines", "told"), TOLD.values(), ids=TOLD)
def test_a_fix_tells_who_reads_the_variable(lines: str, told: str) -> None:
    (finding,) = found(PLAIN + lines, "Makefile")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert told in " ".join(finding.fix.caveats)


@pytest.mark.parametrize("lines", NOT_TOLD.values(), ids=NOT_TOLD)
def test_a_fix_tells_nothing_of_other_readers(lines: str) -> None:
    (finding,) = found(PLAIN + lines, "Makefile")
    assert finding.fix is not None
    (of_macos,) = finding.fix.caveats
    assert "macOS" in of_macos


@pytest.mark.parametrize("lines", OTHER_COMMANDS.values(), ids=OTHER_COMMANDS)
def test_what_another_command_gets_is_not_taken_away(lines: str) -> None:
    (finding,) = found(PLAIN + lines, "Makefile")
    assert finding.fix is None
    assert "something that is not an extension module uses it" in finding.no_fix_reason


@pytest.mark.parametrize("command", ["echo '$(LIBS)'", "$(MAKE) -C sub", "sh build.sh $(OTHER)"])
def test_a_command_that_gets_nothing_of_it_stops_no_fix(command: str) -> None:
    (finding,) = found(f"{PLAIN}OTHER = -lm\nsub:\n\t{command}\n", "Makefile")
    assert finding.fix is not None


def test_an_included_makefile_is_read(tmp_path: Path) -> None:
    (tmp_path / "prog.mk").write_text("prog: prog.o\n\t$(CC) -o $@ $^ $(LIBS)\n")
    (tmp_path / "other.mk").write_text("clean:\n\trm -f *.o\n")
    path = str(tmp_path / "Makefile")
    for name, told in (("prog.mk", True), ("other.mk", False)):
        (finding,) = found(f"{PLAIN}include {name}\n", path)
        assert finding.fix is not None
        assert (f"`{name}` uses `LIBS`, too" in finding.fix.caveats) is told


def test_a_makefile_that_includes_a_fragment_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "mk"
    folder.mkdir()
    path = folder / "module.mk"
    path.write_text(PLAIN)
    for text, told in (
        ("include mk/module.mk\nprog: p.o\n\t$(CC) $^ $(LIBS)\n", True),
        ("", False),
    ):
        (tmp_path / "Makefile").write_text(text)
        (finding,) = found(PLAIN, str(path))
        assert finding.fix is not None
        assert ("`Makefile` uses `LIBS`, too" in finding.fix.caveats) is told


#: Rules of a ``Makefile.am``, and whether the module's link is edited.
AUTOMAKE = {
    "no rule": ("", True),
    "a program": ("prog: p.c\n\t$(CC) -o $@ p.c $(PY)\n", False),
    "a script": ("all-local:\n\tPY='$(PY)' sh build.sh\n", False),
    "another make": ("all-local:\n\t$(MAKE) -C sub PY='$(PY)'\n", False),
    "a rule of its own": ("all-local:\n\ttouch stamp\n", True),
}


def _found_in_project(folder: Path, rules: str) -> Finding:
    """Return the one finding in a ``Makefile.am`` with a module and some rules."""
    (folder / "configure.ac").write_text("AX_PYTHON_DEVEL\n")
    module = "pyexec_LTLIBRARIES = x.la\nx_la_SOURCES = x.c\nx_la_LIBADD = $(PY)\n"
    text = f"PY = $(PYTHON_LIBS)\n{module}{rules}"
    (folder / "Makefile.am").write_text(text)
    (finding,) = found(text, str(folder / "Makefile.am"))
    return finding


@pytest.mark.parametrize(("rules", "is_edited"), AUTOMAKE.values(), ids=AUTOMAKE)
def test_rules_of_automake_use_what_configure_finds(
    tmp_path: Path, rules: str, is_edited: bool
) -> None:
    assert (_found_in_project(tmp_path, rules).fix is not None) is is_edited


def test_a_fragment_of_automake_uses_it(tmp_path: Path) -> None:
    (tmp_path / "prog.am").write_text("bin_PROGRAMS = p\np_SOURCES = p.c\np_LDADD = $(PY)\n")
    finding = _found_in_project(tmp_path, "include $(srcdir)/prog.am\n")
    assert finding.fix is not None
    assert "`prog.am` uses `PY`, too" in finding.fix.caveats


RUN = "RUN gcc -shared m.c -o m.abi3.so $L\n"
#: Lines of a Dockerfile, and whether a script that one of its commands starts gets what is deleted.
DOCKERFILES = {
    "ENV": ("ENV L=-lpython3.11\n" + RUN, True),
    "ENV of several": (f'ENV A=1 \\\n    L=-lpython3.11\n{RUN}ENTRYPOINT ["/b.sh"]\n', True),
    "the old form": ("ENV L -lm -lpython3.11\n" + RUN, True),
    "ARG": ("ARG L=-lpython3.11\n" + RUN, True),
    "an image that is built on": (f"ENV L=-lpython3.11\n{RUN}ONBUILD RUN make\n", True),
    "an export": ("RUN export L=-lpython3.11; gcc -shared m.c -o m.abi3.so $L\n", True),
    "a variable of the shell": ("RUN L=-lpython3.11; gcc -shared m.c -o m.abi3.so $L\n", False),
    "an argument": ("ENV L=-lm\nRUN gcc -shared m.c -o m.abi3.so -lpython3.11\n", False),
}


@pytest.mark.parametrize(("lines", "is_read"), DOCKERFILES.values(), ids=DOCKERFILES)
def test_the_environment_of_an_image_reaches_its_scripts(lines: str, is_read: bool) -> None:
    (finding,) = found("FROM debian\n" + lines, "Dockerfile")
    assert finding.fix is not None
    assert (finding.fix.applicability is Applicability.UNSAFE) is is_read
