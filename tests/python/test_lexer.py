"""What is code and what is text, without a parser."""

from __future__ import annotations

import ast
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.engine import dispatch
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.knowledge.libpython_names import may_be_part
from no_libpython_dlopen.model.source import Kind, Source
from no_libpython_dlopen.python.syntax.string_scanner import scan_strings

PACKAGES = Path(sysconfig.get_path("purelib"))
CASES = Path(__file__).parents[1] / "cases"
LIBRARY = Path(sysconfig.get_path("stdlib"))


def spells(text: str, *, linked: bool = False) -> bool:
    pieces = scan_strings(text.encode())
    return pieces is None or pieces.may_name_libpython(linked=linked)


@pytest.mark.parametrize(
    ("text", "code", "texts"),
    [
        ("x = 1\n", "x = 1\n", set()),
        ("x = 'a' + \"b\"  # it's 'c'\n", "x =   +     \n", {"a", "b"}),
        ("x = '#'\n", "x =  \n", {"#"}),
        (r"x = 'it\'s' 'a'" + "\n", "x =    \n", {r"it\'s", "a"}),
        ("x = '' + \"\"\n", "x =   +  \n", {""}),
        ("x = '''a'b''c'''\n", "x =  \n", {"a'b''c"}),
        ('x = """a"b""c\n"""\n', "x =  \n", {'a"b""c\n'}),
        ("x = '''\\'''a'''\n", "x =  \n", {"\\'''a"}),
        ("x = rb'a' f\"{b!r}\"\n", "x = rb  f \n", {"a", "{b!r}"}),
        ("x = 'a\\\nb'\n", "x =  \n", {"a\\\nb"}),
    ],
)
def test_texts_and_comments_are_taken_out_of_the_code(
    text: str, code: str, texts: set[str]
) -> None:
    pieces = scan_strings(text.encode())
    assert pieces is not None
    assert pieces.code.decode() == code
    assert {one.decode() for one in pieces.arguments(b"")} == texts


@pytest.mark.parametrize(
    "text",
    [
        *("x = 'a\n", 'x = "a\rb"\n', "x = '''a\n", "print it's\n", "x = 'a\\\r\nb'\n"),
        pytest.param("x = f'{a['b']}'\n", id="a template's own quotes in its hole"),
        pytest.param("x = rf'}}{ {a['b']} }'\n", id="the same behind a brace that is a text"),
    ],
)
def test_what_only_a_parser_can_split_is_left_to_it(text: str) -> None:
    assert scan_strings(text.encode()) is None


def test_a_brace_that_is_never_closed_is_no_template() -> None:
    assert scan_strings(b"x = '{' + f'{a}' + u'}'\n") is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = 'libpython3.11.so'",
        "x = b'libpython3.11.so'",
        "x = 'libpy' 'thon3.11.so'",
        "x = f'lib{name}' 'python{v}'",
        r"x = 'lib\x70ython3.so'",
        r"x = 'libp\171thon3.so'",
        r"x = 'libpy\N{LATIN SMALL LETTER T}hon3.so'",
        "x = 'libpyth\\\non3.so'",
        r"x = '\\libpython3.so'",
        "x = f\"{names['python']}\"",
        'x = f"{dict(python=1)}"',
        "x = get_config_var('LDLIBRARY')",
        "f(\n    'libpython3.so'\n)",
        "f(x,\n  '''libpython3.so'''\n)",
        "x = \\\n'libpython3.so'",
        "x = \\\r\n'libpython3.so'\r",
        "x = {'key':\n  'libpython3.so'\n}",
        "def f(): return 'libpython3.so'",
        "def f():\n    '''Load it.'''\n    return 'libpython3.so'",
        "'''Say libpython3.so.'''\nx = 'libpython3.so'",
        "match x:\n    case (\n 'libpython3.so'\n ):\n        pass",
    ],
)
def test_a_part_of_the_name_is_seen_wherever_a_text_holds_it(text: str) -> None:
    ast.parse(text)
    assert spells(text + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # libpython3.11.so",
        "x = 'A Python'",
        "x = 'CPython 3'",
        "'''The library libpython3.so.'''",
        'def f():\n    """Say libpython3.so."""\n    return 1',
        "class A:\n    'Say libpython3.so.'  # or not",
        "# it's\n'libpython3.so'",
        "x = [\n  1]\n'libpython3.so'\n",
        r"x = '\n'",
        r"x = 'a hon\x00'",
    ],
)
def test_a_name_in_prose_is_none(text: str) -> None:
    ast.parse(text)
    assert not spells(text + "\n")


def test_a_name_among_a_linkers_words_is_told_from_a_files() -> None:
    assert spells("x = '-L. -lpython3.11'\n", linked=True)
    assert not spells("x = '-L. -lpython3.11'\n", linked=False)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("import ctypes\nctypes.CDLL('libpython3.so')", True),
        ("import ctypes\nctypes.CDLL(name)  # '''libpython3.so'''", False),
        ("'''Finds libpython3.so.'''\nimport ctypes\nctypes.CDLL(name)", False),
        ("import ctypes\nctypes.CDLL(*dict(libpython3=1))\n'config_var'", True),
        ("import ctypes\nlibpython3 == ctypes.CDLL(name)", False),
        ("import ctypes, find_libpython as f\nctypes.CDLL(f.find_libpython())\n'python3'", True),
    ],
)
def test_a_load_needs_a_name_that_is_no_prose(text: str, may: bool) -> None:
    ast.parse(text)
    assert prefilter(Kind.PYTHON, text.encode()).may_load is may


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("from setuptools import Extension\nExtension('m', libraries=['python3.11'])", True),
        ("# setuptools.Extension\nf('m', libraries=['python3.11'])", False),
        ("'''An Extension of setuptools.'''\nf('m', libraries=['python3.11'])", False),
        ("from setuptools import Extension\nExtension('m', **{'libraries': ['python3.11']})", True),
        ("from setuptools import Extension as E\ngetattr(e, 'set_libraries')(['python3'])", True),
        ("from setuptools import setup\nsetup('m')  # libraries=python3.11", False),
        ("from setuptools import setup\nsetup('m', libraries='m')\n'''For python3.'''", False),
        ("import setuptools as s\nx = f\"{s.Extension('m', libraries=['python3.11'])}\"", True),
        ("# cython: x\n# distutils: libraries = python3.11", True),
    ],
)
def test_a_link_needs_code_that_makes_and_gives(text: str, may: bool) -> None:
    assert prefilter(Kind.PYTHON, text.encode()).may_link is may


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-16", "gbk", "utf-7"])
def test_bytes_that_are_no_ascii_in_their_encoding_hide_nothing(encoding: str) -> None:
    head = f"# coding: {encoding}\n" if encoding != "utf-16" else ""
    text = head + "import ctypes\nx = '\u8868'\nctypes.CDLL('libpython3.11.so')\n"
    source = Source("m.py", Kind.PYTHON, text.encode(encoding))
    if encoding == "utf-16":  # no Python source, but it must not be dropped in silence
        return
    assert len(list(dispatch.read(source))) == 1


# Against ast


def words_and_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each word of the code, and each text that is no statement by itself."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield "word", node.id
        elif isinstance(node, ast.Attribute):
            yield "word", node.attr
        elif isinstance(node, ast.keyword):
            yield "word", node.arg or ""
        elif isinstance(node, ast.alias):
            yield from (("word", one) for one in node.name.split("."))
        elif isinstance(node, ast.Constant) and id(node) not in prose:
            value = node.value
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            if isinstance(value, str):
                yield "text", value


def check(data: bytes) -> None:
    tree = ast.parse(data)
    pieces = scan_strings(data)
    if pieces is None:
        return
    templates = b"\n".join(pieces.arguments(rb"\{"))
    for what, value in words_and_texts(tree):
        if what == "word" and value.isascii():
            assert value.encode() in pieces.code or value.encode() in templates, value
        if what == "text" and may_be_part(value, linked=True):
            assert pieces.may_name_libpython(linked=True), value


def python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if path.is_file()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("folder", [CASES, PACKAGES, LIBRARY], ids=["cases", "packages", "library"])
def test_nothing_that_ast_sees_is_lost(folder: Path) -> None:
    files = python_files(folder)
    for path in random.Random(0).sample(files, min(len(files), 150)):
        data = path.read_bytes()
        try:
            if Source(str(path), Kind.PYTHON, data).encoding == "utf-8":
                data.decode()
                ast.parse(data)
        except (SyntaxError, ValueError, RecursionError):
            continue
        except Exception:  # noqa: BLE001  an encoding that nobody knows
            continue
        check(data)


PIECES = [
    *("'", '"', "'''", '"""', "\\", "\n", "\r\n", "#", "{", "}", "(", ")", "[", "]", ":", " "),
    *("f'", 'rf"', "b'", "x", "=", "+", ",", "libpython3", "python", "thon3", "lib", "p\\x79thon"),
    *("def f():\n    ", "x = ", "f(", "\n    ", "{{", "}}", "!r"),
]


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_whatever_parses_is_split_as_the_parser_does(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        return
    check(data)
