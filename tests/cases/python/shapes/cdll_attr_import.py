from ctypes import cdll

cdll.LoadLibrary("libpython3.11.so").Py_IsInitialized()  # expect: NLP101
