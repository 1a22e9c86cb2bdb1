import atexit, ctypes
atexit.register(ctypes.CDLL, "libpython3.11.so")  # expect: NLP102
