import ctypes

NAMES = {minor: f"libpython3.{minor}.so" for minor in range(8, 14)}
lib = ctypes.CDLL(NAMES[11])  # expect: NLP101
lib.Py_IsInitialized()
