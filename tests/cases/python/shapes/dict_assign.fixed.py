import ctypes

LIBS = {}
LIBS["python"] = "libpython3.11.so"
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
