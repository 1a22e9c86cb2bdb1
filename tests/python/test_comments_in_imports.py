"""Comments in the list of an import outlive the fix that exchanges a name there."""

from __future__ import annotations

import re

import pytest

from no_libpython_dlopen.engine import api

USE = 'print(PyDLL("libpython3.11.so.1.0").Py_GetVersion() != 0)\n'
IMPORTS = (
    "from ctypes import (\n    PyDLL,  # why\n    c_int,  # int\n)\n",
    "from ctypes import (\n    c_int,  # int\n    PyDLL,  # why\n)\n",
    "from ctypes import (\n    c_int,\n    # why\n    PyDLL,\n    sizeof,\n)\n",
    "from ctypes import (PyDLL,  # why\n    c_int)\n",
    "from ctypes import (c_int, PyDLL  # why\n    )\n",
    "from ctypes import (c_int,  # int\n    PyDLL, sizeof)\n",
    "from ctypes import (  # all\n    PyDLL  # why\n)\n",
    "from ctypes import (\n    # why\n    PyDLL,\n)\n",
    "from ctypes import (\n    c_int,\n    PyDLL,\n    # last\n)\n",
    "from ctypes import (\n    PyDLL,  # why\n    pythonapi,  # api\n)\n",
    "from ctypes import (\n    pythonapi,  # api\n    PyDLL,  # why\n    c_int,\n)\n",
    "from ctypes import (pythonapi, # api\n PyDLL) # why\n",
)


@pytest.mark.parametrize("before", ["", "import ctypes\n", "from ctypes import pythonapi\n"])
@pytest.mark.parametrize("imported", IMPORTS)
def test_comments_are_kept(before: str, imported: str) -> None:
    text = before + imported + USE
    result = api.fix_bytes(text.encode(), "program.py", unsafe=False).data.decode()
    assert "pythonapi.Py_GetVersion" in result
    assert re.findall("#.*", result) == re.findall("#.*", text)
    compile(result, "program.py", "exec")


def test_a_name_without_a_comment_still_goes() -> None:
    text = f"from ctypes import (\n    PyDLL,\n    c_int,  # int\n)\n{USE}"
    result = api.fix_bytes(text.encode(), "program.py", unsafe=False).data.decode()
    assert "PyDLL" not in result
    assert "# int" in result
