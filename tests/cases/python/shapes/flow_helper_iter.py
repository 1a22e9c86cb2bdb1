import ctypes
import os
import sys
import sysconfig


def candidate_names():
    v = sysconfig.get_config_var("VERSION")
    for suffix in ("", "m", "d"):
        yield f"libpython{v}{suffix}.so"
    yield "libpython3.so"


def find():
    libdir = sysconfig.get_config_var("LIBDIR")
    for name in candidate_names():
        path = os.path.join(libdir, name)
        if os.path.exists(path):
            return path
    return None


lib = ctypes.PyDLL(find())  # expect: NLP101
lib.Py_IsInitialized()
