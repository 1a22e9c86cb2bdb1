from ctypes import LibraryLoader, PyDLL, pythonapi

pydll = LibraryLoader(PyDLL)
lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
