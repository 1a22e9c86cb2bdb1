import ctypes
from contextlib import contextmanager


@contextmanager
def library():
    yield "libpython3.11.so"


with library() as name:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
