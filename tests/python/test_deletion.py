"""What is left where a preload is deleted."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

PRELOAD = 'ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)'

#: What stands around the preload ``P``, and what is left.
LEFT = {
    "P\nx = 1\n": "x = 1\n",
    "P\n\nx = 1\n": "\nx = 1\n",
    "\nP\nx = 1\n": "\nx = 1\n",
    # Blank lines above and below do not add up.
    "\nP\n\nx = 1\n": "\nx = 1\n",
    "\nP\n\n\nx = 1\n": "\n\nx = 1\n",
    "\n\nP\n\nx = 1\n": "\n\nx = 1\n",
    "\n\nP\n\n\nx = 1\n": "\n\nx = 1\n",
    "if x:\n    y = 1\n\n    P\n\n\nz = 1\n": "if x:\n    y = 1\n\n\nz = 1\n",
    "P": "",
    "\nP\n": "",
    # Beside other statements, and where a block would be empty.
    "P;\n": "",
    "P; x = 1\n": "x = 1\n",
    "x = 1; P;\n": "x = 1\n",
    "x = 1; P; y = 2\n": "x = 1; y = 2\n",
    "P  # why\n": "",
    "if x: P\n": "if x: pass\n",
    "if x:\n    P\n": "if x:\n    pass\n",
    "def f():\n    '''doc'''\n    P\n    return 1\n": "def f():\n    '''doc'''\n    return 1\n",
    "x = P\n": "",
}


@pytest.mark.parametrize(("before", "after"), LEFT.items(), ids=LEFT)
def test_a_statement_goes_and_its_surroundings_stay(before: str, after: str) -> None:
    text = "import ctypes\n" + before.replace("P", PRELOAD)
    fixed = api.fix_bytes(text.encode(), "module.py", unsafe=True).data.decode()
    assert fixed == "import ctypes\n" + after
    windows = api.fix_bytes(text.replace("\n", "\r\n").encode(), "module.py", unsafe=True).data
    assert windows.decode() == fixed.replace("\n", "\r\n")
