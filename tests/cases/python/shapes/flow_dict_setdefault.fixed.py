import ctypes

cfg = {}
cfg.setdefault("lib", "libpython3.11.so")
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
