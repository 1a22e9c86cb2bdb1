import ctypes

isinstance(ctypes.pythonapi, ctypes.PyDLL)
