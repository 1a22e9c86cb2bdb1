import ctypes

cfg = {}
cfg.setdefault("lib", "libpython3.11.so")
ctypes.CDLL(cfg["lib"]).Py_IsInitialized()  # expect: NLP101
