import ctypes

NAMES = {minor: f"libpython3.{minor}.so" for minor in range(8, 14)}
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
