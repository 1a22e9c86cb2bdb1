import ctypes
import os

lib = ctypes.CDLL(f"{os.environ['CONDA_PREFIX']}/lib/libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
