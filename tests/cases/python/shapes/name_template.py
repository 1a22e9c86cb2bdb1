import ctypes
from string import Template

lib = ctypes.PyDLL(Template("libpython$v.so").substitute(v="3.11"))  # expect: NLP101
lib.Py_IsInitialized()
