import ctypes

for minor in range(13, 7, -1):
    try:
        lib = ctypes.CDLL("libpython3.%d.so" % minor)  # expect: NLP101
        break
    except OSError:
        continue
else:
    raise RuntimeError
lib.Py_IsInitialized()
