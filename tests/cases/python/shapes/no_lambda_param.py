load = lambda ctypes: ctypes.CDLL("libpython3.11.so")
