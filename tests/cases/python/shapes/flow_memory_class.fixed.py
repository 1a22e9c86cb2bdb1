import ctypes
import sys
import gc


class Memory:
    def __init__(self):
        if sys.platform.startswith("win"):
            self.pydll = "python38.dll"
        else:
            self.pydll = "libpython3.8.so"
        self.pd = ctypes.pythonapi  # expect: NLP101
        self.raw_free = self.pd.PyMem_RawFree
        self.raw_free.argtypes = [ctypes.c_void_p]
