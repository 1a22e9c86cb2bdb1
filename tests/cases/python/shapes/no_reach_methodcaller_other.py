import ctypes, operator
operator.methodcaller("find", "libpython3.11.so")("CDLL")
print(ctypes.CDLL)
