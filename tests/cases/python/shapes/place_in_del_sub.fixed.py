import ctypes

d = {}
d["x"] = ctypes.pythonapi  # expect: NLP101
