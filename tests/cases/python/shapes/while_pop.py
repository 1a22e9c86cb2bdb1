import ctypes

names = ["libpython3.12.so", "libpython3.11.so"]
while names:
    name = names.pop()
    try:
        lib = ctypes.PyDLL(name)  # expect: NLP101
        lib.Py_IsInitialized()
    except OSError:
        pass
