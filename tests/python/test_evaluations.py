"""How many expressions are evaluated for a file that imports modules of its project."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter


def evaluations(path: Path) -> int:
    """Return how many expressions are evaluated for the check of a file."""
    found = 0

    def note_evaluation(frame: FrameType, event: str, _: object) -> None:
        nonlocal found
        found += event == "call" and frame.f_code is AbstractInterpreter.evaluate.__code__

    before = sys.getprofile()
    sys.setprofile(note_evaluation)
    try:
        api.check_bytes(path.read_bytes(), str(path))
    finally:
        sys.setprofile(before)
    return found


LONG = " + ".join("a" * 100)


def test_a_test_takes_few_steps_in_all_other_modules_together(tmp_path: Path) -> None:
    def count(functions: int) -> int:
        names = [f"f{at}" for at in range(functions)]
        module = "import sys\na = sys.platform\n"
        module += "".join(f"{name} = {LONG}\n" for name in names)
        folder = tmp_path / str(functions)
        folder.mkdir()
        (folder / "m.py").write_text(module)
        path = folder / "a.py"
        path.write_text(
            f"import ctypes\nfrom m import {', '.join(names)}\nif b() == [{', '.join(names)}]:\n    c = 1\n"
            "ctypes.PyDLL('libpython3.11.so').Py_X()\n"
        )
        return evaluations(path)

    assert count(16) < 4 * count(1)


def test_no_object_is_evaluated_for_an_attribute_that_no_module_defines(tmp_path: Path) -> None:
    def count(mark: str) -> int:
        folder = tmp_path / (mark.strip() or "plain")
        folder.mkdir()
        (folder / "m.py").write_text(
            "import ctypes\nclass Loader:\n    def open(self, name):\n"
            f"        return ctypes.PyDLL(name)\n{mark}    def name(self):\n        return 1\n"
        )
        path = folder / "a.py"
        path.write_text(
            f"import ctypes\nfrom m import Loader\na = 'b'\nx = [Loader(), {LONG}]\nx.name\n"
            "Loader().open('libpython3.11.so').Py_X()\n"
        )
        return evaluations(path)

    assert count("") < count("    @property\n") - 100


def test_no_text_is_evaluated_for_a_method_that_no_module_defines(tmp_path: Path) -> None:
    def count(method: str) -> int:
        folder = tmp_path / method
        folder.mkdir()
        (folder / "m.py").write_text(
            "import ctypes\nclass Loader:\n    def open(self, name):\n"
            f"        return ctypes.PyDLL(name)\n    def {method}(self, name):\n        return 1\n"
        )
        path = folder / "a.py"
        path.write_text(
            f"import ctypes\nfrom m import Loader\na = 'b'\nx = [Loader(), {LONG}]\n"
            "y = [x.replace('a', 'b')]\nLoader().open('libpython3.11.so').Py_X()\n"
        )
        return evaluations(path)

    assert count("other") < count("replace") - 100


def test_a_call_is_evaluated_once_for_all_parameters_that_it_gives(tmp_path: Path) -> None:
    def count(parameters: int) -> int:
        names = ", ".join(f"a{at}" for at in range(parameters))
        texts = ", ".join(f"'{at}'" for at in range(parameters))
        path = tmp_path / f"{parameters}.py"
        path.write_text(
            f"import ctypes\ndef load({names}):\n"
            f"    ctypes.PyDLL('libpython3.' + {names.replace(', ', ' + ')}).Py_X()\nload({texts})\n"
        )
        return evaluations(path)

    assert count(64) < 3 * count(32)
