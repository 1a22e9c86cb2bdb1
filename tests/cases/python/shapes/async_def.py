import ctypes


async def f():
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    return lib.Py_GetVersion()
