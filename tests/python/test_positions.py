"""Where a load is reported, and what its fix replaces, in texts that are more than ASCII."""

from __future__ import annotations

import codecs

import pytest

from no_libpython_dlopen.engine import api

LOAD = 'ctypes.PyDLL("libpython3.11.so")'
FIXED = "ctypes.pythonapi"
#: Texts in which ``{}`` is where the load is.
TEXTS = {
    "ascii": "import ctypes\napi = {}\napi.f()\n",
    "two bytes a character": 'import ctypes\nname = "é"\napi = {}\napi.f()\n',
    "three bytes, in the same line": 'import ctypes\nname = "日本"; api = {}\napi.f()\n',
    "four bytes, in a comment": "# 🐍\nimport ctypes\napi = {}  # 🐍\napi.f()\n",
    "a name": "import ctypes\nbibliothèque = {}\nbibliothèque.f()\n",
    "in a function": 'import ctypes\n\n\ndef é():\n    "ä"\n    api = {}\n    return api.f()\n',
    "line ends of Windows": "# ü\r\nimport ctypes\r\napi = {}\r\napi.f()\r\n",
    "parentheses": 'import ctypes\nname = "é"; api = ({})\napi.f()\n',
    "an f-string before it": "import ctypes\nname = f\"{{'é'}}ü\"; api = {}\napi.f()\n",
    "no line end at the end": "# é\nimport ctypes\napi = {}; api.f()",
}
ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-8, declared": lambda text: b"# coding: utf-8\n" + text.encode(),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_load_is_found_where_it_is(text: str, encode) -> None:  # type: ignore[no-untyped-def]
    data = encode(text.format(LOAD))
    (finding,) = api.check_bytes(data, "module.py")
    lines = data.decode("utf-8-sig").split("\n")
    assert lines[finding.start.row - 1][finding.start.column - 1 :].startswith(LOAD)
    assert finding.end.column - finding.start.column == len(LOAD)
    assert api.fix_bytes(data, "module.py", unsafe=False).data == encode(text.format(FIXED))


def test_latin_1_is_read_by_characters() -> None:
    text = '# coding: latin-1\nimport ctypes\nname = "é"; api = {}\napi.f()\n'
    data = text.format(LOAD).encode("latin-1")
    (finding,) = api.check_bytes(data, "module.py")
    assert finding.start.column == len('name = "é"; api = ') + 1
    assert api.fix_bytes(data, "module.py", unsafe=False).data == text.format(FIXED).encode(
        "latin-1"
    )


def test_a_text_that_libcst_does_not_give_back_is_not_rewritten() -> None:
    data = f"import ctypes\n\fapi = {LOAD}\napi.f()\n".encode()
    assert api.fix_bytes(data, "module.py", unsafe=False).data == data
    assert [one.code for one in api.check_bytes(data, "module.py")] == ["NLP900"]
