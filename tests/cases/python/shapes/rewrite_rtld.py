from ctypes import CDLL, RTLD_GLOBAL
api = CDLL("libpython3.11.so", mode=RTLD_GLOBAL)  # expect: NLP101
api.Py_IsInitialized()
