import ctypes

libs = []
libs += [ctypes.PyDLL("libpython3.11.so")]  # expect: NLP101
