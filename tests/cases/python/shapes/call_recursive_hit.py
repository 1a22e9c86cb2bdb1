import ctypes


def up(n):
    if n == 0:
        return "libpython3.11.so"
    return up(n - 1)


lib = ctypes.PyDLL(up(2))  # expect: NLP101
lib.Py_IsInitialized()
