from numpy.ctypeslib import load_library

lib = load_library("libpython3.11", "/usr/lib")  # expect: NLP103
lib.Py_IsInitialized()
