"""Shell scripts and Dockerfiles: which command links an extension module to libpython."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.buildsystems.shell import lexer as shell_words
from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found, reported

CC = "cc -shared -fPIC m.c -o m.abi3.so"
Case = tuple[str, list[tuple[str, str]], str | None]

FOUND: dict[str, Case] = {
    "a flag": (f"{CC} -lpython3.11 -lm\n", [("NLP201", "-lpython3.11")], f"{CC} -lm\n"),
    "the suffix from python3-config": (
        "g++ -shared -o example`python3-config --extension-suffix` e.cpp -lpython3.8\n",
        [("NLP201", "-lpython3.8")],
        "g++ -shared -o example`python3-config --extension-suffix` e.cpp\n",
    ),
    "pybind11's headers": (
        "c++ -O3 -shared $(python3 -m pybind11 --includes) e.cpp -o e.so -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "c++ -O3 -shared $(python3 -m pybind11 --includes) e.cpp -o e.so\n",
    ),
    "--embed": (
        f"{CC} $(python3-config --ldflags --embed)\n",
        [("NLP202", "--embed")],
        f"{CC} $(python3-config --ldflags)\n",
    ),
    "f2py": (
        "f2py -c -m fib fib.f90 -lpython3.10 -lm\n",
        [("NLP201", "-lpython3.10")],
        "f2py -c -m fib fib.f90 -lm\n",
    ),
    "f2py as a module": (
        "python3 -m numpy.f2py fib.f90 -m fib -c -lpython3.10\n",
        [("NLP201", "-lpython3.10")],
        "python3 -m numpy.f2py fib.f90 -m fib -c\n",
    ),
    "--embed first": (
        f"{CC} $(python3.12-config --embed --libs)\n",
        [("NLP202", "--embed")],
        f"{CC} $(python3.12-config --libs)\n",
    ),
    "--embed by a variable": (
        f'FLAGS="$(python3-config --embed --ldflags)"\n{CC} $FLAGS\n',
        [("NLP202", "--embed")],
        f'FLAGS="$(python3-config --ldflags)"\n{CC} $FLAGS\n',
    ),
    "pkg-config": (
        f"{CC} $(pkg-config --libs python-3.11-embed)\n",
        [("NLP202", "python-3.11-embed")],
        f"{CC} $(pkg-config --libs python-3.11)\n",
    ),
    "a variable, quoted": (
        f'LIBS="-lm -lpython3.11"\n{CC} $LIBS\n',
        [("NLP201", "-lpython3.11")],
        f'LIBS="-lm"\n{CC} $LIBS\n',
    ),
    "a variable, bare": (
        f"LIB=-lpython3.11\n{CC} ${{LIB}} -lm\n",
        [("NLP201", "-lpython3.11")],
        f"LIB=\n{CC} ${{LIB}} -lm\n",
    ),
    "a variable of several lines": (
        f'L="\n  -lpython3.11 -lm"\n{CC} $L\n',
        [("NLP201", "-lpython3.11")],
        f'L="\n  -lm"\n{CC} $L\n',
    ),
    "a variable that grows": (
        f'L="-lm"\nL="$L -lpython3.11"\nL+=" -lz"\n{CC} $L\n',
        [("NLP201", "-lpython3.11")],
        f'L="-lm"\nL="$L"\nL+=" -lz"\n{CC} $L\n',
    ),
    "an array": (
        f'L=(\n  -lm\n  "-lpython3.11"\n  -lz\n)\n{CC} "${{L[@]}}"\n',
        [("NLP201", "-lpython3.11")],
        f'L=(\n  -lm\n  -lz\n)\n{CC} "${{L[@]}}"\n',
    ),
    "an array that grows": (
        f'L=(-lm)\nL+=(-lpython3.11 -lz)\n{CC} "${{L[@]}}"\n',
        [("NLP201", "-lpython3.11")],
        f'L=(-lm)\nL+=(-lz)\n{CC} "${{L[@]}}"\n',
    ),
    "a quoted word": (f'{CC} "-lpython3.11" -lm\n', [("NLP201", "-lpython3.11")], f"{CC} -lm\n"),
    "a word quoted in part": (
        f'{CC} -l"python3.11" -lm\n',
        [("NLP201", '-l"python3.11')],
        f"{CC} -lm\n",
    ),
    "a version by a variable": (
        f'PYVER=3.11\n{CC} "-lpython${{PYVER}}" -lm\n',
        [("NLP201", "-lpython${PYVER}")],
        f"PYVER=3.11\n{CC} -lm\n",
    ),
    "a version that is asked for": (
        f"V=$(python3 -c 'import sys; print(sys.version[:4])')\n{CC} -lpython$V\n",
        [("NLP201", "-lpython$V")],
        f"V=$(python3 -c 'import sys; print(sys.version[:4])')\n{CC}\n",
    ),
    "a loop over versions": (
        "for v in 3.10 3.11; do\n  cc -shared m.c -o m.cpython-$v.so -lpython$v\ndone\n",
        [("NLP201", "-lpython$v")],
        "for v in 3.10 3.11; do\n  cc -shared m.c -o m.cpython-$v.so\ndone\n",
    ),
    "a path": (
        f'{CC} "$PREFIX/lib/libpython3.11.so"\n',
        [("NLP201", "$PREFIX/lib/libpython3.11.so")],
        f"{CC}\n",
    ),
    "a case for the other systems": (
        (
            'case "$(uname -s)" in\n  MINGW*|CYGWIN*) L="-lpython3.11" ;;\n  *) L="-lm -lpython3.11" ;;\nesac\n'
            f"{CC} $L\n"
        ),
        [("NLP201", "-lpython3.11")],
        (
            'case "$(uname -s)" in\n  MINGW*|CYGWIN*) L="-lpython3.11" ;;\n  *) L="-lm" ;;\nesac\n'
            f"{CC} $L\n"
        ),
    ),
    "either branch of an open condition": (
        f'if [ -n "$DEBUG" ]; then\n  L="-lg -lpython3.11d"\nelse\n  L="-lm -lpython3.11"\nfi\n{CC} $L\n',
        [("NLP201", "-lpython3.11d"), ("NLP201", "-lpython3.11")],
        f'if [ -n "$DEBUG" ]; then\n  L="-lg"\nelse\n  L="-lm"\nfi\n{CC} $L\n',
    ),
    "a variable that a program uses too": (
        f"L=-lpython3.11\n{CC} $L\ncc main.c -o main $L\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "a function": (
        'build() {\n  local out="$1"\n  cc -shared -o "$out$(python3-config --extension-suffix)" $2 -lpython3.11\n}\nbuild m m.c\n',
        [("NLP201", "-lpython3.11")],
        'build() {\n  local out="$1"\n  cc -shared -o "$out$(python3-config --extension-suffix)" $2\n}\nbuild m m.c\n',
    ),
    "sh -c": (
        f"docker run x bash -c 'cd /io && {CC} -lpython3.11 -lm'\n",
        [("NLP201", "-lpython3.11")],
        f"docker run x bash -c 'cd /io && {CC} -lm'\n",
    ),
    "a subshell behind a condition": (
        f"set -e; (cd src && {CC} -lpython3.11) || exit 1\n",
        [("NLP201", "-lpython3.11")],
        f"set -e; (cd src && {CC}) || exit 1\n",
    ),
    "SWIG": (
        "swig -python -c++ x.i\ng++ -c x_wrap.cxx\ng++ -shared x_wrap.o -o _x.so -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "swig -python -c++ x.i\ng++ -c x_wrap.cxx\ng++ -shared x_wrap.o -o _x.so\n",
    ),
    "Cython": (
        "cython -3 fast.pyx\ngcc -shared -fPIC -o fast.so fast.c -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "cython -3 fast.pyx\ngcc -shared -fPIC -o fast.so fast.c\n",
    ),
    "pip": (
        'LDFLAGS="-L/opt/lib -lpython3.11" pip install numpy\n',
        [("NLP201", "-lpython3.11")],
        'LDFLAGS="-L/opt/lib" pip install numpy\n',
    ),
    "pip with the flag alone": (
        "LDFLAGS=-lpython3.11 pip3 install --no-cache-dir .\n",
        [("NLP201", "-lpython3.11")],
        "LDFLAGS= pip3 install --no-cache-dir .\n",
    ),
    "pip by env": (
        'env LDFLAGS="-lpython3.11 -lm" python3 -m pip install .\n',
        [("NLP201", "-lpython3.11")],
        'env LDFLAGS="-lm" python3 -m pip install .\n',
    ),
    "an exported variable": (
        'export LDFLAGS="-lpython3.11"\npython setup.py build_ext --inplace\n',
        [("NLP201", "-lpython3.11")],
        'export LDFLAGS=""\npython setup.py build_ext --inplace\n',
    ),
    "an exported variable that make sees too": (
        'export LDFLAGS="-lpython3.11"\nmake\npython setup.py build_ext --inplace\n',
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "build_ext's option": (
        "python setup.py build_ext -lpython3.11 --inplace\n",
        [("NLP201", "-lpython3.11")],
        "python setup.py build_ext --inplace\n",
    ),
    "pip with embedding settings": (
        'LDFLAGS="$(python3-config --ldflags --embed)" pip install .\n',
        [("NLP202", "--embed")],
        'LDFLAGS="$(python3-config --ldflags)" pip install .\n',
    ),
    "a preload before Python": (
        "LD_PRELOAD=/usr/lib/libpython3.11.so exec python3 app.py\n",
        [("NLP201", "/usr/lib/libpython3.11.so")],
        None,
    ),
    "one of several preloads": (
        'LD_PRELOAD="libasan.so:libpython3.11.so.1.0" python3.11 -m app\n',
        [("NLP201", "libpython3.11.so.1.0")],
        None,
    ),
    "the last of continued lines": (
        "cc -shared \\\n  -o m.abi3.so m.c \\\n  -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "cc -shared \\\n  -o m.abi3.so m.c\n",
    ),
    "one of continued lines": (
        "cc -shared \\\n  -lpython3.11 \\\n  -o m.abi3.so m.c\n",
        [("NLP201", "-lpython3.11")],
        "cc -shared \\\n  -o m.abi3.so m.c\n",
    ),
}

SILENT = {
    "a program": "cc main.c -o main -lpython3.11\n",
    "Cython's program": "cython --embed a.py\ngcc a.c -o a $(python3-config --ldflags --embed)\n",
    "a library": "cc -shared -o libx.so x.c -lpython3.11\n",
    "a plug-in": "cc -shared -fPIC -o plugin.so x.c $(python3-config --ldflags --embed)\n",
    "MinGW": f'case "$(uname)" in MINGW*|MSYS*) L=-lpython3.11;; esac\n{CC} $L\n',
    "Cygwin": f'if [ "$(uname -o)" = "Cygwin" ]; then L=-lpython3.11; fi\n{CC} $L\n',
    "MSYS by OSTYPE": f'if [[ "$OSTYPE" == "msys" || "$OSTYPE" == "cygwin" ]]; then L=-lpython3.11; fi\n{CC} $L\n',
    "Windows by OS": f'[ "$OS" = "Windows_NT" ] && L=-lpython3.11\n{CC} $L\n',
    "Windows by a function": 'is_windows() { [ "$OS" = "Windows_NT" ]; }\n'
    f"is_windows && L=-lpython3.11\n{CC} $L\n",
    "Windows by an expression": f'if [[ "$OSTYPE" =~ ^(msys|cygwin|win32) ]]; then L=-lpython3.11; fi\n{CC} $L\n',
    "Windows by pattern": f"if [[ $OSTYPE == win32* ]]; then L=-lpython3.11; fi\n{CC} $L\n",
    "Windows after the others": "case $(uname) in\nLinux) L=;;\nDarwin) L=;;\nMINGW*) L=-lpython3.11;;\nesac\n"
    f"{CC} $L\n",
    "a here-document": f"cat > build.sh <<EOF\n{CC} -lpython3.11\nEOF\npython3 x\n",
    "an echo": f'echo "{CC} -lpython3.11"\nprintf "%s" "{CC} -lpython3.11"\n',
    "a comment": f"# {CC} -lpython3.11\n{CC}\n",
    "sed that edits flags": "sed -i 's/-lpython3.11//' Makefile\nsed -i -e 's/-shared m.abi3.so -lpython3.11//' x\n",
    "grep": "ldd m.abi3.so | grep libpython3.11.so && exit 1\n",
    "Termux": 'pkg install python clang\nLDFLAGS="-lpython3.11" pip install numpy\n',
    "Termux by numpy's variable": 'MATHLIB=m LDFLAGS="-lpython3.11" pip install numpy\n',
    "Termux by its folder": "export PREFIX=/data/data/com.termux/files/usr\nLDFLAGS=-lpython3.11 pip install x\n",
    "uWSGI": 'LDFLAGS="-lpython3.11" pip install uwsgi\n',
    "configure": 'LDFLAGS="-lpython3.11" ./configure && make\n',
    "a preload before Java": "LD_PRELOAD=/usr/lib/libpython3.11.so java -jar x.jar\n",
    "a preload before R": "LD_PRELOAD=libpython3.11.so R --vanilla\n",
    "a preload that is exported": "export LD_PRELOAD=libpython3.11.so\n./app\n",
    "another preload": "LD_PRELOAD=libasan.so python3 x.py\n",
    "apt": "apt-get install -y libpython3.11 libpython3.11-dev python3-dev && ls -l\n",
    "CMake's variable": "cmake -DPYTHON_LIBRARY=/usr/lib/libpython3.11.so ..\n",
    "a copy": "cp /usr/lib/libpython3.11.so dist/\nln -s libpython3.11.so x.abi3.so -f\n",
    "f2py that only writes C": "f2py -m fib -h fib.pyf fib.f90 -lpython3.10\n",
    "f2py's other libraries": "f2py -c -m fib fib.f90 -L/usr/lib/python3.10 -lm\n",
    "something called like f2py": "f2pyx -c -m fib fib.f90 -lpython3.10\n",
    "a script in Perl": f"#! /usr/bin/env perl\nprint <<END;\n{CC} -lpython3.11\nEND\nif (1) {{\n",
    "a script in Tcl": f'#!/bin/sh\n# \\\nexec tclsh8.6 "$0" "$@"\nproc f {{x}} {{ {CC} -lpython3.11 }}\nif {{(\n',
    "a script in Tcl, with a comment": '#!/bin/sh\n# it restarts \\\n  exec wish "$0" ${1+"$@"}\nputs (\n',
    "a script in awk": f"#!/usr/bin/awk -f\nBEGIN {{ (\n# {CC} -lpython3.11\n",
    "no embed": f"{CC} $(python3-config --ldflags)\n",
    "Python 2": f"{CC} -lpython2.7\n",
    "the Windows import library": f"{CC} -lpython311\n",
    "an Android compiler": "aarch64-linux-android-clang -shared -o m.abi3.so m.c -lpython3.11\n",
    "pip without the flag": 'LDFLAGS="-L/usr/lib/python3.11" pip install x\n',
    "a variable that is only shown": f"L=-lpython3.11\necho $L\n{CC}\n",
    "a variable set again": f"L=-lpython3.11\nL=\n{CC} $L\n",
}

DOCKER: dict[str, Case] = {
    "a shell form over lines": (
        "FROM debian\nRUN apt-get update && \\\n    # why\n    cc -shared m.c -o m.abi3.so \\\n      -lpython3.11 \\\n      -lm\n",
        [("NLP201", "-lpython3.11")],
        "FROM debian\nRUN apt-get update && \\\n    # why\n    cc -shared m.c -o m.abi3.so \\\n      -lm\n",
    ),
    "an exec form": (
        'FROM x\nRUN ["cc", "-shared", "m.c", "-o", "m.abi3.so", "-lpython3.11", "-lm"]\n',
        [("NLP201", "-lpython3.11")],
        'FROM x\nRUN ["cc", "-shared", "m.c", "-o", "m.abi3.so", "-lm"]\n',
    ),
    "an exec form with a shell": (
        'FROM x\nRUN ["/bin/bash", "-c", "cc -shared m.c -o m.abi3.so -lpython3.11"]\n',
        [("NLP201", "-lpython3.11")],
        'FROM x\nRUN ["/bin/bash", "-c", "cc -shared m.c -o m.abi3.so"]\n',
    ),
    "ENV before pip": (
        'FROM python:3.11\nENV LDFLAGS="-L/opt/lib -lpython3.11" A=b\nRUN pip install .\n',
        [("NLP201", "-lpython3.11")],
        'FROM python:3.11\nENV LDFLAGS="-L/opt/lib" A=b\nRUN pip install .\n',
    ),
    "the old form of ENV": (
        "FROM python:3.11\nENV LDFLAGS -L/opt/lib -lpython3.11\nRUN pip install .\n",
        [("NLP201", "-lpython3.11")],
        "FROM python:3.11\nENV LDFLAGS -L/opt/lib\nRUN pip install .\n",
    ),
    "the old form of ENV with one word": (
        "FROM python:3.11\nENV LDFLAGS -lpython3.11\nRUN pip install .\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "a stage on another": (
        "FROM a AS base\nENV L=-lpython3.11\nFROM base\nRUN cc -shared m.c -o m.abi3.so $L\n",
        [("NLP201", "-lpython3.11")],
        "FROM a AS base\nENV L=\nFROM base\nRUN cc -shared m.c -o m.abi3.so $L\n",
    ),
    "a here-document that is run": (
        "FROM a\nRUN <<EOF\nset -e\ncc -shared m.c -o m.abi3.so -lpython3.11 -lm\nEOF\n",
        [("NLP201", "-lpython3.11")],
        "FROM a\nRUN <<EOF\nset -e\ncc -shared m.c -o m.abi3.so -lm\nEOF\n",
    ),
    "options of RUN": (
        "FROM a\nRUN --mount=type=cache,target=/x LDFLAGS=-lpython3.11 pip install .\n",
        [("NLP201", "-lpython3.11")],
        "FROM a\nRUN --mount=type=cache,target=/x LDFLAGS= pip install .\n",
    ),
    "lines that go on behind a backquote": (
        "# escape=`\nFROM a\nRUN cc -shared m.c -o m.abi3.so -lpython3.11 `  \n  -lm\n",
        [("NLP201", "-lpython3.11")],
        "# escape=`\nFROM a\nRUN cc -shared m.c -o m.abi3.so `  \n  -lm\n",
    ),
    "a line of its own behind a backquote": (
        (
            "# syntax=docker/dockerfile:1\n# escape = `\nFROM a\nRUN cc -shared m.c -o m.abi3.so `\n"
            "  # comment\n  -lpython3.11\nRUN b\n"
        ),
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "a backquote of the shell's": (
        "# a comment\n# escape=`\nFROM a\nRUN cc -shared `ls *.c` -o m.abi3.so \\\n  -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "# a comment\n# escape=`\nFROM a\nRUN cc -shared `ls *.c` -o m.abi3.so\n",
    ),
    "a preload before Python": (
        "FROM a\nCMD LD_PRELOAD=/usr/lib/libpython3.11.so python3 app.py\n",
        [("NLP201", "/usr/lib/libpython3.11.so")],
        None,
    ),
}
DOCKER_SILENT = {
    "apt": "FROM a\nRUN apt-get install -y libpython3.11 -lx\n",
    "ENV LD_PRELOAD alone": "FROM a\nENV LD_PRELOAD=/usr/lib/libpython3.11.so\n",
    "a stage of its own": "FROM a\nENV L=-lpython3.11\nFROM b\nRUN cc -shared m.c -o m.abi3.so $L\n",
    "Windows": "# escape=`\nFROM mcr.microsoft.com/windows/servercore\nRUN gcc -shared m.c -o m.abi3.so `\n  -lpython3.11\n",
    "a stage on one for Windows": "FROM a/windows AS b\nFROM b\nRUN Write-Host it's\n",
    "a stage on one with another shell": 'FROM a AS b\nSHELL ["pwsh", "-c"]\nFROM b\nRUN Say it\'s\n',
    "an image that may be of Windows": "# escape=`\nARG A\nFROM ${A}\nRUN Say it's `\n  'x'\n",
    "a backquote in an instruction": "# escape=`\nFROM a\nENV A=b `\n  B=c\nRUN echo `\n  $B\n",
    "a program": "FROM a\nRUN cc main.c -o main $(python3-config --ldflags --embed)\n",
    "a file that is copied": "FROM a\nCOPY <<EOF /build.sh\ncc -shared m.c -o m.abi3.so -lpython3.11\nEOF\n",
    "a comment": "FROM a\n# RUN cc -shared m.c -o m.abi3.so -lpython3.11\n",
}


def _cases(name: str, cases: dict[str, Case]) -> list[object]:
    return [pytest.param(name, *case, id=f"{name}-{key}") for key, case in cases.items()]


ALL = [*_cases("build.sh", FOUND), *_cases("Dockerfile", DOCKER)]


@pytest.mark.parametrize(("name", "before", "expected", "after"), ALL)
def test_what_links_a_module_is_found_and_cut_out(
    name: str, before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    assert reported(before, name) == expected
    assert fixed(before, name) == (before if after is None else after)


@pytest.mark.parametrize(("name", "before", "expected", "after"), ALL)
def test_windows_line_ends_change_nothing(
    name: str, before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    text = before.replace("\n", "\r\n")
    assert [code for code, _ in reported(text, name)] == [code for code, _ in expected]
    assert fixed(text, name) == (before if after is None else after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(pytest.param("build.sh", text, id=key) for key, text in SILENT.items()),
        *(pytest.param("Dockerfile", text, id=key) for key, text in DOCKER_SILENT.items()),
    ],
)
def test_what_may_link_libpython_is_silent(name: str, text: str) -> None:
    assert reported(text, name) == []
    assert fixed(text, name) == text


def test_a_fix_in_a_container_is_safe_and_one_in_a_script_is_not() -> None:
    (script,) = found(f"{CC} -lpython3.11\n", "build.sh")
    (container,) = found(f"FROM a\nRUN {CC} -lpython3.11\n", "Dockerfile")
    (pip,) = found("LDFLAGS=-lpython3.11 pip install .\n", "build.sh")
    assert [each.fix and each.fix.applicability for each in (script, container, pip)] == [
        Applicability.UNSAFE,
        Applicability.SAFE,
        Applicability.SAFE,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "python3 -l 'x\n",
        'python3 -l "x\n',
        "x=$(python3 -l\n",
        "x=${python3 -l\n",
        "x=`python3 -l\n",
    ],
)
def test_what_the_shell_refuses_is_unreadable(text: str) -> None:
    assert [finding.code for finding in found(text, "build.sh")] == ["NLP900"]


@pytest.mark.parametrize(
    "text",
    {
        "an apostrophe in a comment": "# it's python -l\n",
        "an apostrophe in a here-document": "cat <<EOF\nit's python -l\nEOF\n",
        "a pattern in a substitution": "x=$(case $y in a) python -l;; (b) z;; esac)\n",
        "nested quotation": 'x="$(python -l "a b" \'c\' "${d:-"e"}")"\n',
        "quotation in braces": "x=${y#'}'} # python -l\nz=${x//\"/}\"}\n",
        "arithmetic": "((x = 1 << 2)); y=$((x << 3)); echo $(( 16#ff )) python -l\n",
        "a here-string": 'python -l <<< "it\'s"\n',
        "a here-document with tabs": "if x; then\n\tcat <<-'E'\n\tit's\n\tE\nfi; python -l\n",
        "two here-documents": "cat <<A <<B\nit's\nA\n\"\nB\npython -l\n",
        "ANSI quotation": "x=$'it\\'s python -l'\n",
        "patterns": "shopt -s extglob; rm !(a|b'c') @(python|-l)\n",
        "a here-document that does not end": "cat <<EOF\nit's python -l\n",
        "a dollar at the end": "echo python -l $\n",
        "a backslash at the end": "echo python -l \\",
    }.values(),
)
def test_what_a_shell_accepts_is_read(text: str) -> None:
    assert reported(text, "build.sh") == []
    tokens = shell_words.tokens(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("build.sh", f"{CC} -lpython3.11 # nolibpy: ignore[NLP201] static build\n"),
        ("build.sh", f"{CC} -lpython3.11  # noqa: NLP201\n"),
        ("build.sh", f"# nolibpy: ignore[NLP201]\n{CC} -lpython3.11\n"),
        ("build.sh", f"#!/bin/sh\n# nolibpy: ignore-file\n{CC} -lpython3.11\n"),
        ("Dockerfile", f"FROM a\n# nolibpy: ignore[NLP201]\nRUN {CC} -lpython3.11\n"),
    ],
)
def test_comments_suppress(name: str, text: str) -> None:
    assert found(text, name) == []


@pytest.mark.parametrize("space", ["\xa0", "\x85", "\x1f", "\u2028", "\u3000"])
def test_what_only_unicode_calls_a_space_is_part_of_a_word(space: str) -> None:
    text = f"gcc a{space}b {space}\n"
    words = [text[one.start : one.end] for one in shell_words.tokens(text) if one.kind == "word"]
    assert words == ["gcc", f"a{space}b", space]


AUTOCONFS = "#! /bin/sh\n# Guess values for variables.\n# {by} 2.71 for band 1.0.\n"


@pytest.mark.parametrize(
    ("by", "is_read"),
    [
        ("Generated by GNU Autoconf", False),
        ("Generated from tests.at by GNU Autoconf", False),
        ("Written for GNU Autoconf", True),
    ],
)
def test_what_autoconf_writes_is_not_read(by: str, is_read: bool) -> None:
    text = AUTOCONFS.format(by=by) + "LDFLAGS=-lpython3.11 pip install .\n"
    assert [code for code, _ in reported(text, "configure.sh")] == ["NLP201"] * is_read


@pytest.mark.parametrize("begin", ["((x = ", "for ((x = ", "y=$(("])
def test_arithmetic_that_is_too_long_to_be_told_from_subshells_is_no_silence(begin: str) -> None:
    """What looks like a here-document in it would hide all that follows."""
    end = "; x < 3; x++)); do true; done" if begin.startswith("for") else "))"
    codes = []
    for count in (100, 2_000):
        text = f"#!/bin/bash\n{begin}1 << 2{' + 1' * count}{end}\n"
        text += "gcc -shared -o m.abi3.so m.o -lpython3.11\n"
        codes.append({one.code for one in check_bytes(text.encode(), "a.sh")})
    assert codes[0] == {"NLP201"}
    assert "NLP900" in codes[1]
