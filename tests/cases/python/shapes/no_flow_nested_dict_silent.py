import ctypes

CFG = {"libs": {"python": "libpython3.11.so", "c": "libc.so.6"}}
ctypes.CDLL(CFG["libs"]["c"]).puts(b"x")
