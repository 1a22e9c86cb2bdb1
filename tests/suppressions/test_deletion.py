"""A comment that suppresses nothing is deleted only if the file means the same without it."""

from __future__ import annotations

import json

import pytest

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.add_suppressions import add_suppressions
from no_libpython_dlopen.engine.api import DEFAULT, check_bytes, fix_bytes, text_kind
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.suppressions.changed_code import changed_code

IGNORE = "# nolibpy: ignore[NLP201]"
LOAD = 'import ctypes; ctypes.PyDLL("libpython3.11.so").PyErr_Clear()'
#: Texts that only look like a comment; nothing is reported of them.
DATA = {
    "build.sh": (
        "cat > a <<EOF\n@\nEOF\n",
        "cat > a <<'EOF'\nx  @\nEOF\n",
        "cat > a <<-E\\OF\n\t@\n\tEOF\n",
        "cat > a <<A <<B\n@\nA\n@\nB\n",
        "cat > a <<EOF\nx \\\nEOF\n@\nEOF\n",
        "cat > a <<EOF\nEO\\\nF\n",
        "x='\n@\n'\n",
        'x="\n@\n"\n',
        'x="$(echo "\n@\n")"\n',
        "x=$'\\'\n@\n'\n",
        "x=${y:-'\n@\n'}\n",
        f"echo {IGNORE[1:]}\n",
        "case x in !(a @\n|b)) ;; esac\n",
        "[[ x == +(a|b @\n) ]]\n",
        "exit 0\n@\npayload\n",
        "#!/bin/sh\n'''exec' python3 \"$0\"\n'\n@\n'\n",
        "exec python3 -x \"$0\"\nx = '\n@\n'\n",
    ),
    "Dockerfile": (
        "FROM a\nENV A=b @\n",
        "FROM a\nLABEL a='b @'\n",
        "FROM a\nCOPY <<EOF /a\n@\nEOF\n",
        "FROM a\nCOPY <<EOF /a\n EOF\n@\nEOF\n",
        "FROM a\nCOPY <<'EOF' /a\n\tEOF\n@\nEOF\n",
        "FROM a\nCOPY <<1 /a\n@\n1\n",
        "FROM a\nCOPY <<end-of-file /a\nend\n@\nend-of-file\n",
        'FROM a\nCOPY <<"1.txt" <<b /a/\n@\n1.txt\n@\nb\n',
        "FROM a\nRUN <<EOF\ncat > a <<B\n@\nB\nEOF\n",
        "FROM a\nRUN echo 'a \\\n  @ \\\n b'\n".replace("  @", "  x @"),
        'FROM a\nRUN ["echo", "a @"]\n',
        "# escape=`\nFROM a\nRUN echo a `\n b @ `\n c\n",
        "FROM mcr.microsoft.com/windows\nRUN echo a @\n",
        'FROM a\nSHELL ["pwsh"]\nRUN echo a @\n',
    ),
    "Makefile": (
        "define X\n@\nendef\n",
        "define X =\ndefine Y\n@\nendef\nx @\nendef\n",
        f"X = a \\{IGNORE}\n",
        "X = $(subst (,a,b @)\n",
        "all:\n\techo 'a \\\n@ \\\n'\n",
        ".ONESHELL:\nall:\n\tcat <<EOF\n\tx @\n\tEOF\n",
        "SHELL = python3\nall:\n\tx = ''' @\n",
        *(
            f"{line}\nall:\n\tprint('a\\' @')\n"
            for line in (
                "all: SHELL := /usr/bin/python3",
                "%: SHELL=python3",
                "SHELL = pwsh",
                "SHELL = xonsh",
                "define SHELL\npython3\nendef",
                "$(eval SHELL = python3)",
                "SHE$(X)LL = python3",
                "$(X) = python3",
                "all: $(X) = python3",
                "${S}${H} := python3",
                "SHELL = $(X)",
                "SHELL = \\\n  python3",
                "export SHELL = python3",
                "SHELL = sh\nSHELL += -x",
                "include a.mk",
                "-include a.mk",
                "all: .SHELLFLAGS = -n",
                ".SHELL: name=csh",
                "$(call set,SHELL)",
                "MAKESHELL = python3",
                "SHELL::=python3",
                "$(guile (a))",
            )
        ),
        "all: ; echo 'a' \\@\n",
    ),
    "Makefile.am": ("define X\n@\nendef\n",),
    "build.rs": (
        'fn main() { let a = "\n// @"; }\n',
        'fn main() { let a = (\'"\', "// @"); }\n',
        'fn main() { let a = (b\'"\', "\n// @\n"); }\n',
        'fn main() { let a = r#"\n"// @\n"#; }\n',
        "fn main() { /* /* */ // @\n */ }\n",
    ),
    "CMakeLists.txt": (
        "set(A [[\n@\n]])\n",
        "set(A [==[\n]]@\n]==])\n",
        'set(A "\n@\n")\n',
        "#[[\n@\n]]\n",
        "#[=[ ]]\n@\n]=]\n",
    ),
    "meson.build": ("project('a')\nx = '''\n@\n'''\n", "x = f'''a\\'''\ny = '''\n@'''\n"),
    "pyproject.toml": (
        '[a]\nb = """\n@\n"""\n',
        "[a]\nb = '''\n@\n'''\n",
        '[a]\nb = """a \\\n  @\n""""\n',
        '[a]\nb = "x @"\n',
    ),
    "Cargo.toml": ('[a]\nb = """\n@\n"""\n',),
    "setup.cfg": ("[a]\nb = c @\n", "[a]\nb = c\n  d @\n"),
    "a.py": ('x = """\n@\n"""\n', "x = '\\\n@'\n", 'x = f"""{1}\n@\n"""\n', "x = rb'\\'@'\n"),
    "m.pyx": ('x = """\n@\n"""\n', "cdef char c = b'\"'\nx = '''\n@'''\n"),
    "SConstruct": ('x = """\n@\n"""\n',),
    "BUILD.bazel": ('x = """\n@\n"""\n',),
    "wscript": ('x = """\n@\n"""\n',),
    "default.nix": tuple(
        f"{{ a = {text}; }}\n"
        for text in (
            *('"\n@\n"', "''\n@\n''", "''\n ''' @\n''", "''\\n @\n''", "''\na''\\' @\n''"),
            *("''\n''\\\n@\n''", "''\n''\\${ @\n''", "''\n''${a @\n''", "''$${ @\n''"),
            *('"$${ @"', '"\\${ @"', '"\\" @"', '"a$" + "\n@\n"', "''a$'' + ''\n@\n''"),
            *("'' ${if x then ''\n@\n'' else b} ''", '"${"\n@\n"}"', "''${b {c = ''\n@\n'';}}''"),
            *("''${\"${''\n@\n''}\"}''", "''${{a = {b = 1;};}.a}\n@\n''", '"${a}\n@\n"'),
            *("f'' ''\n@\n''", "a./b/${c}d ''\n@\n''", "x.${\"y\"} ''\n@\n''", "'''$'' + \"@\""),
        )
    ),
}
#: Comments without which the file would mean something else, or that may be data.
KEPT = {
    "build.sh": (
        "@\n#!/bin/sh\n",
        "#!/bin/sh @\n",
        "echo a \\\n@\necho b\n",
        "echo a && \\\n@\necho b\n",
        "echo a\n@\necho 'b\n",
        "echo a\r@\necho b\n",
        "echo a\v@\n",
        "echo a\f@\n",
    ),
    "Dockerfile": (
        "@\n# escape=`\nFROM a\n",
        "@\n# syntax=docker/dockerfile:1\nFROM a\n",
        "# syntax=a\n@\n#escape = `\nFROM a\n",
        "@\n//syntax=a\nFROM a\n",
        "@ # escape=`\nFROM a\n",
        "#!/usr/bin/env docker\n@\n# check=skip=all\nFROM a\n",
    ),
    "Makefile": ("all:\n\t@\n", "a: b\n\t@\n\nc:\n\ttrue\n", "all:\n\ttrue \\\n@\n\tfalse\n"),
    "setup.cfg": ("a\n@\n",),
    "CMakeLists.txt": ("@\nset(A\n",),
    "meson.build": ("@\nx = [\n",),
    "pyproject.toml": ("@\n[a\n",),
    "build.rs": ("fn main() {}\n/// @\nfn a() {}\n", '// @\nlet a = "\n'),
    "a.py": (
        "@\n#!/usr/bin/python3\n",
        "#!/usr/bin/python3 @\nx = 1\n",
        "x = 1 \\\n@\ny = 2\n",
        "@\nprint 'a\n",
    ),
    "m.pyx": ("@\nx = '''\n",),
}
#: What is deleted all the same, and what remains.
DELETED = {
    "build.sh": (
        ("echo a @\n", "echo a\n"),
        ("echo a\n@\necho b\n", "echo a\necho b\n"),
        ("cat <<EOF\na\nEOF\n@\necho b\n", "cat <<EOF\na\nEOF\necho b\n"),
        ("cat <<'EOF'\na \\\nEOF\n@\n", "cat <<'EOF'\na \\\nEOF\n"),
        ("f() {\n  exit 1\n}\n@\nf\n", "f() {\n  exit 1\n}\nf\n"),
    ),
    "Dockerfile": (
        ("@\nFROM a\n", "FROM a\n"),
        ("# syntax=a\n@\nFROM a\n", "# syntax=a\nFROM a\n"),
        ("FROM a\n@\n# escape=`\nRUN b\n", "FROM a\n# escape=`\nRUN b\n"),
        ("FROM a\nRUN a \\\n@\n  b\n", "FROM a\nRUN a \\\n  b\n"),
        ("FROM a\r\n@\r\nRUN b\r\n", "FROM a\r\nRUN b\r\n"),
        ("FROM a\nRUN <<-EOF\nb\n\tEOF\n@\n", "FROM a\nRUN <<-EOF\nb\n\tEOF\n"),
        ("FROM a\nRUN echo $((1 << 3))\n@\nRUN b\n", "FROM a\nRUN echo $((1 << 3))\nRUN b\n"),
        ("FROM a\nRUN a \\\n  b @\n", "FROM a\nRUN a \\\n  b\n"),
    ),
    "Makefile": (
        ("@\nX = a\n", "X = a\n"),
        ("X = a @\n", "X = a \n"),  # the blank is part of the value
        ("a: X = a @\n", "a: X = a \n"),
        ("a: b @\n\ttrue\n", "a: b\n\ttrue\n"),
        ("a: b\n@\n\ttrue\n", "a: b\n\ttrue\n"),
        ("a: b\n\ttrue @\n", "a: b\n\ttrue\n"),
        ("define X\na\nendef\n@\n", "define X\na\nendef\n"),
        ("@ a \\\nX = b\n", "# a \\\nX = b\n"),
        *(
            (f"{line}\na: b\n\ttrue @\n", f"{line}\na: b\n\ttrue\n")
            for line in (
                "SHELL = /bin/bash",
                "SHELL := bash",
                "override SHELL ?= /usr/bin/env zsh",
                "export SHELL=dash",
                "X = $(SHELL)",
                "\t${SHELL} a\nSHELLCHECK = shellcheck",
                "X = $(Y) A=b",
                "$(X): a",
                "a: A = $(Y)",
            )
        ),
    ),
    "Makefile.am": (("if A\n@\nX = a\nendif\n", "if A\nX = a\nendif\n"),),
    "build.rs": (
        ("fn main() { let a = '\"'; } // @\n", "fn main() { let a = '\"'; }\n"),
        ("fn main<'a>() {} // @\n", "fn main<'a>() {}\n"),
        ("// @\nfn main() {}\n", "fn main() {}\n"),
    ),
    "CMakeLists.txt": (
        ("set(A @\n  b)\n", "set(A\n  b)\n"),
        ("#[[ a ]] set(A b) @\n", "#[[ a ]] set(A b)\n"),
    ),
    "meson.build": (("x = [ @\n  'a']\n", "x = [\n  'a']\n"), ("@\nx = '#'\n", "x = '#'\n")),
    "pyproject.toml": (("[a] @\nb = [ @\n  1,\n]\n", "[a]\nb = [\n  1,\n]\n"),),
    "Cargo.toml": (("@\n[a]\n", "[a]\n"),),
    "default.nix": (
        *(
            (f"{{ a = {text} @\n}}\n", f"{{ a = {text}\n}}\n")
            for text in (
                *("1;", '"#";', "''#'';", "''a ''' b'';", "''''''';", "''''$'';", "''''\\''';"),
                *("''${b}'';", "''$${b'';", '"$${b";', '"\\${b";', '"${"${c}"}";', "''${''b''}'';"),
                *(
                    "foldl' f;",
                    "f'' 1;",
                    "http://a''b;",
                    "./a/${b}/c;",
                    "<nixpkgs>;",
                    "/* '' */ 1;",
                ),
                *(
                    "''${{ b = 1; }.b}'';",
                    '"${/* } */ b}";',
                    "''$'';",
                    '"$";',
                    'b."c#";',
                    "''a'' + ''b'';",
                ),
            )
        ),
        ("{ a = ''${ @\nb}''; }\n", "{ a = ''${\nb}''; }\n"),
        ('{ a = "${b @\n}"; }\n', '{ a = "${b\n}"; }\n'),
        ("{ a = 1;\n@\n}\n", "{ a = 1;\n}\n"),
    ),
    "setup.cfg": (("[a]\nb =\n  c\n  @\n  d\n", "[a]\nb =\n  c\n  d\n"),),
    "a.py": (
        ("x = 1  @\n", "x = 1\n"),
        ("x = 1\n\f\ny = 2  @\n", "x = 1\n\f\ny = 2\n"),
        ("x = (1 +\n  @\n  2)\n", "x = (1 +\n  2)\n"),
        ("if x:\n    y()\n@\nelse:\n    z()\n", "if x:\n    y()\nelse:\n    z()\n"),
        ("#!/usr/bin/python3\n@\nx = 1\n", "#!/usr/bin/python3\nx = 1\n"),
        ("@\n# -*- coding: utf-8 -*-\n", "\n# -*- coding: utf-8 -*-\n"),
        (f"{LOAD}  # nolibpy: ignore[NLP101, NLP201]\n", f"{LOAD}  # nolibpy: ignore[NLP101]\n"),
        (f"{LOAD}  # noqa: E501,NLP102,NLP101\n", f"{LOAD}  # noqa: E501,NLP101\n"),
        (f"{LOAD}  # noqa: NLP102, NLP101\nNLP101 = 1\n", f"{LOAD}  # noqa: NLP101\nNLP101 = 1\n"),
        (f"# flake8: noqa: NLP101, NLP102\n{LOAD}\n", f"# flake8: noqa: NLP101\n{LOAD}\n"),
    ),
    "m.pyx": (("cdef int x = <int>y @\n", "cdef int x = <int>y\n"),),
    "SConstruct": (("x = 1 @\n", "x = 1\n"),),
    "BUILD.bazel": (("x(a = 1) @\n", "x(a = 1)\n"),),
    "wscript": (("@\ndef build(x): pass\n", "def build(x): pass\n"),),
}


def _cases(table: dict[str, tuple[object, ...]]) -> list[tuple[str, object]]:
    return [(name, case) for name, cases in table.items() for case in cases]


def _spell(name: str, text: str) -> bytes:
    """Return the text with a comment of ours in place of each mark."""
    comment = IGNORE[2:] if name == "build.rs" else IGNORE
    return text.replace("@", comment).encode()


@pytest.mark.parametrize(("name", "text"), _cases(DATA))
def test_what_is_data_is_no_comment(name: str, text: str) -> None:
    data = _spell(name, text)
    assert not [found for found in check_bytes(data, name) if found.code == "NLP901"]
    assert fix_bytes(data, name, unsafe=True).data == data


@pytest.mark.parametrize(("name", "text"), _cases(KEPT))
def test_a_comment_that_the_file_needs_is_reported_without_a_fix(name: str, text: str) -> None:
    data = _spell(name, text)
    assert [found.code for found in check_bytes(data, name)] == ["NLP901"]
    assert fix_bytes(data, name, unsafe=True).data == data


@pytest.mark.parametrize(("name", "case"), _cases(DELETED))
def test_other_comments_are_deleted(name: str, case: tuple[str, str]) -> None:
    before, after = case
    assert fix_bytes(_spell(name, before), name, unsafe=True).data == after.encode()


@pytest.mark.parametrize(
    ("name", "text", "noqa", "found"),
    [
        ("a.py", f"# flake8: noqa\n{LOAD}\n", True, []),
        ("a.py", f"# flake8: noqa: NLP101\n{LOAD}\n", True, []),
        ("a.py", f"# flake8: noqa: NLP101\n{LOAD}\n", False, ["NLP101"]),
        ("a.py", f"{LOAD}  # noqa: NLP101\n", False, ["NLP101"]),
        ("a.py", f"{LOAD}  # nolibpy: ignore[NLP101]\n", False, []),
        (
            "build.sh",
            "# flake8: noqa\ngcc -shared -o m.abi3.so m.o -lpython3.11\n",
            True,
            ["NLP201"],
        ),
    ],
)
def test_comments_of_flake8_count_in_python_unless_they_are_left_to_it(
    name: str, text: str, noqa: bool, found: list[str]
) -> None:
    settings = Settings(noqa=noqa)
    assert [one.code for one in check_bytes(text.encode(), name, settings)] == found


LINK = "gcc -shared -o m.abi3.so m.o -lpython3.11"
#: Where ``--add-noqa`` puts a comment (``@``), or that there is no place for one.
ADDED = {
    "build.sh": (
        (f"{LINK}\n", f"{LINK}  @\n"),
        ("gcc -shared \\\n  -o m.abi3.so m.o \\\n  -lpython3.11 \\\n  -lm\n",),
    ),
    "Makefile": (
        (f"m.abi3.so: m.o\n\t{LINK}\n", f"m.abi3.so: m.o\n\t{LINK}  @\n"),
        (
            "L = -lpython3.11\nm.abi3.so: m.o\n\tgcc -shared -o m.abi3.so m.o $(L)\n",
            "@\nL = -lpython3.11\nm.abi3.so: m.o\n\tgcc -shared -o m.abi3.so m.o $(L)\n",
        ),
    ),
    "Dockerfile": (
        (f"FROM a\nRUN {LINK}\n", f"FROM a\n@\nRUN {LINK}\n"),
        (f"FROM a\nRUN <<EOF\n{LINK}\nEOF\n", f"FROM a\nRUN <<EOF\n@\n{LINK}\nEOF\n"),
        (
            "FROM a\nRUN <<EOF\nls\ngcc -shared m.o \\\n  -o m.abi3.so \\\n  -lpython3.11\nEOF\n",
            "FROM a\nRUN <<EOF\nls\n@\ngcc -shared m.o \\\n  -o m.abi3.so \\\n  -lpython3.11\nEOF\n",
        ),
        (
            "FROM a\nENV L=-lpython3.11\nRUN gcc -shared -o m.abi3.so m.o $L\n",
            "FROM a\n@\nENV L=-lpython3.11\nRUN gcc -shared -o m.abi3.so m.o $L\n",
        ),
    ),
}


@pytest.mark.parametrize(("name", "case"), _cases(ADDED))
def test_a_comment_is_added_where_nothing_else_changes(name: str, case: tuple[str, ...]) -> None:
    data = case[0].encode()
    assert check_bytes(data, name)
    quiet, number, _ = add_suppressions(Source(name, text_kind(name), data), DEFAULT)
    if len(case) > 1:
        assert (quiet.data, number) == (_spell(name, case[1]), 1)
        assert check_bytes(quiet.data, name) == []
    changed = changed_code(Source(name, text_kind(name), data), quiet)
    assert changed is not None
    assert all(isinstance(one, tuple) and one[0] == "here" for one in changed)


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("# noqa: NLP101\n%%bash\nls\n", None),
        ("%%bash\n# noqa: NLP101\n", None),
        ("!ls # noqa: NLP101\n", None),
        ("x = 1  # noqa: NLP101", "x = 1"),
    ],
)
def test_the_magics_of_a_notebook_stay_where_they_are(cell: str, after: str | None) -> None:
    def notebook(source: str) -> bytes:
        cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []}]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()

    fixed = fix_bytes(notebook(cell), "a.ipynb", unsafe=True)
    assert fixed.data == notebook(cell if after is None else after)
