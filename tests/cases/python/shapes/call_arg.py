import ctypes


def soname(version):
    return "libpython" + version + ".so.1.0"


lib = ctypes.PyDLL(soname("3.11"))  # expect: NLP101
lib.Py_IsInitialized()
