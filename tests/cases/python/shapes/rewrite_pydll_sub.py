from ctypes import pydll
api = pydll["libpython3.11.so"]  # expect: NLP101
api.Py_IsInitialized()
