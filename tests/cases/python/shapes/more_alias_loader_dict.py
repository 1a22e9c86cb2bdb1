import ctypes

L = dict(c=ctypes.CDLL, py=ctypes.PyDLL)
lib = L["py"]("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
