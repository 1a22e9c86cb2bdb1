import ctypes

pythonapi = ctypes.pythonapi  # expect: NLP101
pythonapi.Py_IsInitialized()
