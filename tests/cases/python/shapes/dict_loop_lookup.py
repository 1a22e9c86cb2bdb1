import ctypes

LIBS = {"c": "libc.so.6", "python": "libpython3.11.so"}
for key in LIBS:
    print(ctypes.CDLL(LIBS[key]))  # expect: NLP101
