import ctypes


async def f():
    lib = ctypes.pythonapi  # expect: NLP101
    return lib.Py_GetVersion()
