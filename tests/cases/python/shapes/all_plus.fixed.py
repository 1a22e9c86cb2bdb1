from ctypes import CDLL, pythonapi
__all__ = []
__all__ += ["CDLL"]
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
