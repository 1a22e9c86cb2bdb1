import ctypes


def first(*names):
    for name in names:
        try:
            return ctypes.PyDLL(name)  # expect: NLP101
        except OSError:
            pass


api = first("libpython3.12.so", "libpython3.11.so")
api.Py_IsInitialized()
