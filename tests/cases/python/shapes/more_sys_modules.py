import sys
import ctypes

lib = sys.modules["ctypes"].CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
