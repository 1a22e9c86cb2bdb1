import ctypes

LIBS = {"c": "libc.so.6", "python": "libpython3.11.so"}
for name in LIBS.values():
    ctypes.CDLL(name)  # expect: NLP102
