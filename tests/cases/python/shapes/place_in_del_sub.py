import ctypes

d = {}
d["x"] = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
