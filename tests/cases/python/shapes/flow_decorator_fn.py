import ctypes


def cached(f):
    return f


@cached
def soname():
    return "libpython3.11.so"


lib = ctypes.PyDLL(soname())  # expect: NLP101
lib.Py_IsInitialized()
