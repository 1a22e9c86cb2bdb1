from ctypes import LibraryLoader, PyDLL

pydll = LibraryLoader(PyDLL)
lib = pydll["libpython3.11.so"]  # expect: NLP101
lib.Py_IsInitialized()
