import ctypes

names = []
names.append("libpython3.12.so")
names.append("libpython3.11.so")
for name in names:
    try:
        lib = ctypes.PyDLL(name)  # expect: NLP101
    except OSError:
        continue
    lib.Py_IsInitialized()
