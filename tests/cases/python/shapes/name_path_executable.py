import ctypes
import sys
import os
lib = ctypes.PyDLL(os.path.join(os.path.dirname(os.path.dirname(sys.executable)), "lib", "libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
