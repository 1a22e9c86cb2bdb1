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


LOAD = 'ctypes.CDLL("libpython3.11.so")'
#: Programs that ask whether the library can be opened.
ASKING = [
    "def f():\n    try:\n        L\n    except OSError:\n        return False\n    return True\n",
    "def f():\n    try:\n        _ = L\n    except OSError as e:\n        print(e)\n        return 1\n",
    "try:\n    L\nexcept OSError:\n    found = False\n",
    "try:\n    L\nexcept OSError as error:\n    raise SystemExit(str(error))\n",
    "try:\n    L\nexcept Exception:\n    sys.exit(1)\n",
    "try:\n    L\nexcept OSError:\n    pass\nelse:\n    print('found')\n",
    "for x in y:\n    try:\n        L\n    except OSError:\n        continue\n",
]
#: Programs that go on alike.
GOING_ON = [
    "try:\n    L\nexcept OSError:\n    pass\n",
    "try:\n    L\nexcept OSError as error:\n    print(error)\n",
    "try:\n    L\nexcept OSError:\n    raise\n",
    "try:\n    L\nexcept KeyError:\n    found = False\n",
    "try:\n    pass\nexcept OSError:\n    L\n    found = False\n",
    "try:\n    L\nfinally:\n    x = 1\n",
    "try:\n    def f():\n        L\nexcept OSError:\n    found = False\n",
]


@pytest.mark.parametrize("text", ASKING)
def test_a_load_whose_outcome_is_asked_for_stays(text: str) -> None:
    code = "import ctypes, sys\n" + text.replace("L", LOAD)
    (finding,) = api.check_bytes(code.encode(), "module.py")
    assert (finding.code, finding.fix) == ("NLP102", None)
    assert finding.no_fix_reason == "the program asks whether the library can be opened"
    assert "--unsafe-fixes" not in finding.message


@pytest.mark.parametrize("text", GOING_ON)
def test_a_load_whose_outcome_is_only_shown_is_a_preload(text: str) -> None:
    code = "import ctypes, sys\n" + text.replace("L", LOAD)
    (finding,) = api.check_bytes(code.encode(), "module.py")
    assert finding.fix is not None


@pytest.mark.parametrize("text", ASKING)
def test_a_load_that_makes_symbols_global_is_a_preload(text: str) -> None:
    code = "import ctypes, sys\n" + text.replace("L", PRELOAD)
    (finding,) = api.check_bytes(code.encode(), "module.py")
    assert finding.fix is not None


@pytest.mark.parametrize("deleted", ["lib", "lib, name", "(name, lib)", "[lib, ctypes]"])
def test_a_deleted_name_is_no_use_of_the_library(deleted: str) -> None:
    text = (
        'import ctypes\nname = "libpython3.11.so"\nlib = ctypes.PyDLL(name)\n'
        f"lib.PyErr_Clear()\ndel {deleted}\n"
    )
    fixed = api.fix_bytes(text.encode(), "module.py", unsafe=False).data.decode()
    assert fixed == text.replace("ctypes.PyDLL(name)", "ctypes.pythonapi")
