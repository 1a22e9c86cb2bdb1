import ctypes
import os
import sys
api = ctypes.PyDLL(os.path.realpath(os.path.join(os.path.dirname(sys.executable), "..", "lib", "libpython3.11.so")))  # expect: NLP101
api.Py_IsInitialized()
