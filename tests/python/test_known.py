"""What is said of the standard library, held against the standard library that runs the tests."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import re
import sys
import sysconfig

import pytest

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow import import_tables
from no_libpython_dlopen.python.evaluator.models import stdlib

#: Of modules that are not of the standard library, or no longer, nothing can be asked here.
HERE = [
    name for name in import_tables.STAR_NAMES if name.partition(".")[0] in sys.stdlib_module_names
]
UNIX = pytest.mark.skipif(sys.platform == "win32", reason="it is about plain Unix")
#: Attributes of ``ctypes`` that only Windows' has.
FOREIGN = import_tables.WINDOWS_NAMES | {
    attribute for owner, attribute in platforms.ABSENT if owner == "ctypes"
}


@UNIX
@pytest.mark.parametrize("module", HERE)
def test_what_a_star_import_brings_is_there(module: str) -> None:
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"this Python has no {module}")
    there = vars(importlib.import_module(module))
    assert set(import_tables.STAR_NAMES[module]) - set(there) <= FOREIGN


@UNIX
@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_what_ctypes_has_on_windows_only_is_not_there(name: str) -> None:
    assert not hasattr(ctypes, name)


@UNIX
@pytest.mark.parametrize("module", sorted(import_tables.WINDOWS_ONLY))
def test_a_module_of_windows_or_android_is_not_there(module: str) -> None:
    assert importlib.util.find_spec(module) is None


@UNIX
@pytest.mark.parametrize(("owner", "attribute"), sorted(platforms.ABSENT))
def test_an_attribute_of_windows_or_android_is_not_there(owner: str, attribute: str) -> None:
    assert not hasattr(importlib.import_module(owner), attribute)


@pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_config_var("Py_ENABLE_SHARED"),
    reason="it is about a Linux whose libpython is shared",
)
@pytest.mark.parametrize("variable", sorted(stdlib.CONFIG_VARS))
def test_a_configuration_variable_looks_as_this_python_says(variable: str) -> None:
    pattern = ".*".join(map(re.escape, stdlib.CONFIG_VARS[variable].split(UNKNOWN_PART)))
    assert re.fullmatch(pattern, str(sysconfig.get_config_var(variable)))
