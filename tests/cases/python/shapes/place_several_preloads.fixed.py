import ctypes

ctypes.CDLL("libstdc++.so.6", ctypes.RTLD_GLOBAL)
ctypes.CDLL("libfoo.so")
