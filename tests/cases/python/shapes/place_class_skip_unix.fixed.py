import ctypes
import sys
import unittest


@unittest.skipIf(sys.platform == "win32", "not on Windows")
class TestRuntime(unittest.TestCase):
    def test(self):
        ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
