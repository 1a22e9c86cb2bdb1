import ctypes

LIBS = [{"name": "libc.so.6"}, {"name": "libpython3.11.so"}]
for lib in LIBS:
    print(ctypes.CDLL(lib["name"]))  # expect: NLP101
