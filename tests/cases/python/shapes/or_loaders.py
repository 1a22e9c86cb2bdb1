import ctypes


def load(n):
    return None


lib = load(1) or ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
