import ctypes

libs = list(map(ctypes.CDLL, ["libc.so.6", "libpython3.11.so"]))  # expect: NLP101
