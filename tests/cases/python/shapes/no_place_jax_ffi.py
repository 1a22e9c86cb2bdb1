import ctypes

jl = ctypes.CDLL("libjax.so")
