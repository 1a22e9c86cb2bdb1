"""A name of libpython that Python's syntax spells in pieces or with escapes is found.

Strings that are beside one another are one string, across lines and comments, and each has a
prefix of its own ("String literal concatenation" of the language reference).
"""

from __future__ import annotations

import ast

import pytest

from no_libpython_dlopen.engine.api import check_bytes, fix_bytes

#: Expressions that are ``python3.11``.
SPELLINGS = [
    "'python' '3.11'",
    "'pyt' 'hon3.11'",
    "'p' 'ython3.11'",
    "'py' \"thon3.11\"",
    "'pyth' 'on3.11'",
    "'pytho' 'n3.11'",
    "'pyt' 'hon' '3.11'",
    "'pyt' r'hon3.11'",
    "r'pyt' 'hon3.11'",
    "r'pyt' R'hon3.11'",
    "u'pyt' U'hon3.11'",
    "f'pyt' 'hon3.11'",
    "'pyt' f'hon3.11'",
    "'''pyt''' \"\"\"hon3.11\"\"\"",
    "'pyt''hon3.11'",
    "'pyt' ''  'hon3.11'",
    "'pyt'\n   'hon3.11'",
    "'pyt' # it's one\n  # 'of' two\n  'hon3.11'",
    "'pyt' \\\n 'hon3.11'",
    "'pyt\\\nhon3.11'",
    r"'\x70ython3.11'",
    r"'p\x79thon3.11'",
    r"'pyt\x68on3.11'",
    r"'pyt\150on3.11'",
    r"'\160\171\164\150\157\1563.11'",
    r"'\x70\x79\x74\x68\x6F\x6E3\x2e11'",
    r"'\u0070ython3.11'",
    r"'p\U00000079t\u0068on3.11'",
    r"'p\x79' 't\x68on3.11'",
]
#: Those that are looked for only where something is linked, as they take longer to search for.
IN_SHREDS = ["'py' 'th' 'on' '3.11'", "'p' 'y' 't' 'h' 'o' 'n' '3' '.' '11'"]
#: Those that no command is read with, and Starlark does not have.
OF_CODE = [
    r"'\N{LATIN SMALL LETTER P}ython3.11'",
    r"'pyt\N{LATIN SMALL LETTER H}on3.11'",
    "(b'pyt' b'hon3.11').decode()",
    "(rb'pyt' Rb'hon3.11').decode('ascii')",
    "'pyt%s' % 'hon3.11'",
    "'{}hon3.11'.format('pyt')",
    "f'{\"pyt\"}hon3.11'",
    "''.join(['pyt', 'hon3.11'])",
]
#: Files in which an expression is what is opened or linked, by their names.
PLACES = {
    "a.py": "import ctypes\nb = ctypes.PyDLL('lib' + (NAME) + '.so')\nb.f(r'z')\n",
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(ext_modules=[Extension('a', ['a.c'], libraries=['m', NAME, r'z'])])\n",
    "noxfile.py": "import nox\n@nox.session\ndef t(session):\n"
    "  session.run('gcc', '-shared', '-o', 'a.abi3.so', 'a.o', '-l' NAME, r'z')\n",
    "tasks.py": "import os\nos.system('gcc -shared -o a.abi3.so ' + 'a.o -l' NAME ' -lm')\n",
    "SConstruct": "env = Environment()\nenv.LoadableModule('b', ['a.c'], LIBS=['m', NAME, r'z'])\n",
    "BUILD.bazel": "cc_binary(name='_a.so', linkshared=True, linkopts=['-l' + (NAME), r'z'])\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("path", PLACES)
def test_a_name_in_pieces_is_found(path: str, spelling: str) -> None:
    assert eval(f"({spelling})") == "python3.11"
    code = PLACES[path].replace("NAME", spelling).encode()
    assert [finding.code[:4] for finding in check_bytes(code, path)] in (["NLP1"], ["NLP2"])


@pytest.mark.parametrize("spelling", IN_SHREDS)
@pytest.mark.parametrize("path", [path for path in PLACES if path != "a.py"])
def test_a_name_in_shreds_is_found_where_something_is_linked(path: str, spelling: str) -> None:
    code = PLACES[path].replace("NAME", spelling).encode()
    assert [finding.code for finding in check_bytes(code, path)] == ["NLP201"]


@pytest.mark.parametrize("spelling", OF_CODE)
@pytest.mark.parametrize("path", ["a.py", "setup.py"])
def test_so_is_one_that_code_puts_together(path: str, spelling: str) -> None:
    assert eval(f"({spelling})") == "python3.11"
    code = PLACES[path].replace("NAME", spelling).encode()
    assert len(check_bytes(code, path)) == 1


@pytest.mark.parametrize("spelling", [*SPELLINGS, *IN_SHREDS, *OF_CODE])
def test_the_fix_takes_all_of_its_pieces(spelling: str) -> None:
    code = PLACES["setup.py"].replace("NAME", spelling).encode()
    fixed = fix_bytes(code, "setup.py", unsafe=True).data
    (libraries,) = [
        keyword.value
        for node in ast.walk(ast.parse(fixed))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "libraries"
    ]
    assert ast.literal_eval(libraries) == ["m", "z"]


OTHERS = [
    "'pyt', 'hon3.11'",
    "'pyt' ',hon3.11'",
    "'pyt' 'honqt3.11'",
    "'boost_pyt' 'hon3.11'",
    "'pyt' r'\\x68on3.11'",
    "'pyt\\\\x68on3.11'",
    "'pyt' # 'hon3.11'\n",
    "'pyt' or 'hon3.11'",
    r"'\x71ython3.11'",
]


@pytest.mark.parametrize("spelling", OTHERS)
@pytest.mark.parametrize("path", [path for path in PLACES if path != "a.py"])
def test_other_words_are_not(path: str, spelling: str) -> None:
    code = PLACES[path].replace("(NAME)", "NAME").replace("NAME", spelling)
    if path == "tasks.py":
        code = code.replace(spelling, f"{spelling}\n ")
    assert check_bytes(code.encode(), path) == []


def test_features_of_waf_may_be_in_pieces() -> None:
    code = b"def build(bld):\n  bld(features='c cshlib ' # both\n    'pyext pyembed', target='b')\n"
    assert len(check_bytes(code, "wscript")) == 1
    fixed = fix_bytes(code, "wscript", unsafe=True).data
    assert fixed == code.replace(b" pyembed", b"")
