import ctypes

ctypes.CDLL("libstdc++.so.6", ctypes.RTLD_GLOBAL)
ctypes.CDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)  # expect: NLP102
ctypes.CDLL("libfoo.so")
