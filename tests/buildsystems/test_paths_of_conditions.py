"""How the conditions of one makefile or script are combined: no pair missed, none that contradicts."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

MAKE = (
    "mod.cpython-311-x86_64-linux-gnu.so: mod.o\n\tgcc -shared -o $@ mod.o $(LIBS)\n",
    "LIBS += -lpython3.11\n",
)
LINK = "gcc -shared -o mod.cpython-311-x86_64-linux-gnu.so mod.o $LIBS\n"


def finds(text: str, name: str) -> bool:
    """Return whether a link is found; nothing else may be."""
    codes = [one.code for one in api.check_bytes(text.encode(), name)]
    assert set(codes) <= {"NLP201"}
    return bool(codes)


def makefile(with_library: tuple[str, str], with_module: tuple[str, str], between: str = "") -> str:
    """Return a makefile with a library and a module, each between two lines."""
    module, library = MAKE
    one, other = with_library, with_module
    return f"{one[0]}\n{library}{one[1]}\n{between}{other[0]}\n{module}{other[1]}\n"


@pytest.mark.parametrize(
    ("library", "module", "found"),
    [
        (("ifdef A", "endif"), ("ifdef B", "endif"), True),
        (("ifdef A", "endif"), ("ifdef B\nelse", "endif"), True),
        (("ifdef A\nelse", "endif"), ("ifdef B", "endif"), True),
        (("ifdef A", "else\nLIBS =\nendif"), ("ifdef B\nX = 1\nelse", "endif"), True),
        (("ifeq ($(A),1)\nX=\nelse ifeq ($(A),2)", "endif"), ("ifdef B", "endif"), True),
        (("ifdef A", "endif"), ("ifndef A", "endif"), False),
        (("ifdef A\nelse", "endif"), ("ifdef A", "endif"), False),
        (("ifdef A", "endif"), ("ifdef A\nelse", "endif"), False),
        (("ifdef A", "endif"), ("ifdef A", "endif"), True),
        (("ifeq ($(A),yes)", "endif"), ("ifneq ($(A),yes)", "endif"), False),
        (("ifeq ($(A),yes)", "endif"), ("ifneq (yes,$(A))", "endif"), False),
        (('ifeq "$(A)" "yes"', "endif"), ("ifneq ($(A),yes)", "endif"), False),
        (("ifeq ($(A),yes)", "endif"), ("ifeq ($(A),no)", "endif"), False),
        (("ifneq ($(A),yes)", "endif"), ("ifneq ($(A),no)", "endif"), True),
        (("ifneq ($(A),yes)", "endif"), ("ifeq ($(A),no)", "endif"), True),
        (("ifeq ($(A),yes)", "endif"), ("ifeq ($(B),no)", "endif"), True),
        (("ifeq ($(A),1)\nX=\nelse ifeq ($(A),2)", "endif"), ("ifeq ($(A),1)", "endif"), False),
        (("ifeq ($(A),1)\nX=\nelse ifeq ($(A),2)", "endif"), ("ifeq ($(A),2)", "endif"), True),
        (("ifeq ($(A),1)\nX=\nelse", "endif"), ("ifeq ($(A),9)", "endif"), True),
    ],
)
def test_two_conditions_of_make(
    library: tuple[str, str], module: tuple[str, str], found: bool
) -> None:
    assert finds(makefile(library, module), "Makefile") is found


def test_a_variable_that_is_assigned_again_may_have_another_value() -> None:
    library, module = ("ifeq ($(A),yes)", "endif"), ("ifneq ($(A),yes)", "endif")
    assert finds(makefile(library, module, "A := $(shell cat answer)\n"), "Makefile")


def test_each_two_of_many_conditions_are_combined() -> None:
    """Of nine conditions, two decide, and in each place one is taken and the other is not."""
    others = [f"ifdef C{number}\nLINK += -l{number}\nendif\n" for number in range(7)]
    for first in range(0, 8, 3):
        for second in range(first, 8, 2):
            parts = list(others)
            parts.insert(second, f"ifdef B\nelse\n{MAKE[0]}endif\n")
            parts.insert(first, f"ifdef A\n{MAKE[1]}endif\n")
            assert finds("".join(parts), "Makefile")


@pytest.mark.parametrize(
    ("library", "module", "found"),
    [
        ('if [ "$A" = yes ]; then', 'if [ "$B" = yes ]; then :; else', True),
        ('if [ "$A" = yes ]; then :; else', 'if [ "$B" = yes ]; then', True),
        ('if [ "$A" = yes ]; then', 'if [ "$A" != yes ]; then', False),
        ('if [ "$A" = yes ]; then', "if ! test x${A} = xyes; then", False),
        ('if [ "$A" = yes ]; then', 'if [[ $A == "no" ]]; then', False),
        ('if [ -n "$A" ]; then', 'if [ -z "$A" ]; then', False),
        ('if [ -n "$A" ]; then', 'if [ "$A" = "" ]; then', False),
        ('if [ "$A" = yes ]; then', 'A=$(cat answer)\nif [ "$A" != yes ]; then', True),
        ('if [ "$A" = yes ]; then', 'read A\nif [ "$A" != yes ]; then', True),
        ('if [ "$A" = yes ]; then', '. ./settings\nif [ "$A" != yes ]; then', True),
        ('if [ "$A" = yes ]; then', 'if [ "$A" != yes ] || [ "$B" = 1 ]; then', True),
        ('if [ "$1" = yes ]; then', 'shift\nif [ "$1" != yes ]; then', True),
        ("if [ -f /a ]; then", "touch /a\nif [ ! -f /a ]; then", True),
        ('if [ "$A" = yes ]; then', 'if [ "$A" != "$B" ]; then', True),
    ],
)
def test_two_conditions_of_the_shell(library: str, module: str, found: bool) -> None:
    text = f"#!/bin/sh\n{library}\nLIBS=-lpython3.11\nfi\n{module}\n{LINK}fi\n"
    assert finds(text, "build.sh") is found


@pytest.mark.parametrize(
    ("library", "module", "found"),
    [("a", "b", False), ("a", "a", True), ("a", "*", True), ("a*", "b", True), ("a|b", "b", True)],
)
def test_two_cases_of_the_shell(library: str, module: str, found: bool) -> None:
    cases = (f'case "$A" in {one}) {{}};; esac' for one in (library, module))
    text = "#!/bin/sh\n{}\n{}\n".format(*cases).format("LIBS=-lpython3.11", LINK.strip())
    assert finds(text, "build.sh") is found


@pytest.mark.parametrize(("one", "other", "found"), [("A", "B", True), ("A", "!A", False)])
def test_two_conditions_of_automake(one: str, other: str, found: bool) -> None:
    text = (
        "pyexecdir = $(libdir)\npyexec_LTLIBRARIES = mod.la\nmod_la_LDFLAGS = -module\n"
        f"FOUND =\nif {one}\nFOUND += -lpython3.11\nendif\nif {other}\nmod_la_LIBADD = $(FOUND)\nendif\n"
    )
    assert finds(text, "Makefile.am") is found
