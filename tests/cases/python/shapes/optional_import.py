try:
    from ctypes import CDLL
except ImportError:
    CDLL = None
if CDLL is not None:
    api = CDLL("libpython3.11.so")  # expect: NLP101
    api.Py_IsInitialized()
