import ctypes


def soname(which):
    if which == "python":
        return "libpython3.11.so"
    elif which == "c":
        return "libc.so.6"


lib = ctypes.CDLL(soname("c"))
lib.f()
