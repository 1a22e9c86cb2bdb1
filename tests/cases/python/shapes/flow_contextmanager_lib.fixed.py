import ctypes
from contextlib import contextmanager


@contextmanager
def runtime():
    lib = ctypes.pythonapi  # expect: NLP101
    yield lib


with runtime() as api:
    api.Py_IsInitialized()
