import ctypes, registry
registry.register(ctypes.CDLL, "libpython3.11.so")
