import ctypes
from contextlib import contextmanager


@contextmanager
def runtime():
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    yield lib


with runtime() as api:
    api.Py_IsInitialized()
