import ctypes


def load(n):
    return None


lib = load(1) or ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
