"""Files with one finding each."""

LINK = "[build_ext]\nlibraries = python3.11\n"
LOAD = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
