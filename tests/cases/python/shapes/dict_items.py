import ctypes

LIBS = {"c": "libc.so.6", "python": "libpython3.11.so"}
loaded = {key: ctypes.CDLL(name) for key, name in LIBS.items()}  # expect: NLP101
