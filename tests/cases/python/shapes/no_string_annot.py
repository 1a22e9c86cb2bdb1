import ctypes

x: "ctypes.CDLL('libpython3.11.so')" = None
