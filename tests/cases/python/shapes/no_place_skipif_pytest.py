import ctypes
import sys
import pytest


@pytest.mark.skipif(sys.platform != "win32", reason="x")
def test():
    ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()
