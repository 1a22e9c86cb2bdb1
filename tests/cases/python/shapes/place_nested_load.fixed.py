import ctypes
ctypes.pythonapi.PyDict_New(ctypes.pythonapi)  # expect: NLP101 # expect: NLP101
