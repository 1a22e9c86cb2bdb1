import ctypes

LIBS = {}
LIBS["python"] = "libpython3.11.so"
lib = ctypes.CDLL(LIBS["python"])  # expect: NLP101
lib.Py_IsInitialized()
