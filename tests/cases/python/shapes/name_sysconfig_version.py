import ctypes
import sysconfig

lib = ctypes.PyDLL(f"libpython{sysconfig.get_python_version()}.so")  # expect: NLP101
lib.Py_IsInitialized()
