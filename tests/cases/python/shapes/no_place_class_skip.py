import ctypes
import sys
import unittest


@unittest.skipUnless(sys.platform == "win32", "Windows only")
class TestRuntime(unittest.TestCase):
    def test(self):
        ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()
