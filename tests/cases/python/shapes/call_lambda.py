import ctypes

soname = lambda minor: "libpython3.%d.so" % minor
lib = ctypes.PyDLL(soname(11))  # expect: NLP101
lib.Py_IsInitialized()
