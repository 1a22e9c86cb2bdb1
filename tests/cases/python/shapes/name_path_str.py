import ctypes
api = ctypes.PyDLL(str((Path.home() / ".pyenv/versions/3.11.7/lib/libpython3.11.so").resolve()))  # expect: NLP101
api.Py_IsInitialized()
