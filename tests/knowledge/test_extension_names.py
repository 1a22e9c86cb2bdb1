"""Which file names are those of extension modules."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.knowledge.extension_names import has_module_tag, is_extension_module


@pytest.mark.parametrize(
    "name",
    [
        "x.cpython-312-x86_64-linux-gnu.so",
        "x.cpython-313t-darwin.so",
        "x.cpython-37m.so",
        "pkg/x.abi3.so",
        "x.abi3t.so",
        "x.pypy310-pp73-x86_64-linux-gnu.so",
        "x.pypy39-pp73-darwin.so",
        "x.graalpy-38-native-x86_64-linux.so",
        "x.graalpy231-310-native-aarch64-linux.so",
    ],
)
def test_the_name_of_a_module(name: str) -> None:
    assert is_extension_module(name)
    assert has_module_tag(name)


@pytest.mark.parametrize(
    "name",
    [
        "x.so",
        "libx.so.1",
        "x_abi3.so",
        "abi3.so.txt",
        "libpypy3-c.so",
        "libpython3.12.so.1.0",
        "libgraalpy.so",
        "x.abi4.so",
    ],
)
def test_a_name_without_a_tag(name: str) -> None:
    assert not is_extension_module(name)
    assert not has_module_tag(name)
