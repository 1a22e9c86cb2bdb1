import ctypes
from ctypes import LibraryLoader, PyDLL

pydll = LibraryLoader(PyDLL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
