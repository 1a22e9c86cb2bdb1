import ctypes

LIBS = {"c": "libc.so.6", "python": "libpython3.11.so"}
lib = ctypes.CDLL(LIBS["c"])
lib.puts()
