"""Makefiles: what gets to an extension module's link line, however it is put together."""

from __future__ import annotations

from textwrap import dedent

import pytest

from no_libpython_dlopen.buildsystems.make import lexer as make_lexer
from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found, reported, text_of

EXT = "EXT := $(shell python3-config --extension-suffix)\n"
RULES = "define RULES\n$(1)$(EXT): $(1).o\n\t$$(CC) -shared -o $$@ $$^ $(2)\nendef\n"

#: Text, what is reported, and the text after the fix (``None`` where nothing may change).
FOUND: dict[str, tuple[str, list[tuple[str, str]], str | None]] = {
    "a flag in a recipe": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared $^ -lm -lpython3.12 -o $@\n",
        [("NLP201", "-lpython3.12")],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared $^ -lm -o $@\n",
    ),
    "the idiom of embedders": (
        EXT
        + "L = $(shell python3-config --ldflags --embed 2>/dev/null || python3-config --ldflags)\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP202", "--embed")],
        EXT
        + "L = $(shell python3-config --ldflags 2>/dev/null || python3-config --ldflags)\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "macOS' framework": (
        EXT + "m$(EXT): m.o\n\tcc -bundle -o $@ $< -framework Python -lm\n",
        [("NLP201", "-framework Python")],
        EXT + "m$(EXT): m.o\n\tcc -bundle -o $@ $< -lm\n",
    ),
    "a variable whose name is computed": (
        "V = 3\nL_3 = -lpython3.11\nm.abi3.so: m.c\n\tcc -shared -o $@ $< $(L_$(V))\n",
        [("NLP201", "-lpython3.11")],
        "V = 3\nL_3 =\nm.abi3.so: m.c\n\tcc -shared -o $@ $< $(L_$(V))\n",
    ),
    "a module of a loop, compiled with Python's headers": (
        (
            "_snack.so: snack.c\n\tfor ver in $(PYTHONVERS); do \\\n\t\tPCFLAGS=`$$ver-config --cflags`; \\\n"
            "\t\tPLDFLAGS=`$$ver-config --ldflags --embed || $$ver-config --ldflags`; \\\n"
            "\t\t$(CC) $$PCFLAGS -c -o $$ver/snack.o snack.c; \\\n"
            "\t\t$(CC) --shared $$PLDFLAGS -o $$ver/_snack.so $$ver/snack.o -lnewt; \\\n\tdone\n"
        ),
        [("NLP202", "--embed")],
        (
            "_snack.so: snack.c\n\tfor ver in $(PYTHONVERS); do \\\n\t\tPCFLAGS=`$$ver-config --cflags`; \\\n"
            "\t\tPLDFLAGS=`$$ver-config --ldflags || $$ver-config --ldflags`; \\\n"
            "\t\t$(CC) $$PCFLAGS -c -o $$ver/snack.o snack.c; \\\n"
            "\t\t$(CC) --shared $$PLDFLAGS -o $$ver/_snack.so $$ver/snack.o -lnewt; \\\n\tdone\n"
        ),
    ),
    "a student's SWIG module": (
        (
            "_phylib.so: phylib_wrap.o libphylib.so\n"
            "\t$(CC) $(CFLAGS) -shared -dynamiclib phylib_wrap.o -L. -L/usr/lib/python3.11 "
            "-lpython3.11 -lphylib -o _phylib.so\n"
        ),
        [("NLP201", "-lpython3.11")],
        (
            "_phylib.so: phylib_wrap.o libphylib.so\n"
            "\t$(CC) $(CFLAGS) -shared -dynamiclib phylib_wrap.o -L. -L/usr/lib/python3.11 "
            "-lphylib -o _phylib.so\n"
        ),
    ),
    "SWIG is run in another rule": (
        "x_wrap.c: x.i\n\tswig -python $<\n_x.so: x.o xw.o\n\tgcc -shared $^ -lpython3.10 -o $@\n",
        [("NLP201", "-lpython3.10")],
        "x_wrap.c: x.i\n\tswig -python $<\n_x.so: x.o xw.o\n\tgcc -shared $^ -o $@\n",
    ),
    "a recursive variable": (
        EXT
        + "LDLIBS = -lm $(PY)\nPY = -lpython3.11 -lz\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(LDLIBS)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "LDLIBS = -lm $(PY)\nPY = -lz\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(LDLIBS)\n",
    ),
    "an appended variable, continued": (
        EXT
        + "L = -lm\nL += -lz \\\n\t-lpython3.11 \\\n\t-lx\nm$(EXT): m.o\n\tcc -shared -o $@ $< $L\n",
        [("NLP201", "-lpython3.11")],
        EXT + "L = -lm\nL += -lz \\\n\t-lx\nm$(EXT): m.o\n\tcc -shared -o $@ $< $L\n",
    ),
    "a variable with only the flag": (
        EXT + "L := -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "L :=\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "a comment behind a variable stays": (
        EXT + "L = -lm -lpython3.11 # libraries\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "L = -lm # libraries\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "a variable of the target": (
        EXT + "m$(EXT): LDLIBS += -lm -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(LDLIBS)\n"
        "main: main.o\n\tcc -o $@ $< $(LDLIBS)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT): LDLIBS += -lm\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(LDLIBS)\n"
        "main: main.o\n\tcc -o $@ $< $(LDLIBS)\n",
    ),
    "a variable that a program uses too": (
        EXT
        + "L = -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\nmain: main.o\n\tcc -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "make's own rule uses the variable for a program": (
        EXT
        + "LDLIBS = -lpython3.11\nall: main\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(LDLIBS)\nmain: main.o\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "--embed in the recipe": (
        (
            "m.cpython-311-x86_64-linux-gnu.so: m.c\n"
            "\tcc -shared $< -o $@ $$(python3-config --cflags --ldflags --embed)\n"
        ),
        [("NLP202", "--embed")],
        (
            "m.cpython-311-x86_64-linux-gnu.so: m.c\n"
            "\tcc -shared $< -o $@ $$(python3-config --cflags --ldflags)\n"
        ),
    ),
    "--embed through a variable for the program": (
        "PYTHON_CONFIG ?= python3-config\n"
        + EXT
        + "m$(EXT): m.c\n\tcc -shared $< -o $@ $(shell $(PYTHON_CONFIG) --embed --libs)\n",
        [("NLP202", "--embed")],
        "PYTHON_CONFIG ?= python3-config\n"
        + EXT
        + "m$(EXT): m.c\n\tcc -shared $< -o $@ $(shell $(PYTHON_CONFIG) --libs)\n",
    ),
    "pkg-config's embedding package": (
        "m.abi3.so: m.c\n\tcc -shared $< -o $@ `pkg-config --cflags --libs python3-embed`\n",
        [("NLP202", "python3-embed")],
        "m.abi3.so: m.c\n\tcc -shared $< -o $@ `pkg-config --cflags --libs python3`\n",
    ),
    "a version from a variable": (
        "V = 3.11\nm.abi3.so: m.c\n\tcc -shared $< -lpython$(V) -lm -o $@\n",
        [("NLP201", "-lpython$(V)")],
        "V = 3.11\nm.abi3.so: m.c\n\tcc -shared $< -lm -o $@\n",
    ),
    "a version that Python is asked for": (
        (
            "V := $(shell python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')\n"
            "m.abi3.so: m.c\n\tcc -shared $< -lpython$(V) -o $@\n"
        ),
        [("NLP201", "-lpython$(V)")],
        (
            "V := $(shell python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')\n"
            "m.abi3.so: m.c\n\tcc -shared $< -o $@\n"
        ),
    ),
    "prefixes put before names": (
        "LIBS = m python3.11 z\nm.abi3.so: m.c\n\tcc -shared $< $(addprefix -l,$(LIBS)) -o $@\n",
        [("NLP201", "python3.11")],
        "LIBS = m z\nm.abi3.so: m.c\n\tcc -shared $< $(addprefix -l,$(LIBS)) -o $@\n",
    ),
    "a substitution reference": (
        "LIBS = python3.11 z\nm.abi3.so: m.c\n\tcc -shared $< $(LIBS:%=-l%) -o $@\n",
        [("NLP201", "python3.11")],
        "LIBS = z\nm.abi3.so: m.c\n\tcc -shared $< $(LIBS:%=-l%) -o $@\n",
    ),
    "a library by path": (
        "m.abi3.so: m.c\n\tcc -shared $< /usr/lib/x86_64-linux-gnu/libpython3.11.so -o $@\n",
        [("NLP201", "/usr/lib/x86_64-linux-gnu/libpython3.11.so")],
        "m.abi3.so: m.c\n\tcc -shared $< -o $@\n",
    ),
    "a library among the prerequisites": (
        "m.abi3.so: m.o -lpython3.11\n\tcc -shared $^ -o $@\n",
        [("NLP201", "-lpython3.11")],
        "m.abi3.so: m.o\n\tcc -shared $^ -o $@\n",
    ),
    "a pattern rule": (
        EXT + "%$(EXT): %.o\n\t$(CC) -shared -o $@ $< -lpython3\n",
        [("NLP201", "-lpython3")],
        EXT + "%$(EXT): %.o\n\t$(CC) -shared -o $@ $<\n",
    ),
    "a pattern rule with a variable of the target": (
        "_a.so: L = -lpython3.11 -lm\nall: _a.so\n_%.so: %_wrap.o\n\tcc -shared $^ $L -o $@\n",
        [("NLP201", "-lpython3.11")],
        "_a.so: L = -lm\nall: _a.so\n_%.so: %_wrap.o\n\tcc -shared $^ $L -o $@\n",
    ),
    "pybind11's headers in the link line": (
        "ex.so: ex.cpp\n\tc++ -O3 -shared -fPIC $$(python3 -m pybind11 --includes) $< -o $@ -lpython3.9\n",
        [("NLP201", "-lpython3.9")],
        "ex.so: ex.cpp\n\tc++ -O3 -shared -fPIC $$(python3 -m pybind11 --includes) $< -o $@\n",
    ),
    "pybind11's headers where the object is compiled": (
        (
            "I := $(shell python3 -m pybind11 --includes)\nex.o: ex.cpp\n\t$(CXX) $(I) -c $< -o $@\n"
            "ex.so: ex.o\n\t$(CXX) -shared $^ -o $@ -lpython3.9\n"
        ),
        [("NLP201", "-lpython3.9")],
        (
            "I := $(shell python3 -m pybind11 --includes)\nex.o: ex.cpp\n\t$(CXX) $(I) -c $< -o $@\n"
            "ex.so: ex.o\n\t$(CXX) -shared $^ -o $@\n"
        ),
    ),
    "C that Cython made": (
        "fast.c: fast.pyx\n\tcython -3 $<\nfast.so: fast.c\n\tgcc -shared -fPIC $< -lpython3.11 -o $@\n",
        [("NLP201", "-lpython3.11")],
        "fast.c: fast.pyx\n\tcython -3 $<\nfast.so: fast.c\n\tgcc -shared -fPIC $< -o $@\n",
    ),
    "the suffix that sysconfig tells": (
        (
            "S = $(shell python3 -c \"import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))\")\n"
            "m$(S): m.o\n\tgcc -shared $^ -lpython3.11 -o $@\n"
        ),
        [("NLP201", "-lpython3.11")],
        (
            "S = $(shell python3 -c \"import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))\")\n"
            "m$(S): m.o\n\tgcc -shared $^ -o $@\n"
        ),
    ),
    "the suffix in a variable with its name": (
        "m$(EXT_SUFFIX): m.o\n\tgcc -shared $^ -lpython3.11 -o $@\n",
        [("NLP201", "-lpython3.11")],
        "m$(EXT_SUFFIX): m.o\n\tgcc -shared $^ -o $@\n",
    ),
    "the branch that is not for Windows": (
        EXT + "ifeq ($(OS),Windows_NT)\nL = -lpython3.11\nelse\nL = -lm -lpython3.11\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "ifeq ($(OS),Windows_NT)\nL = -lpython3.11\nelse\nL = -lm\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "the branch for Linux": (
        EXT + "UNAME := $(shell uname -s)\nifeq ($(UNAME),Linux)\nL = -lm -lpython3.11\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "UNAME := $(shell uname -s)\nifeq ($(UNAME),Linux)\nL = -lm\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "either branch of what nobody knows": (
        EXT + "ifdef DEBUG\nL = -lg -lpython3.11d\nelse\nL = -lm -lpython3.11\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11d"), ("NLP201", "-lpython3.11")],
        EXT + "ifdef DEBUG\nL = -lg\nelse\nL = -lm\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "the middle of a chain": (
        EXT
        + "ifeq ($(A),1)\nL = -la\nelse ifeq ($(A),2)\nL = -lb -lpython3.11\nelse\nL = -lc\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "ifeq ($(A),1)\nL = -la\nelse ifeq ($(A),2)\nL = -lb\nelse\nL = -lc\nendif\n"
        "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    ),
    "a recipe from a define": (
        EXT + "define link\n@echo linking\n$(CC) -shared -o $@ $^ -lpython3.11 -lm\nendef\n"
        "m$(EXT): m.o\n\t$(link)\n",
        [("NLP201", "-lpython3.11")],
        EXT
        + "define link\n@echo linking\n$(CC) -shared -o $@ $^ -lm\nendef\nm$(EXT): m.o\n\t$(link)\n",
    ),
    "a function that is called": (
        EXT
        + "link = $(CC) -shared -o $(1) $(2) -lpython3.11 -lm\nm$(EXT): m.o\n\t$(call link,$@,$^)\n",
        [("NLP201", "-lpython3.11")],
        EXT + "link = $(CC) -shared -o $(1) $(2) -lm\nm$(EXT): m.o\n\t$(call link,$@,$^)\n",
    ),
    "a recipe behind a semicolon": (
        EXT + "m$(EXT): m.o ; @$(CC) -shared -o $@ $< -lpython3.11 -lm\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT): m.o ; @$(CC) -shared -o $@ $< -lm\n",
    ),
    "a recipe that changes folders": (
        EXT + "m$(EXT):\n\tcd src && $(CC) -shared -o ../$@ m.c -lpython3.11 || exit 1\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT):\n\tcd src && $(CC) -shared -o ../$@ m.c || exit 1\n",
    ),
    "a recipe over several lines": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared \\\n\t  -o $@ $^ \\\n\t  -lpython3.11 \\\n\t  -lm\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared \\\n\t  -o $@ $^ \\\n\t  -lm\n",
    ),
    "the last of several lines": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared \\\n\t  -o $@ $^ \\\n\t  -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared \\\n\t  -o $@ $^\n",
    ),
    "library and name apart": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -o $@ $^ -l python3.11 -lm\n",
        [("NLP201", "-l python3.11")],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -o $@ $^ -lm\n",
    ),
    "sysconfig's library": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -o $@ $^ "
        "$(shell python3 -c 'import sysconfig as s; print(s.get_config_var(\"BLDLIBRARY\"))') -lm\n",
        [
            (
                "NLP202",
                "$(shell python3 -c 'import sysconfig as s; print(s.get_config_var(\"BLDLIBRARY\"))')",
            )
        ],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -o $@ $^ -lm\n",
    ),
    "undefined symbols are forbidden": (
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -Wl,--no-undefined -o $@ $^ -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        EXT + "m$(EXT): m.o\n\t$(CC) -shared -o $@ $^\n",
    ),
    "pip is run with the flag": (
        'deps:\n\tLDFLAGS="-L/opt/lib -lpython3.11" pip install .\n',
        [("NLP201", "-lpython3.11")],
        'deps:\n\tLDFLAGS="-L/opt/lib" pip install .\n',
    ),
    "an exported variable reaches setup.py": (
        "export LDFLAGS = -L/opt/lib -lpython3.11\nbuild:\n\tpython3 setup.py build_ext -i\n",
        [("NLP201", "-lpython3.11")],
        "export LDFLAGS = -L/opt/lib\nbuild:\n\tpython3 setup.py build_ext -i\n",
    ),
    "a shell variable of the recipe": (
        "m.abi3.so: m.c\n\tL=-lpython3.11; cc -shared -o $@ $< $$L\n",
        [("NLP201", "-lpython3.11")],
        "m.abi3.so: m.c\n\tL=; cc -shared -o $@ $< $$L\n",
    ),
    "rules that eval reads": (
        EXT + RULES + "$(foreach m,a b,$(eval $(call RULES,$(m),-lm -lpython3.11)))\n",
        [("NLP201", "-lpython3.11")],
        EXT + RULES + "$(foreach m,a b,$(eval $(call RULES,$(m),-lm)))\n",
    ),
    "a flag in what eval reads": (
        EXT + RULES.replace("$(2)", "-lm -lpython3.11") + "$(eval $(call RULES,a))\n",
        [("NLP201", "-lpython3.11")],
        EXT + RULES.replace("$(2)", "-lm") + "$(eval $(call RULES,a))\n",
    ),
    "a variable that eval sets": (
        "$(eval LIBS := -lm -lpython3.11)\nm.abi3.so: m.o\n\t$(CC) -shared -o $@ $^ $(LIBS)\n",
        [("NLP201", "-lpython3.11")],
        "$(eval LIBS := -lm)\nm.abi3.so: m.o\n\t$(CC) -shared -o $@ $^ $(LIBS)\n",
    ),
    "a program that eval reads gets the variable, too": (
        "LIBS = -lpython3.11\n"
        + RULES.replace("$(EXT)", "").replace("-shared", "$(2)")
        + "$(eval $(call RULES,a.abi3.so,-shared $(LIBS)))\n$(eval $(call RULES,a,$(LIBS)))\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "what eval reads has an eval": (
        EXT + RULES + "define BOTH\nLIBS := -lpython3.11 -lm\n"
        "$$(eval $$(call RULES,$(1),$$(LIBS)))\nendef\n$(eval $(call BOTH,a))\n",
        [("NLP201", "-lpython3.11")],
        EXT + RULES + "define BOTH\nLIBS := -lm\n"
        "$$(eval $$(call RULES,$(1),$$(LIBS)))\nendef\n$(eval $(call BOTH,a))\n",
    ),
}

SILENT = {
    "rules that nobody reads": EXT + RULES.replace("$(2)", "-lpython3.11"),
    "rules of programs that eval reads": "define RULES\n$(1): $(1).o\n"
    "\t$$(CC) -o $$@ $$^ -lpython3.11\nendef\n$(foreach m,a b,$(eval $(call RULES,$(m))))\n",
    "rules that eval does not read": EXT + RULES + "$(info $(call RULES,a,-lpython3.11))\n",
    "a program": "main: main.o\n\tcc -o $@ $^ -lpython3.11\n",
    "a program by make's own rule": "LDLIBS = -lpython3.11\nmain: main.o\n",
    "Cython's program": "app: app.c\n\tgcc $< -o $@ $$(python3-config --ldflags --embed)\napp.c: app.py\n\tcython --embed $<\n",
    "a library for embedding": "libbridge.so: b.o\n\tcc -shared -o $@ $^ -lpython3.11\n",
    "an Emacs module": "emacs-module.so: e.o\n\tcc -shared -o $@ $^ -lpython3.11\n",
    "a plug-in": "plugin.so: p.o\n\tcc -shared -fPIC -o $@ $^ $(shell python3-config --ldflags --embed)\n",
    "Verilator's library": "vpi.so: v.o\n\t$(CXX) -shared -o $@ $^ -lpython3.11\n",
    "an archive": "m.a: m.o\n\tar rcs $@ $^ # -lpython3.11 .abi3.so -shared\n",
    "Windows": EXT
    + "ifeq ($(OS),Windows_NT)\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "a program, by two conditions that ask the same": EXT
    + "ifeq ($(EMBED),yes)\nT = app\nelse\nT = m$(EXT)\nendif\n"
    + "ifeq (yes,$(EMBED))\nL = -lpython3.11\nendif\n$(T): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "Windows, in a chain": EXT
    + "ifeq ($(X),1)\nL = -lm\nelse ifeq ($(OS),Windows_NT)\nL = -lpython3.11\nendif\n"
    + "m$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "Windows, the other way about": EXT
    + "ifneq ($(OS),Windows_NT)\nL = -lm\nelse\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "MinGW by uname": EXT
    + "ifneq (,$(findstring MINGW,$(shell uname -s)))\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "Cygwin by uname": EXT
    + 'U := $(shell uname -o)\nifeq "$(U)" "Cygwin"\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n',
    "MSYS by filter": EXT
    + "ifneq ($(filter MSYS% MINGW%,$(shell uname)),)\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "a variable called after Windows": EXT
    + "ifeq ($(WINDOWS),1)\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "an environment variable of Windows": EXT
    + "ifdef MSYSTEM\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "a target called after Windows": EXT
    + "ifeq ($(TARGET),windows)\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "Windows after Linux and macOS": EXT
    + "U = $(shell uname)\nifeq ($(U),Linux)\nL =\nelse ifeq ($(U),Darwin)\nL =\nelse\nL = -lpython3.11\nendif\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "Windows in a function": EXT
    + "L = $(if $(filter Windows_NT,$(OS)),-lpython3.11)\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(L)\n",
    "a MinGW compiler": EXT
    + "m$(EXT): m.o\n\tx86_64-w64-mingw32-gcc -shared -o $@ $< -lpython3.11\n",
    "an Android compiler": EXT
    + "m$(EXT): m.o\n\taarch64-linux-android24-clang -shared -o $@ $< -lpython3.11\n",
    "a Windows module": "m.pyd: m.o\n\tgcc -shared -o $@ $< -lpython3.11\n",
    "the Windows import library": EXT + "m$(EXT): m.o\n\tcc -shared -o $@ $< -lpython311\n",
    "Python 2": EXT + "m$(EXT): m.o\n\tcc -shared -o $@ $< -lpython2.7\n",
    "Python 2 by a variable": "V = 2.7\nm.abi3.so: m.o\n\tcc -shared -o $@ $< -lpython$(V)\n",
    "Boost.Python": EXT + "m$(EXT): m.o\n\tcc -shared -o $@ $< -lboost_python311 -lboost_python3\n",
    "no --embed": EXT + "m$(EXT): m.o\n\tcc -shared -o $@ $< $(shell python3-config --ldflags)\n",
    "pkg-config without embed": EXT
    + "m$(EXT): m.o\n\tcc -shared -o $@ $< $(shell pkg-config --libs python3)\n",
    "--embed for the compiler only": EXT
    + "m$(EXT): m.c\n\tcc -shared -o $@ $< $(shell python3-config --includes --embed)\n",
    "a plug-in compiled with Python's headers": (
        "python.so: plugin.c\n\t$(CC) $(shell python3-config --includes) -c -o plugin.o plugin.c\n"
        "\t$(CC) -shared -o python.so plugin.o $(shell python3-config --ldflags --embed)\n"
    ),
    "a plug-in's framework": "python.so: plugin.o\n\tcc -bundle -o $@ $< -framework Python\n",
    "another framework": EXT + "m$(EXT): m.o\n\tcc -bundle -o $@ $< -framework PythonKit\n",
    "folders": EXT
    + "m$(EXT): m.o\n\tcc -shared -o $@ $< -L/usr/lib/python3.11 -I/usr/include/python3.11\n",
    "filtered away": EXT
    + "L = -lm -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $< $(filter-out -lpython%,$(L))\n",
    "an object that is only compiled": EXT
    + "m.o: m.c\n\tcc -c -shared -o m.abi3.so $< -lpython3.11\n",
    "a line that is shown": EXT + "help:\n\t@echo cc -shared -o m.abi3.so -lpython3.11\n",
    "a comment": EXT
    + "# m.abi3.so: cc -shared -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $<\n",
    "a comment in the recipe": EXT + "m$(EXT): m.o\n\tcc -shared -o $@ $< # -lpython3.11\n",
    "a variable that nothing uses": EXT + "L = -lpython3.11\nm$(EXT): m.o\n\tcc -shared -o $@ $<\n",
    "sed takes it away": EXT
    + "m$(EXT):\n\tsed -i 's/-lpython3.11//' config.mk\n\tcc -shared -o $@ m.c\n",
    "uWSGI": 'deps:\n\tLDFLAGS="-lpython3.11" pip install uwsgi\n',
    "a sub-make": 'all:\n\t$(MAKE) -C src LDFLAGS="-lpython3.11"\n',
    "LIBDIR": EXT
    + "m$(EXT): m.o\n\tcc -shared -o $@ $< -L$(shell python3 -c 'import sysconfig; print(sysconfig.get_config_var(\"LIBDIR\"))')\n",
    "LIBPYTHON, the right idiom": EXT
    + "m$(EXT): m.o\n\tcc -shared -o $@ $< $(shell python3 -c 'import sysconfig; print(sysconfig.get_config_var(\"LIBPYTHON\"))')\n",
    "Termux": "# pkg install python\nm.abi3.so: m.c\n\tclang -shared -o $@ $< -lpython3.11\n",
}


@pytest.mark.parametrize(("before", "expected", "after"), FOUND.values(), ids=FOUND)
def test_what_links_a_module_is_found_and_cut_out(
    before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    assert reported(before, "Makefile") == expected
    assert fixed(before, "Makefile") == (before if after is None else after)


@pytest.mark.parametrize(("before", "expected", "after"), FOUND.values(), ids=FOUND)
def test_windows_line_ends_change_nothing(
    before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    text = before.replace("\n", "\r\n")
    assert [code for code, _ in reported(text, "rules.mk")] == [code for code, _ in expected]
    assert fixed(text, "rules.mk") == (before if after is None else after).replace("\n", "\r\n")


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_may_link_libpython_is_silent(text: str) -> None:
    assert reported(text, "Makefile") == []
    assert fixed(text, "Makefile") == text


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("$(CC) -shared -o $@ $< -lpython3.11", False),
        ("$(CC) -bundle -undefined dynamic_lookup -o $@ $< -lpython3.11", True),
        ("$(CC) -shared -o m.cpython-311-x86_64-linux-gnu.so $< -lpython3.11", True),
    ],
)
def test_a_fix_is_safe_where_macos_needs_nothing_instead(line: str, safe: bool) -> None:
    (finding,) = found(f"m.abi3.so: m.c\n\t{line}\n", "Makefile")
    assert finding.fix is not None
    assert finding.fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)


def test_a_branch_for_linux_alone_is_mended_safely() -> None:
    text = dedent("""\
        ifeq ($(shell uname),Linux)
        L = -lm -lpython3.11
        endif
        m.abi3.so: m.c
        \tcc -shared -o $@ $< $(L)
        """)
    assert "-lpython" not in fixed(text, "Makefile", unsafe=False)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("ifdef A\nL = -lpython3\n", 1),
        ("L = -lpython3\nendif\n", 2),
        ("L = -lpython3\nelse\n", 2),
        ("# -lpython3\ndefine x\ny\n", 2),
    ],
)
def test_what_make_refuses_is_unreadable(text: str, row: int) -> None:
    (finding,) = found(text, "Makefile")
    assert (finding.code, finding.start.row) == ("NLP900", row)


@pytest.mark.parametrize(
    "text",
    {
        "BSD make": ".include <bsd.own.mk>\n.if defined(PYTHON)\nL = -lpython3\n.endif\n.for x in a b\nX+=${x}\n.endfor\n",
        "nmake": "!IFDEF A\nL = python3 -lx\n!ELSE\n!ENDIF\nall: ; cl $(L)\n",
        "an else that is a target": "else: x\n\techo -lpython3\nendif = 3\n",
        "a define with a conditional that is not closed": "define x\nifdef python -l\nendef\n",
        "a recipe of another language": "x:\n\tperl -e 'print \"it'\"'\"'s -lpython3\"\n",
        "quotation that the shell would refuse": "x:\n\techo it's -lpython3\n",
        "a reference that is not closed": "L = $(python -lx\nx:\n\techo $(L\n",
        "tabs before any rule": "\tL = -lpython3\n\tifdef A\n\tendif\n",
        "another recipe prefix": ".RECIPEPREFIX = >\nx:\n>ifdef python -l\n",
    }.values(),
)
def test_what_a_make_accepts_is_read(text: str) -> None:
    assert reported(text, "Makefile") == []


def test_another_recipe_prefix_is_known() -> None:
    text = ".RECIPEPREFIX = >\nm.abi3.so: m.c\n>cc -shared -o $@ $< -lpython3.11 -lm\n"
    assert fixed(text, "Makefile") == text.replace(" -lpython3.11", "")


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# nolibpy: ignore[NLP201] needed here", True),
        ("# noqa: NLP201", True),
        ("# noqa: NLP202", False),
    ],
)
def test_comments_suppress(comment: str, silent: bool) -> None:
    text = f"L = -lpython3.11 {comment}\nm.abi3.so: m.c\n\tcc -shared -o $@ $< $(L)\n"
    assert ("NLP201" not in {finding.code for finding in found(text, "Makefile")}) is silent
    above = "m.abi3.so: m.c\n# nolibpy: ignore[NLP201]\n\tcc -shared -o $@ $< -lpython3.11\n"
    assert found(above, "Makefile") == []
    whole = "# nolibpy: ignore-file\n" + text.replace(comment, "")
    assert found(whole, "Makefile") == []


def test_lines_keep_every_character() -> None:
    text = text_of("""
        A = 1 \\
          2
        x: y ; z
        \tw \\
        v
        define d
        ifdef q
        endef
        """)
    lines = list(make_lexer.lines(text))
    assert "".join(text[line.start : line.end] for line in lines) == text
    assert [line.kind for line in lines] == [
        *("assignment", "rule", "recipe", "define", "text", "endef")
    ]
