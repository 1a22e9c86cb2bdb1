"""Makefiles: what variables, functions and conditions leave of the library's name."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.model.finding import Finding
from tests.buildsystems.rewriting import fixed, found, reported

NAME = "Makefile"
RULE = "m.abi3.so: m.o\n\tcc -shared $< $(L) -o $@\n"

#: What ``L`` is, what is marked, and what is left of it.
LINKED = {
    "$(or ,-lpython3.11)": ("-lpython3.11", "$(or ,)"),
    "$(and -lz,-lpython3.11)": ("-lpython3.11", "$(and -lz,)"),
    "$(if x,-lpython3.11)": ("-lpython3.11", "$(if x,)"),
    "$(subst z,y,-lz -lpython3.11)": ("-lpython3.11", "$(subst z,y,-lz)"),
    "$(subst ,y,-lz -lpython3.11)": ("-lpython3.11", "$(subst ,y,-lz)"),
    "$(notdir /usr/lib/libpython3.11.so)": ("/usr/lib/libpython3.11.so", "$(notdir)"),
    "$(wildcard /usr/lib/libpython3.*.so)": ("/usr/lib/libpython3.*.so", "$(wildcard)"),
    "$(wildcard a/libz*.so b/libpython3*.so)": ("b/libpython3*.so", "$(wildcard a/libz*.so)"),
    "$(firstword $(wildcard b/libpython3*.so))": ("b/libpython3*.so", "$(firstword $(wildcard))"),
    "$(abspath libpython3.11.so)": ("libpython3.11.so", "$(abspath)"),
    "$(patsubst %,-l%,z python3.11)": ("python3.11", "$(patsubst %,-l%,z)"),
    "$(patsubst z,y,z -lpython3.11)": ("-lpython3.11", "$(patsubst z,y,z)"),
    "$(patsubst x%,-l%,z -lpython3.11)": ("-lpython3.11", "$(patsubst x%,-l%,z)"),
    "$(filter -lpython%,-lz -lpython3.11)": ("-lpython3.11", "$(filter -lpython%,-lz)"),
    "$(filter-out -lm,-lm -lpython3.11)": ("-lpython3.11", "$(filter-out -lm,-lm)"),
    "$(filter-out $(X),-lz -lpython3.11)": ("-lpython3.11", "$(filter-out $(X),-lz)"),
    "$(sort -lz -lpython3.11)": ("-lpython3.11", "$(sort -lz)"),
    "$(strip -lz  -lpython3.11 )": ("-lpython3.11", "$(strip -lz )"),
    "$(firstword -lpython3.11 -lz)": ("-lpython3.11", "$(firstword -lz)"),
    "$(shell echo -lz -lpython3.11)": ("-lpython3.11", "$(shell echo -lz)"),
    "$(foreach l,z,-l$(l) -lpython3.11)": ("-lpython3.11", "$(foreach l,z,-l$(l))"),
    "$(foreach v,3.10 3.11,-lpython$(v))": ("-lpython$(v)", "$(foreach v,3.10 3.11,)"),
}


@pytest.mark.parametrize(("value", "parts"), LINKED.items(), ids=LINKED)
def test_a_function_gives_the_library(value: str, parts: tuple[str, str]) -> None:
    text = f"L = {value}\n{RULE}"
    assert reported(text, NAME) == [("NLP201", parts[0])]
    assert fixed(text, NAME) == f"L = {parts[1]}\n{RULE}"


@pytest.mark.parametrize(
    "value",
    [
        *("$(or -lz,-lpython3.11)", "$(and ,-lpython3.11)", "$(if ,-lpython3.11,-lz)"),
        *("$(filter-out -lpython%,-lz -lpython3.11)", "$(filter -lz,-lpython3.11)"),
        *("$(findstring python,-lpython3.11)", "$(findstring $(X),-lpython3.11)"),
        *("$(unknown -lpython3.11)", "$(subst python3.11)", "$(value -lpython3.11)"),
        *("$$-lpython3.11", "$(-lpython3.11", "-lpython3.11$", "# -lpython3.11"),
        "$(shell echo -lpython3.11 | sed s/python/x/)",
        *("$(wildcard /usr/lib/libz*.so)", "$(if $(wildcard /usr/lib/libpython3*.so),-lm)"),
        *("-L$(dir $(wildcard /usr/lib/libpython3*.so))", "$(wildcard /usr/lib/python3*/*.o)"),
    ],
)
def test_a_function_gives_something_else(value: str) -> None:
    assert reported(f"L = {value}\n{RULE}", NAME) == []


#: Lines ahead of the rule; is the library linked in the end?
ASSIGNED = {
    "L ?= -lpython3.11": True,
    "L = -lz\nL ?= -lpython3.11": False,
    "L ::= -lpython3.11": True,
    "L := -lz\nL += -lpython3.11": True,
    "L = -lpython3.11\nL = -lz": False,
    "L != echo -lpython3.11": True,
    "override L = -lpython3.11": True,
    "export L\nL = -lpython3.11": True,
    "L = -lpython3.11\nundefine L": False,
    "define L\n-lz -lpython3.11\nendef": True,
    "define L =\n-lpython3.11\nendef": True,
    "define O\ndefine L\n-lpython3.11\nendef\nendef": False,
    "ifdef WITH_X\ndefine L\n-lpython3.11\nendef\nendif": True,
    "ifeq ($(OS),Windows_NT)\ndefine L\n-lpython3.11\nendef\nendif": False,
    "m.abi3.so: L += -lpython3.11": True,
    "L = -lz\nm.abi3.so: L += -lpython3.11": True,
    "m%.so: L := -lpython3.11": True,
    "x%: L = -lpython3.11": False,
    ".PHONY: all\nL = -lpython3.11": True,
    "L = -l$(P)\nP = python3.11": True,
    "A = libpython3.11.a\nL = $(A:.a=.so)": True,
    "A = libpython3.11.a\nL = $(A:libpython3.11.a=)": False,
    "L = $(L) -lpython3.11": True,  # make refuses it
    # Conditions.
    "ifdef X\nL = -lpython3.11\nendif": True,
    "X = 1\nifdef X\nL = -lpython3.11\nendif": True,
    "X =\nifdef X\nL = -lpython3.11\nendif": False,
    "X = 1\nifndef X\nL = -lpython3.11\nendif": False,
    'X = a\nifeq "$(X)" "a"\nL = -lpython3.11\nendif': True,
    "ifeq 'a' 'b'\nL = -lpython3.11\nendif": False,
    'ifeq "a"\nL = -lpython3.11\nendif': True,  # make refuses it
    "ifneq ($(findstring Linux,$(shell uname)),)\nL = -lpython3.11\nendif": True,
    "ifneq ($(findstring MINGW,$(shell uname)),)\nL = -lpython3.11\nendif": False,
    "ifeq ($(filter Linux Darwin,$(shell uname -s)),)\nL = -lpython3.11\nendif": False,
    "ifeq ($(shell uname -m),x86_64)\nL = -lpython3.11\nendif": True,
    "ifneq ($(filter $(X),Linux),)\nL = -lpython3.11\nendif": True,
}


@pytest.mark.parametrize(("lines", "linked"), ASSIGNED.items(), ids=ASSIGNED)
def test_what_a_variable_holds_in_the_end_is_linked(lines: str, linked: bool) -> None:
    assert [code for code, _ in reported(f"{lines}\n{RULE}", NAME)] == ["NLP201"] * linked


#: Texts that come to several libraries where they stand once.
SHARED = [
    "L = $(foreach l,z python3.11,-l$(l))\n",
    "P = python3.11\nL = $(foreach l,z $(P),-l$(l))\n",
    "f = -l$(1)\nL = $(call f,z) $(call f,python3.11)\n",
]


@pytest.mark.parametrize("lines", SHARED)
def test_what_is_another_library_as_well_stays(lines: str) -> None:
    text = lines + RULE
    (finding,) = found(text, NAME)
    assert reason(finding) == "it may be another library as well"
    assert fixed(text, NAME) == text


def reason(finding: Finding) -> str:
    """Return why nothing is fixed."""
    assert finding.fix is None
    return finding.no_fix_reason
