import ctypes

soname = lambda minor: "libpython3.%d.so" % minor
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
